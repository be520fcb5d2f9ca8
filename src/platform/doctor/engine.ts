import { accessSync, constants, readFileSync } from 'node:fs';
import { printable } from '../../model/rule.js';
import { whyNoNamespaces } from '../engine/namespaces.js';
import { filterLoader } from '../engine/syscall-filter.js';
import { missingTools, TOOLS, type Tool } from '../engine/tools.js';
import { type Answer, type Check, ok, warning } from './check.js';
import { installCommand, readOsRelease } from './packages.js';
import { ports } from './ports.js';

const LOOPBACK = 'apps of all spaces, and builds, share the loopback network, with nothing between them';
const WITHOUT_GROUPS =
  "dynos' memory is looked at every second, and their processor time has no limit but niceness, by which prod comes first";

/** What running apps takes. Later parts of the platform that need something of the machine add to these. */
export const engineChecks: readonly Check[] =
  process.platform === 'linux'
    ? [
        { name: 'network namespaces', examine: namespaces },
        ...TOOLS.map((tool): Check => ({ name: tool.package, examine: () => lookFor(tool) })),
        { name: 'system call filter', examine: systemCalls },
        { name: 'cgroups', examine: cgroups },
        { name: 'ports', examine: ports },
      ]
    : [
        {
          name: 'network namespaces',
          examine: () => warning(`Only Linux has them: here ${LOOPBACK}.`),
        },
        { name: 'ports', examine: ports },
      ];

/** As the engine tries it, so that both come to the same mode. */
async function namespaces(): Promise<Answer> {
  const missing = missingTools();
  if (missing.length > 0) {
    const names = missing.map((tool) => tool.package);
    return warning(
      `Without ${names.join(' and ')} there are none: ${LOOPBACK}.`,
      names.map(install).join(' && '),
    );
  }
  if (process.geteuid?.() === 0 && (await whyNoNamespaces({ rootless: false })) === undefined)
    return ok('subnets: root can make them');
  const why = await whyNoNamespaces({ rootless: true });
  if (why === undefined) return ok('subnets: this user can make them without root');
  return warning(`This user can't make them (${printable(why)}): ${LOOPBACK}.`, unlock());
}

const KINDS = ['user', 'net', 'mnt', 'pid', 'ipc', 'uts'];

/** What forbids namespaces, in the order of how common it is. */
function unlock(): string {
  if (sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return setting('kernel.apparmor_restrict_unprivileged_userns', '0');
  }
  if (sysctl('kernel/unprivileged_userns_clone') === '0')
    return setting('kernel.unprivileged_userns_clone', '1');
  const kind = KINDS.find((each) => sysctl(`user/max_${each}_namespaces`) === '0');
  if (kind !== undefined) return setting(`user.max_${kind}_namespaces`, '15000');
  return 'A container forbids them: start it with --privileged, or run aka outside of it.';
}

function setting(name: string, value: string): string {
  return `sudo sysctl -w ${name}=${value}`;
}

function sysctl(name: string): string {
  return textOf(`/proc/sys/${name}`).trim();
}

function lookFor({ package: name, programs }: Tool): Answer {
  const missing = missingTools().find((tool) => tool.package === name)?.programs ?? [];
  if (missing.length === 0) return ok(`${programs.join(', ')} ${programs.length > 1 ? 'are' : 'is'} there`);
  const lacks = `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not there`;
  return warning(`${lacks}: ${LOOPBACK}.`, install(name));
}

function install(name: string): string {
  return installCommand(name, readOsRelease(), process.geteuid?.() === 0);
}

function systemCalls(): Answer {
  const { command, because } = filterLoader();
  if (command !== undefined) return ok(`${command[0]} loads a seccomp filter for dynos and builds`);
  return warning(`Dynos and builds can use io_uring, kernel keys and vsock: ${because}.`, install('perl'));
}

/** Limits of memory and processor need a cgroup that this user may divide. */
function cgroups(): Answer {
  const own = textOf('/proc/self/cgroup');
  const unified = /^0::(.*)$/m.exec(own)?.[1];
  if (unified !== undefined && textOf('/sys/fs/cgroup/cgroup.controllers') !== '') {
    return isWritable(`/sys/fs/cgroup${unified}/cgroup.procs`)
      ? ok('version 2, and this user may divide it')
      : warning(
          `Version 2, but this user can't divide it: ${WITHOUT_GROUPS}.`,
          'Start aka in a scope of its own: systemd-run --user --scope -p Delegate=yes aka ...',
        );
  }
  if (isWritable('/sys/fs/cgroup/memory')) return ok('version 1, and this user may divide it');
  return warning(`There are none that this user may divide: ${WITHOUT_GROUPS}.`);
}

/** What is in a file of the system; empty if it has none of that name, or shows it to nobody. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
