import type { AgentPlace } from './agent-link.js';
import type { Enforcement, EngineEvents, EngineFacts } from './engine.js';
import type { Report } from './protocol.js';
import { filterLoader } from './syscall-filter.js';

type Ready = Extract<Report, { say: 'ready' }>;

/** What an agent's findings mean to people. */
export function factsOf(
  { limits, writable, owners }: Ready,
  { rootless, machineNetwork, events }: AgentPlace & { events: EngineEvents },
): EngineFacts {
  const enforced: Enforcement[] = [
    ...(machineNetwork === true ? IN_MACHINE_NETWORK : inSpaces(events)),
    writable
      ? held('files', 'each dyno has its own view of the machine, and what it writes is its own')
      : {
          promise: 'files',
          holds: false,
          how: 'this kernel has no overlays without root: /app is read-only',
        },
    held('processes', 'each dyno has its own processes, without any privilege'),
    limits.memory === 'kernel'
      ? held('memory', 'a control group for each dyno')
      : held('memory', 'looked at every second: control groups can not be written here'),
    held(
      'spikes',
      limits.memory === 'kernel'
        ? 'how far by the control group of each dyno, how long by a look every second'
        : 'looked at every second: control groups can not be written here',
    ),
    held(
      'priority',
      limits.cpu === 'kernel'
        ? 'shares of the control groups of dynos, and whom the kernel ends first'
        : 'niceness, and whom the kernel ends first: control groups can not be written here',
    ),
    limits.cpu === 'kernel'
      ? held('cpu', 'a control group for each dyno')
      : { promise: 'cpu', holds: false, how: 'only niceness: control groups can not be written here' },
    limits.pids === 'kernel'
      ? held('pids', 'counted for each dyno')
      : { promise: 'pids', holds: false, how: 'neither control groups nor user namespaces for it here' },
    syscalls(),
    userLimits(owners),
  ];
  return {
    mode: 'subnet',
    rootless,
    sharedPorts: false,
    enforced,
  };
}

function syscalls(): Enforcement {
  const loader = filterLoader();
  return loader.command === undefined
    ? {
        promise: 'syscalls',
        holds: false,
        how: `io_uring, kernel keys and vsock are open: ${loader.because}`,
      }
    : held('syscalls', 'a seccomp filter for all dynos');
}

function userLimits(owners: Ready['owners']): Enforcement {
  return owners === 'spaces'
    ? held('user_limits', 'the dynos of each space are a user of their own')
    : {
        promise: 'user_limits',
        holds: false,
        how: 'all dynos are one user of this machine, and share what the kernel counts by user: inotify, pipes, keys',
      };
}

const IN_MACHINE_NETWORK = (['isolation', 'broadcast', 'egress', 'loopback_tls'] as const).map(
  (promise): Enforcement => ({ promise, holds: false, how: 'it is in the network of the machine' }),
);

function inSpaces({ onEgress, onLoopbackTls }: EngineEvents): Enforcement[] {
  return [
    held('isolation', 'a bridge for each space, and nothing is passed between them'),
    held('broadcast', 'dynos of a space are on one network'),
    held('egress', onEgress === undefined ? 'there is no way out' : 'only through the proxy of the platform'),
    onLoopbackTls === undefined
      ? { promise: 'loopback_tls', holds: false, how: 'nothing answers there' }
      : held('loopback_tls', "the router's ports at 127.0.0.1 of a dyno lead to the router"),
  ];
}

function held(promise: Enforcement['promise'], how: string): Enforcement {
  return { promise, holds: true, how };
}
