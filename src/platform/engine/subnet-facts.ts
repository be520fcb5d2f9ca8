import type { Enforcement, EngineFacts } from './engine.js';
import type { Report } from './protocol.js';

type Ready = Extract<Report, { say: 'ready' }>;

/** What an agent's findings mean to people. */
export function factsOf(
  { limits, writable, owner }: Ready,
  { rootless }: { rootless: boolean },
): EngineFacts {
  const enforced: Enforcement[] = [
    held('isolation', 'a bridge for each space, and nothing is passed between them'),
    held('broadcast', 'dynos of a space are on one network'),
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
    limits.cpu === 'kernel'
      ? held('cpu', 'a control group for each dyno')
      : { promise: 'cpu', holds: false, how: 'only niceness: control groups can not be written here' },
    limits.pids === 'kernel'
      ? held('pids', 'counted for each dyno')
      : { promise: 'pids', holds: false, how: 'neither control groups nor user namespaces for it here' },
    held('egress', 'only through the proxy of the platform'),
    held('loopback_tls', '127.0.0.1:443 of a dyno leads to the router'),
  ];
  return {
    mode: 'subnet',
    rootless,
    sharedPorts: false,
    enforced,
    ...(owner === undefined ? {} : { owner }),
  };
}

function held(promise: Enforcement['promise'], how: string): Enforcement {
  return { promise, holds: true, how };
}
