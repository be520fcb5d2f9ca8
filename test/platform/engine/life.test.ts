import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { Cgroups } from '../../../src/platform/engine/cgroups.js';
import {
  agentCommand,
  buildProgram,
  describeEngines,
  type Identity,
  readableFolder,
  until,
} from './engines.js';

/** A daemon in small: an engine with two spaces, services and dynos, one of which has forked away. */
const DAEMON = `
import { SubnetEngine } from './src/platform/engine/subnet-engine.js';
import { parsePool } from './src/model/addresses.js';
const { mark, ...options } = JSON.parse(process.argv[2]);
const engine = await SubnetEngine.open({
  ...options,
  pool: parsePool('10.64.0.0/10'),
  events: { onExit: ({ id }) => console.log('exit ' + id), onOutput: (id, from, bytes) => console.log(String(bytes)), onEgress: () => {} },
});
void engine.ended.then((error) => console.log('ended ' + (error?.id ?? 'as asked')));
const dyno = (id, space, address, script) => ({
  id, space, address, hostname: id, slug: options.slug, limits: { memory: 500e6, pids: 100 }, hosts: [],
  program: { argv: ['sh', '-c', script + ' # ' + mark], env: { PATH: '/usr/bin:/bin' } },
});
await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
await engine.ensureSpace({ name: 'b', network: { first: 1, count: 1 } });
await engine.start(dyno('one', 'a', 130, 'trap "" TERM HUP INT; (setsid sh -c "sleep 5000; : ' + mark + '" &) ; echo forked; while :; do sleep 0.1; done'));
await engine.start(dyno('two', 'b', 256 + 130, 'while :; do sleep 0.1; done'));
await engine.setService({ space: 'a', address: 2, port: 80, targets: [{ dyno: 'one', port: 80 }] });
console.log('up');
process.on('SIGTERM', () => void engine.close().then(() => process.exit()));
setInterval(() => {}, 1000);
`;

interface Daemon {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly mark: string;
  said: string;
}

describeEngines('nothing is left behind', (identity) => {
  let daemon: Daemon | undefined;

  afterEach(async () => {
    if (daemon === undefined) return;
    const { child, folder, mark } = daemon;
    child.kill('SIGKILL');
    await until('nothing runs', () => left({ child, folder, mark, said: '' }, new Set()).length === 0);
    rmSync(folder, { recursive: true, force: true });
    // What a daemon was killed over, the next of its name removes.
    await until('its groups are gone', () => {
      Cgroups.open(mark).close();
      return groupsOf(mark).length === 0;
    });
  });

  test.each(['daemon', 'unshare', 'first shell', 'agent'] as const)(
    'after kill -9 of the %s',
    async (victim) => {
      daemon = await startDaemon(identity);
      const before = namespacesOf(daemon);
      expect(before.size).toBeGreaterThan(10);
      process.kill(pidsOf(daemon)[victim], 'SIGKILL');
      await gone(daemon, before);
      if (victim !== 'daemon') {
        await until('the daemon hears of it', () => daemon?.said.includes('ended lost'));
        expect(daemon.said).toMatch(/exit one\n(.*\n)*exit two|exit two\n(.*\n)*exit one/);
      }
    },
  );

  test('after kill -9 of the daemon while the agent hangs', async () => {
    daemon = await startDaemon(identity);
    const before = namespacesOf(daemon);
    process.kill(pidsOf(daemon).agent, 'SIGSTOP');
    daemon.child.kill('SIGKILL');
    await gone(daemon, before);
  });

  test('after it was closed', async () => {
    daemon = await startDaemon(identity);
    const before = namespacesOf(daemon);
    daemon.child.kill('SIGTERM');
    // Behind its exit some of what it said may still be on its way.
    await once(daemon.child, 'close');
    expect(daemon.said).toContain('ended as asked');
    expect([...left(daemon, before), ...groupsOf(daemon.mark)]).toEqual([]);
  });

  test("while it runs, the machine's own network, files and names have nothing of it", async () => {
    const before = hostname();
    daemon = await startDaemon(identity);
    expect(hostname()).toBe(before);
    const { 'first shell': shell, agent } = pidsOf(daemon);
    for (const pid of [shell, agent]) {
      expect(readlinkSync(`/proc/${pid}/ns/uts`)).not.toBe(readlinkSync('/proc/self/ns/uts'));
    }
    expect(readdirSync('/sys/class/net').filter((name) => /^(space|dyno)\d/.test(name))).toEqual([]);
    expect(readFileSync('/proc/net/route', 'utf8')).not.toContain('0040400A');
    expect(readdirSync(join(daemon.folder, 'agent'))).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(daemon.folder);
  });
});

async function startDaemon({ rootless, user }: Identity): Promise<Daemon> {
  const folder = readableFolder();
  const [dir, slug] = [join(folder, 'agent'), join(folder, 'slug')];
  for (const made of [dir, slug]) mkdirSync(made);
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
  const program = join(folder, 'daemon.mjs');
  buildProgram(DAEMON, program);
  const mark = `mark-${process.pid}-${Date.now()}`;
  const options = { dir, slug, name: mark, rootless, user, agent: agentCommand(), mark };
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const daemon: Daemon = { child, folder, mark, said: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      daemon.said += text;
    });
  }
  await until('the daemon is up', () => {
    if (child.exitCode !== null) throw new Error(daemon.said);
    return daemon.said.includes('up') && daemon.said.includes('forked');
  });
  return daemon;
}

/** Its own process, and those below it in the order they started each other. */
function pidsOf({ child }: Daemon): Record<'daemon' | 'unshare' | 'first shell' | 'agent', number> {
  const pids = [child.pid ?? 0];
  while (pids.length < 4) pids.push(childOf(pids.at(-1) ?? 0));
  const [daemon = 0, unshare = 0, shell = 0, agent = 0] = pids;
  return { daemon, unshare, 'first shell': shell, agent };
}

function childOf(parent: number): number {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(parent)], { encoding: 'utf8' });
  return Number(stdout.trim().split(/\s+/)[0]);
}

/** The namespaces of its processes that this test isn't in itself. */
function namespacesOf({ mark, folder }: Daemon): Set<string> {
  const own = new Set(namespacesOfPid('self'));
  const pids = readdirSync('/proc').filter((pid) => belongs(pid, mark, folder));
  return new Set(pids.flatMap(namespacesOfPid).filter((namespace) => !own.has(namespace)));
}

function namespacesOfPid(pid: string): string[] {
  return ['net', 'mnt', 'pid', 'user', 'ipc', 'uts'].flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
    } catch {
      return [];
    }
  });
}

function belongs(pid: string, mark: string, folder: string): boolean {
  if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line.includes(mark) || line.includes(folder);
  } catch {
    return false;
  }
}

/** What runs of it, also in its namespaces. */
function left({ mark, folder, child }: Daemon, namespaces: ReadonlySet<string>): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === child.pid) return [];
    const inside = namespacesOfPid(pid).some((namespace) => namespaces.has(namespace));
    return inside || belongs(pid, mark, folder) ? [`${pid} ${commandOf(pid)}`] : [];
  });
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 100);
  } catch {
    return '';
  }
}

/** The kernel's groups for its limits. */
function groupsOf(mark: string): string[] {
  const { stdout } = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `${mark}*`], {
    encoding: 'utf8',
  });
  return stdout.split('\n').filter(Boolean);
}

async function gone(daemon: Daemon, namespaces: ReadonlySet<string>): Promise<void> {
  let last: string[] = [];
  await until('nothing is left', () => {
    last = left(daemon, namespaces);
    return last.length === 0;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${last.join('\n')}`);
  });
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(daemon.folder);
}
