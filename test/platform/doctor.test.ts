import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parsePool } from '../../src/model/addresses.js';
import { type Check, type Finding, ok, problem, warning } from '../../src/platform/doctor/check.js';
import { CHECKS, examine } from '../../src/platform/doctor/doctor.js';
import { examineNode } from '../../src/platform/doctor/machine.js';
import { installCommand } from '../../src/platform/doctor/packages.js';
import { openPlatform } from '../../src/platform/embedded.js';
import { agentCommand } from '../../src/platform/engine/agent-command.js';
import { openEngine } from '../../src/platform/engine/open.js';
import { missingTools } from '../../src/platform/engine/tools.js';
import { authorityFolder, openAuthority } from '../../src/platform/router/authority.js';
import { change } from '../../src/platform/services/change.js';
import { Database } from '../../src/platform/store/database.js';
import { Meta } from '../../src/platform/store/meta.js';
import { databaseFile, type Folders } from '../../src/platform/store/store.js';
import { CALLER, fill, inSession, namesIn, newFolder, newFolders } from './sample.js';

/** Of the data only: the rest is of the machine that the tests run on. */
const OF_THE_DATA = CHECKS.filter(({ name }) =>
  [
    'data folder',
    'config folder',
    'sqlite',
    'database',
    'key',
    'audit log',
    'certificate authority',
    'trash',
    'socket path',
    'clock',
  ].includes(name),
);

async function findingsOf(folders: Folders): Promise<Record<string, Finding>> {
  const { checks } = await examine({ ...folders, env: process.env }, OF_THE_DATA);
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

/** Makes an authority so many days ago. */
function authorityOf(days: number): (folders: Folders) => Promise<void> {
  return async (folders) => {
    const db = new Database(databaseFile(folders.dataDir));
    const folder = authorityFolder(folders.configDir, new Meta(db).dataId);
    db.close();
    const made = new Date(Date.now() - days * 86_400_000);
    await openAuthority({ folder, bases: ['localhost'], now: () => made });
  };
}

function rewrite({ dataDir }: Folders, sql: string): void {
  const db = new Database(databaseFile(dataDir));
  db.exec(sql);
  db.close();
}

describe('the doctor', () => {
  test('finds nothing wrong with a platform that works, or is not there yet', async () => {
    const folders = newFolders();
    const states = async () => Object.values(await findingsOf(folders)).map(({ state }) => state);
    expect(new Set(await states())).toEqual(new Set(['ok']));
    await fill(folders, 'demo');
    expect(new Set(await states())).toEqual(new Set(['ok']));
  });

  test('makes nothing: neither data, nor files in what is there', async () => {
    const none = newFolders();
    await examine({ ...none, env: {} });
    expect([existsSync(none.dataDir), existsSync(none.configDir)]).toEqual([false, false]);
    const some = newFolders();
    await fill(some, 'demo', 0);
    const before = namesIn(some.dataDir, /^(?!.*-(wal|shm)$)/);
    await examine({ ...some, env: {} });
    expect(namesIn(some.dataDir, /^(?!.*-(wal|shm)$)/)).toEqual(before);
  });

  const wrong: [string, string, Finding['state'], RegExp, (folders: Folders) => void | Promise<void>][] = [
    [
      'a lost key',
      'key',
      'problem',
      /restore/,
      ({ configDir }) => rmSync(join(configDir, 'keys'), { recursive: true }),
    ],
    ['a key others can read', 'key', 'problem', /chmod 600/, loosenKey],
    ['a key that is another', 'key', 'problem', /restore/, otherKey],
    [
      'an open data folder',
      'data folder',
      'warning',
      /chmod 700/,
      ({ dataDir }) => chmodSync(dataDir, 0o755),
    ],
    [
      'an open config folder',
      'config folder',
      'warning',
      /chmod 700/,
      ({ configDir }) => chmodSync(configDir, 0o750),
    ],
    [
      'an open database',
      'database',
      'problem',
      /chmod 600/,
      ({ dataDir }) => chmodSync(databaseFile(dataDir), 0o644),
    ],
    [
      'a newer database',
      'database',
      'problem',
      /Upgrade/,
      (folders) => rewrite(folders, 'PRAGMA user_version = 99'),
    ],
    [
      'a file that is no database',
      'database',
      'problem',
      /restore/,
      ({ dataDir }) => writeFileSync(databaseFile(dataDir), 'x'.repeat(9000)),
    ],
    ['a damaged database', 'database', 'problem', /restore/, damage],
    [
      'a guard that another program took away',
      'database',
      'problem',
      /restore/,
      (folders) => rewrite(folders, 'DROP TRIGGER audit_is_append_only'),
    ],
    [
      'a trigger of another program',
      'database',
      'problem',
      /restore/,
      (folders) => rewrite(folders, 'CREATE TRIGGER more AFTER INSERT ON spaces BEGIN DELETE FROM apps; END'),
    ],
    ['a forged audit log', 'audit log', 'problem', /restore/, forge],
    ['a clock that went back', 'audit log', 'warning', /date/, advance],
    ['an authority that expires soon', 'certificate authority', 'warning', /start/, authorityOf(3600)],
    ['an authority that has expired', 'certificate authority', 'problem', /start/, authorityOf(3651)],
    ['an authority of a clock that was ahead', 'certificate authority', 'problem', /date/, authorityOf(-20)],
    [
      'what a build left and nobody could remove',
      'trash',
      'warning',
      /^sudo rm -rf -- .*builds\/x\.trash\.stuck\.trash$/,
      ({ dataDir }) => mkdirSync(join(dataDir, 'builds/x.trash.stuck.trash'), { recursive: true }),
    ],
  ];

  test.each(wrong)('sees %s, and says what mends it', async (_, name, state, mend, break_) => {
    const folders = newFolders();
    await fill(folders, 'demo');
    await break_(folders);
    const finding = (await findingsOf(folders))[name];
    expect(finding).toMatchObject({ state, mend: expect.stringMatching(mend) });
  });

  test('sees a path that is too long for a socket', async () => {
    const dataDir = join(newFolder(), 'x'.repeat(100));
    expect(await findingsOf({ dataDir, configDir: dataDir })).toMatchObject({
      'socket path': { state: 'warning' },
    });
  });

  test('sees a folder that is none', async () => {
    const dataDir = join(newFolder(), 'file');
    writeFileSync(dataDir, '');
    expect(await findingsOf({ dataDir, configDir: dataDir })).toMatchObject({
      'data folder': { state: 'problem' },
    });
  });

  test('sees that sudo changes whose platform it is', async () => {
    const { checks } = await examine({ ...newFolders(), env: { SUDO_USER: 'somebody' } });
    const state = process.geteuid?.() === 0 ? 'warning' : 'ok';
    expect(checks.find(({ name }) => name === 'user')).toMatchObject({ state });
  });

  test.each([
    ['18.20.8', 'problem'],
    ['20.0.0', 'warning'],
    ['20.9.0', 'warning'],
    ['20.18.0', 'warning'],
    ['20.18.1', 'ok'],
    ['20.20.2', 'ok'],
    ['22.1.0', 'ok'],
    ['100.0.0', 'ok'],
  ])('finds Node %s to be: %s', (version, state) => {
    const found = examineNode(version);
    expect(found).toMatchObject({ state, says: expect.stringContaining(version) });
    expect(found.mend).toEqual(state === 'ok' ? undefined : 'Install Node 20.18.1 or newer.');
  });

  test('sees that a port is taken, which is in the way only where it was chosen', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const folders = newFolders();
    const portsOf = async () =>
      (await examine({ ...folders, env: {} })).checks.find(({ name }) => name === 'ports');
    expect(await portsOf()).toMatchObject({ state: 'ok', says: expect.stringContaining('8443, 8080, 8444') });
    const platform = openPlatform(folders);
    await platform.as(CALLER).platform.configure({ internal_port: port });
    platform.close();
    expect(await portsOf()).toMatchObject({
      state: 'warning',
      says: expect.stringContaining(`Port ${port} is taken`),
      mend: expect.stringContaining('--internal-port'),
    });
    server.close();
    await once(server, 'close');
    expect(await portsOf()).toMatchObject({ state: 'ok' });
  });

  test('looks at everything that running apps takes, and mends it by a command', async () => {
    const { checks } = await examine({ ...newFolders(), env: {} });
    const names = checks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['network namespaces', 'ports']));
    for (const { state, mend, name } of checks) {
      if (state === 'problem') expect({ name, mend }).toEqual({ name, mend: expect.stringMatching(/\S/) });
    }
  });

  test('comes to the same mode of network as the engine', async () => {
    const dir = newFolder();
    const events = { onExit: () => {}, onOutput: () => {} };
    const pool = parsePool('10.64.0.0/10');
    const engine = await openEngine({ dir, name: 'doctor', pool, agent: agentCommand(), events });
    await engine.close();
    const { checks } = await examine({ ...newFolders(), env: {} });
    const says = checks.find(({ name }) => name === 'network namespaces')?.says;
    expect(says).toMatch(engine.facts.mode === 'subnet' ? /^subnets: / : /loopback/);
  });

  test('names the tools that are missing, by package', () => {
    const bin = join(newFolder(), 'bin');
    mkdirSync(bin);
    for (const name of ['unshare', 'nsenter', 'pivot_root'])
      writeFileSync(join(bin, name), '', { mode: 0o755 });
    expect(missingTools(bin)).toEqual([
      { package: 'util-linux', programs: ['setpriv'] },
      { package: 'iproute2', programs: ['ip'] },
    ]);
  });

  test('is not well if one thing is a problem; warnings do not count', async () => {
    const machine = { ...newFolders(), env: {} };
    expect((await examine(machine, checksOf(ok('a'), warning('b')))).ok).toBe(true);
    expect((await examine(machine, checksOf(ok('a'), problem('b'), ok('c')))).ok).toBe(false);
  });

  test('goes on when a check fails', async () => {
    const failing: Check = { name: 'failing', examine: () => Promise.reject(new Error('no luck')) };
    const { checks } = await examine({ ...newFolders(), env: {} }, [failing, ...OF_THE_DATA]);
    expect(checks[0]).toEqual({
      name: 'failing',
      state: 'problem',
      says: 'This could not be found out: no luck',
    });
    expect(checks).toHaveLength(OF_THE_DATA.length + 1);
  });
});

test.each([
  ['ID=debian\n', 'iproute2', 'sudo apt-get install -y iproute2'],
  ['ID=ubuntu\nID_LIKE=debian\n', 'passt', 'sudo apt-get install -y passt'],
  [
    'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n',
    'nftables',
    'sudo apt-get install -y nftables',
  ],
  ['ID=fedora\n', 'iproute2', 'sudo dnf install -y iproute'],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'util-linux', 'sudo dnf install -y util-linux'],
  ['ID=alpine\n', 'util-linux', 'sudo apk add util-linux-misc setpriv'],
  ['ID=arch\n', 'bubblewrap', 'sudo pacman -S --needed bubblewrap'],
  ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', 'iproute2', 'sudo zypper install -y iproute2'],
  ['ID=plan9\n', 'iproute2', "Install iproute2 with this system's package manager."],
  ['', 'iproute2', "Install iproute2 with this system's package manager."],
])('the install command of %j for %s', (osRelease, name, command) => {
  expect(installCommand(name, osRelease, false)).toBe(command);
  expect(installCommand(name, osRelease, true)).toBe(command.replace('sudo ', ''));
});

function keyFileOf({ configDir }: Folders): string {
  return join(configDir, 'keys', namesIn(join(configDir, 'keys'))[0] ?? '');
}

function loosenKey(folders: Folders): void {
  chmodSync(keyFileOf(folders), 0o644);
}

function otherKey(folders: Folders): void {
  writeFileSync(keyFileOf(folders), Buffer.alloc(32, 1).toString('base64'));
}

/** Beyond the schema, which SQLite reads before anything else. */
function damage({ dataDir }: Folders): void {
  const file = databaseFile(dataDir);
  rewrite({ dataDir, configDir: '' }, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4 * 4096);
  writeFileSync(file, bytes);
}

function forge(folders: Folders): void {
  rewrite(
    folders,
    "DROP TRIGGER audit_is_append_only; UPDATE audit SET record = replace(record, 'tester', 'x')",
  );
}

function advance(folders: Folders): void {
  const at = new Date(Date.now() + 3_600_000);
  inSession(folders, (session) =>
    change({ ...session, now: () => at }, { action: 'space.create', input: {} }, () => {}),
  );
}

function checksOf(...answers: ReturnType<typeof ok>[]): Check[] {
  return answers.map((answer, n) => ({ name: String(n), examine: () => answer }));
}
