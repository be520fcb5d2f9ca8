import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Answer, type Check, findProgram, type Machine, ok, succeeds, warning } from './check.js';
import { installCommand, readOsRelease } from './packages.js';

const FOR_APPS = 'needed to run apps, not for the rest';

interface Tool {
  readonly name: string;
  readonly programs: readonly string[];
  readonly package: string;
  /** What it is good for where it isn't needed. */
  readonly optional?: string;
}

const TOOLS: readonly Tool[] = [
  { name: 'util-linux', programs: ['unshare', 'nsenter', 'setpriv'], package: 'util-linux' },
  { name: 'iproute2', programs: ['ip'], package: 'iproute2' },
  { name: 'nftables', programs: ['nft'], package: 'nftables', optional: 'stricter walls between spaces' },
  {
    name: 'bubblewrap',
    programs: ['bwrap'],
    package: 'bubblewrap',
    optional: 'dynos with file systems of their own',
  },
  {
    name: 'pasta',
    programs: ['pasta'],
    package: 'passt',
    optional: 'internet for dynos without root',
  },
];

/** What running apps takes. Later parts of the platform that need something of the machine add to these. */
export const engineChecks: readonly Check[] =
  process.platform === 'linux'
    ? [
        { name: 'network namespaces', examine: namespaces },
        ...TOOLS.map((tool): Check => ({ name: tool.name, examine: ({ env }) => lookFor(tool, env) })),
        { name: 'cgroups', examine: cgroups },
        { name: 'ports', examine: ports },
      ]
    : [
        {
          name: 'network namespaces',
          examine: () => warning('Only Linux has them: here apps of all spaces share the loopback network.'),
        },
        { name: 'ports', examine: ports },
      ];

async function namespaces({ env }: Machine): Promise<Answer> {
  const root = process.geteuid?.() === 0;
  if (await succeeds('unshare', ['-U', '-r', '-n', 'true'], env))
    return ok('this user can make them without root');
  if (root && (await succeeds('unshare', ['-n', 'true'], env))) return ok('root can make them');
  if (findProgram('unshare', env) === undefined) {
    return warning(
      `Whether this user can make them is not known without unshare; ${FOR_APPS}.`,
      install('util-linux'),
    );
  }
  return warning(`This user can't make them; ${FOR_APPS}.`, unlock());
}

/** What forbids namespaces, in the order of how common it is. */
function unlock(): string {
  if (sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return setting('kernel.apparmor_restrict_unprivileged_userns', '0');
  }
  if (sysctl('kernel/unprivileged_userns_clone') === '0')
    return setting('kernel.unprivileged_userns_clone', '1');
  if (sysctl('user/max_user_namespaces') === '0') return setting('user.max_user_namespaces', '15000');
  return 'A container forbids them: start it with --privileged, or run aka outside of it.';
}

function setting(name: string, value: string): string {
  return `sudo sysctl -w ${name}=${value}`;
}

function sysctl(name: string): string {
  return textOf(`/proc/sys/${name}`).trim();
}

function lookFor(tool: Tool, env: NodeJS.ProcessEnv): Answer {
  const missing = tool.programs.filter((program) => findProgram(program, env) === undefined);
  if (missing.length === 0)
    return ok(`${tool.programs.join(', ')} ${tool.programs.length > 1 ? 'are' : 'is'} there`);
  const mend = install(tool.package);
  const lacks = `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not there`;
  return tool.optional === undefined
    ? warning(`${lacks}; ${FOR_APPS}.`, mend)
    : { state: 'ok', says: `${missing.join(', ')} not there; optional: ${tool.optional}`, mend };
}

function install(name: string): string {
  return installCommand(name, readOsRelease(), process.geteuid?.() === 0);
}

/** Limits of memory and processor need a cgroup that this user may divide. */
function cgroups(): Answer {
  const own = textOf('/proc/self/cgroup');
  const unified = /^0::(.*)$/m.exec(own)?.[1];
  if (unified !== undefined && textOf('/sys/fs/cgroup/cgroup.controllers') !== '') {
    return isWritable(`/sys/fs/cgroup${unified}/cgroup.procs`)
      ? ok('version 2, and this user may divide it')
      : warning(
          "Version 2, but this user can't divide it: dynos run without limits of memory and processor.",
          'Start aka in a scope of its own: systemd-run --user --scope -p Delegate=yes aka ...',
        );
  }
  if (isWritable('/sys/fs/cgroup/memory')) return ok('version 1, and this user may divide it');
  return warning(
    'There are none that this user may divide: dynos run without limits of memory and processor.',
  );
}

/** The router takes 443 if it can, and else 8443. */
async function ports(): Promise<Answer> {
  if (await isFree(443)) return ok('443 is free, and this user may take it');
  if (await isFree(8443)) return ok('8443 is free; 443 is taken, or for root only');
  return warning(
    "Neither 443 nor 8443 is free: apps can't be reached by their domains.",
    'See who has it: ss -ltnp "sport = :8443"',
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
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
