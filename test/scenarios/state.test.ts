import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { quoted, type User } from './aka.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

const isRoot = process.geteuid?.() === 0;

/** Root may do everything; without this capability it is refused like anybody else. */
const AS_ANYBODY = isRoot ? 'setpriv --bounding-set=-dac_override,-dac_read_search,-fowner ' : '';

/** Runs a line of a shell whose mounts nobody else sees, and that are gone when it ends. */
const OWN_MOUNTS = ['unshare', isRoot ? '-m' : '-rm', 'sh', '-c'];

function canMount(): boolean {
  const [program = '', ...args] = OWN_MOUNTS;
  return spawnSync(program, [...args, `mount -t tmpfs tmpfs ${quoted(tmpdir())}`]).status === 0;
}

/** Every folder and file below a folder, with its permissions. */
function modes(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [
      name,
      (statSync(join(folder, name)).mode & 0o777).toString(8),
    ]),
  );
}

function keyOf(user: User): string {
  const folder = join(user.configDir, 'keys');
  const [name = '', ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  return join(folder, name);
}

describe('what is kept', () => {
  scenario.each(
    [
      ['under umask 000', '000'],
      ['under umask 077', '077'],
      ['under umask 027', '027'],
    ],
    async (user, umask) => {
      rmSync(join(user.home, '.cache'));
      await user.sh(
        `umask ${umask}; aka spaces:create shop -c socs && aka apps:create web -s shop && aka config:set A=1 -a web-shop`,
      );
      for (const folder of [user.dataDir, user.configDir]) {
        const found = modes(folder);
        expect(Object.keys(found)).not.toHaveLength(0);
        for (const [name, mode] of Object.entries({
          ...found,
          '.': (statSync(folder).mode & 0o777).toString(8),
        })) {
          const isFolder = statSync(join(folder, name)).isDirectory();
          expect({ name, mode }).toEqual({ name, mode: isFolder ? '700' : '600' });
        }
      }
      for (const mode of Object.values(modes(join(user.home, '.cache')))) expect(mode).toMatch(/^[67]00$/);
    },
  );

  scenario('is where AKA_DATA_DIR, XDG_DATA_HOME and the others say, and nowhere else', async (user) => {
    const env = {
      AKA_DATA_DIR: join(user.home, 'own', 'data'),
      AKA_CONFIG_DIR: join(user.home, 'own', 'config'),
    };
    expect(await user.run(['spaces:create', 'shop'], { env })).toMatchObject({ code: 0 });
    const xdg = {
      XDG_DATA_HOME: join(user.home, 'x', 'data'),
      XDG_CONFIG_HOME: join(user.home, 'x', 'config'),
    };
    expect(await user.run(['spaces:create', 'other'], { env: xdg })).toMatchObject({ code: 0 });
    expect((await user.run(['spaces'], { env })).stdout).toMatch(/^shop\t/m);
    expect((await user.run(['spaces'], { env: xdg })).stdout).toMatch(/^other\t/m);
    expect(readdirSync(user.home).sort()).toEqual(['.cache', 'own', 'work', 'x']);
  });
});

describe('a HOME that is empty or relative', () => {
  scenario('is not taken for the current folder: the home of the user is', async (user) => {
    const known = join(user.home, 'known.cjs');
    const home = join(user.home, 'known');
    mkdirSync(home);
    writeFileSync(
      known,
      `const os = require('os'); const it = os.userInfo(); os.userInfo = () => ({ ...it, homedir: ${JSON.stringify(home)} });`,
    );
    for (const HOME of ['', 'somewhere']) {
      const env = { HOME, NODE_OPTIONS: `--require ${known}` };
      expect(await user.run(['spaces:create', `shop${HOME}`], { env })).toMatchObject({ code: 0 });
    }
    expect(readdirSync(user.cwd)).toEqual([]);
    expect(readdirSync(home).sort()).toEqual(['.cache', '.config', '.local']);
  });

  scenario('is refused where the system has no home for the user either', async (user) => {
    const unknown = join(user.home, 'unknown.cjs');
    writeFileSync(unknown, "require('os').userInfo = () => { throw new Error('ENOENT'); };");
    const env = { HOME: '', NODE_OPTIONS: `--require ${unknown}` };
    const ended = await user.run(['spaces:create', 'shop'], { env });
    expectFailure(ended, 2);
    expect(ended.stderr).toContain('HOME is not set');
    expect(readdirSync(user.cwd)).toEqual([]);
  });
});

describe('a user whom the password database does not know', () => {
  scenario('can do everything, without a SHELL too', async (user) => {
    const unknown = join(user.home, 'unknown.cjs');
    writeFileSync(unknown, "require('os').userInfo = () => { throw new Error('ENOENT'); };");
    const line = 'unset SHELL; aka spaces:create demo && aka audits --json';
    const { code, stdout } = await user.sh(line, { env: { NODE_OPTIONS: `--require ${unknown}` } });
    expect(code).toBe(0);
    expect(stdout).toContain(`uid ${process.geteuid?.()}`);
  });
});

describe('what can not be used is a clear failure that changes nothing', () => {
  scenario('a folder that can not be written', async (user) => {
    mkdirSync(join(user.home, '.local'), { mode: 0o500 });
    const ended = await user.sh(`exec ${AS_ANYBODY}aka spaces:create shop`);
    expectFailure(ended, 3);
    expect(ended.stderr).toContain(user.dataDir.slice(0, user.home.length));
    expect(ended.stderr).toContain('AKA_DATA_DIR');
  });

  scenario('a database that can not be written', async (user) => {
    await settle(user);
    chmodSync(user.database, 0o400);
    chmodSync(user.dataDir, 0o500);
    const ended = await user.sh(`exec ${AS_ANYBODY}aka spaces:create shop`);
    chmodSync(user.dataDir, 0o700);
    expect(ended.code).not.toBe(0);
    expectFailure(ended, ended.code ?? -1);
    expect(ended.stderr).not.toContain('defect');
    chmodSync(user.database, 0o600);
    expectFailure(await user.run(['spaces:info', 'shop']), 4);
  });

  scenario('a database of a newer version', async (user) => {
    await settle(user);
    const db = new DatabaseSync(user.database);
    db.exec('PRAGMA user_version = 999');
    db.close();
    for (const argv of [['spaces'], ['spaces:create', 'shop'], ['config', '-a', 'web-demo']]) {
      expect(expectJsonFailure(await user.run([...argv, '--json']), 6)).toMatchObject({
        id: 'newer_data',
        message: expect.stringContaining('newer'),
        hint: expect.stringContaining('Upgrade'),
      });
    }
  });

  scenario.each(
    [
      [
        'a file that is no database',
        'this is not a database, but it is long enough to be looked at'.repeat(99),
        6,
      ],
      ['an empty file', '', 6],
    ],
    async (user, content, exit) => {
      await settle(user);
      writeFileSync(user.database, content);
      const ended = await user.run(['spaces']);
      expectFailure(ended, exit);
      expect(ended.stderr).not.toContain('defect');
    },
  );

  scenario('a database that others can read', async (user) => {
    await settle(user);
    chmodSync(user.database, 0o644);
    const { hint } = expectJsonFailure(await user.run(['spaces', '--json']), 6);
    expect(hint).toContain('chmod 600');
  });

  scenario('a key that others can read', async (user) => {
    await settle(user);
    chmodSync(keyOf(user), 0o640);
    const ended = await user.run(['config', '-a', 'web-demo', '--json']);
    const error = expectJsonFailure(ended, 6);
    expect(error).toMatchObject({ id: 'loose_key', hint: expect.stringContaining('chmod 600') });
  });

  scenario.each(
    [
      ['a key that is gone, of which no new one is made', (key: string) => rmSync(key)],
      ['a key that is cut short', (key: string) => writeFileSync(key, 'c2hvcnQ=')],
    ],
    async (user, spoil) => {
      await settle(user);
      const key = keyOf(user);
      const backup = join(user.home, 'key');
      copyFileSync(key, backup);
      spoil(key);
      const { message } = expectJsonFailure(await user.run(['config', '-a', 'web-demo', '--json']), 6);
      expect(message).toContain(key);
      expectFailure(await user.run(['config:set', 'A=1', '-a', 'web-demo']), 6);
      await user.does('spaces:info', 'demo');
      copyFileSync(backup, key);
      chmodSync(key, 0o600);
      expect((await user.does('config', '-a', 'web-demo')).stdout).toMatch(/^LOG_LEVEL\tdebug$/m);
      expectFailure(await user.run(['config:get', 'A', '-a', 'web-demo']), 4);
    },
  );

  (canMount() ? scenario : scenario.skip)('a disk that is full', async (user) => {
    const disk = join(user.home, 'disk');
    mkdirSync(disk);
    const inside = [
      `mount -t tmpfs -o size=1m,mode=0700 tmpfs ${quoted(disk)} || exit 99`,
      `export AKA_DATA_DIR=${quoted(join(disk, 'aka'))}`,
      'aka spaces:create first >/dev/null || exit 98',
      // What is left is taken, but for what SQLite needs to begin: the next change finds no room.
      `dd if=/dev/zero of=${quoted(join(disk, 'reserve'))} bs=4k count=12 2>/dev/null`,
      `dd if=/dev/zero of=${quoted(join(disk, 'ballast'))} bs=4k 2>/dev/null`,
      `rm ${quoted(join(disk, 'reserve'))}`,
      'aka spaces:create second; echo "second $?" >&2',
      `dd if=/dev/zero of=${quoted(join(disk, 'reserve'))} bs=4k 2>/dev/null`,
      'aka spaces:create third 2>/dev/null; echo "third $?" >&2',
      `rm ${quoted(join(disk, 'ballast'))} ${quoted(join(disk, 'reserve'))}`,
      'aka spaces | cut -f1 | tr "\\n" " "; aka audits:verify >/dev/null; echo "verified $?"',
      'aka spaces:create second >/dev/null; echo "again $?"',
    ].join('\n');
    const ended = await user.sh([...OWN_MOUNTS, inside].map(quoted).join(' '));
    expect(ended.stderr).toMatch(/error: The disk is full[^]*second 1\nthird [16]\n/);
    expect(ended.stdout).toBe('default first verified 0\nagain 0\n');
  });
});
