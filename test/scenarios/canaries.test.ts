import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runsWhole } from '../long-tests.js';
import type { Ended, User } from './aka.js';
import { CANARIES, type Canary, found } from './canaries.js';
import { MATRIX } from './matrix.js';
import { forAll } from './parallel.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

/** With it, everything is tried with everything; without, enough of it that each has its turn. */
const FULL = runsWhole('canaries');

/** The outcomes in which commands say most of what there is. */
const SAYING_MOST: ReadonlySet<string> = new Set(['ok', 'not found', 'refused']);
/** All of them are in every config that is shown whole; where each takes a process, some do. */
const SOME = FULL ? CANARIES : CANARIES.filter((_, index) => index % 5 === 0);

const TELLING = CANARIES.filter(({ telling }) => telling);

test('there are 50 canaries, each found whole, folded and cut', () => {
  expect(CANARIES).toHaveLength(50);
  expect(found(CANARIES.map(({ value }) => value.toUpperCase()).join('\n'))).toHaveLength(50);
  expect(found(Buffer.from(CANARIES.map(({ secret }) => secret.slice(0, 12)).join('\0')))).toHaveLength(50);
});

describe('as config values', () => {
  scenario(
    'no secret is in anything that any command prints, but for config in a space that is not socs',
    async (user, newcomer) => {
      await settle(user);
      await setAll(user);
      const lines = [
        ...Object.values(MATRIX).flatMap((row) =>
          Object.entries(row).flatMap(([outcome, given]) =>
            'none' in given || !(FULL || SAYING_MOST.has(outcome)) ? [] : [given.argv.join(' ')],
          ),
        ),
        'config -a web-vault',
        'config --shell -a web-vault',
        'audits --size 10000',
        'audits --app web-demo',
        ...SOME.map(({ name }) => `config:get ${name} -a web-vault`),
        ...SOME.map(({ name }) => `config:why ${name} -a web-demo`),
        'spaces:diff demo vault',
      ];
      const ways = [[], ['--json', '--debug']];
      const runs = [...new Set(lines)].flatMap((line, index) =>
        (FULL ? ways : [ways[index % 2] ?? []]).map((flags) => ({ line, flags })),
      );
      await forAll(runs, async ({ line, flags }) => {
        const somebody = newcomer();
        somebody.becomes(user);
        const { stdout, stderr } = await somebody.run([...line.split(' '), ...flags], { stdin: '' });
        const isFree = /^config(:get)? /.test(line) && line.endsWith('-a web-demo');
        const leaks = found(`${isFree ? '' : stdout}${stderr}`);
        expect({ line, flags, leaks }).toEqual({ line, flags, leaks: [] });
        somebody.remove();
      });
    },
  );

  scenario(
    'each is given back whole by config:get where the space is not socs, and redacted where it is',
    async (user) => {
      await settle(user);
      await setAll(user);
      const free = (await user.does('config', '-a', 'web-demo', '--json')).json<Record<string, string>>();
      const guarded = (await user.does('config', '-a', 'web-vault', '--json')).json<Record<string, string>>();
      for (const { name, value } of CANARIES) {
        expect(free[name]).toBe(value);
        expect({ name, value: guarded[name] }).toEqual({
          name,
          value: expect.stringContaining('[redacted]'),
        });
      }
    },
  );

  scenario('no secret is in any file, at any time', async (user) => {
    await settle(user);
    await setAll(user);
    expectNoneKept(user);
    for (const { name } of CANARIES) await user.does('config:get', name, '-a', 'web-demo');
    await user.does('config:unset', ...CANARIES.map(({ name }) => name), '-a', 'web-demo');
    await user.does('apps:destroy', '-a', 'web-vault', '--confirm', 'web-vault');
    expectNoneKept(user);
  });

  scenario('two spaces are compared without one', async (user) => {
    await settle(user);
    await user.does('apps:create', 'web', '--space', 'demo-staging');
    await setAll(user);
    await user.run([
      'config:set',
      ...CANARIES.map(({ name }) => `${name}=other-${name.toLowerCase()}-x`),
      '-a',
      'web-demo-staging',
    ]);
    for (const flags of [[], ['--json', '--debug']]) {
      const ended = await user.run(['spaces:diff', 'demo', 'demo-staging', ...flags]);
      expect(ended.code).toBe(1);
      expectNone(ended);
    }
  });
});

describe('in the wrong place', () => {
  const INSTEAD_OF_A_NAME: readonly ((secret: string) => string[])[] = [
    (secret) => [secret],
    (secret) => ['help', secret],
    (secret) => ['spaces:info', secret],
    (secret) => ['spaces:create', secret],
    (secret) => ['spaces:create', 'shop', '-c', secret],
    (secret) => ['spaces:create', 'shop', '-s', secret],
    (secret) => ['spaces:destroy', secret, '--confirm', secret],
    (secret) => ['apps', '--space', secret],
    (secret) => ['apps:create', secret, '--space', 'demo'],
    (secret) => ['apps:create', 'shop', '--space', secret],
    (secret) => ['apps:create', 'shop', '--space', 'demo', '--org', secret],
    (secret) => ['apps:destroy', '-a', secret, '--confirm', secret],
    (secret) => ['config', '-a', secret],
    (secret) => ['config:set', 'A=1', '-a', secret],
    (secret) => ['config:get', secret, '-a', 'web-demo'],
    (secret) => ['config:why', secret, '-a', 'web-demo'],
    (secret) => ['config:unset', secret, '-a', 'web-demo'],
    (secret) => ['compliance:explain', secret],
    (secret) => ['credentials:info', secret],
    (secret) => ['credentials:create', secret, '--level', 'general', 'A=1'],
    (secret) => ['credentials:attach', secret, '-a', 'web-demo'],
    (secret) => ['credentials:attach', 'mail', '-a', 'web-demo', '--as', secret],
    (secret) => ['stacks:info', secret],
    (secret) => ['audits', '--app', secret],
    (secret) => ['spaces', '--api', secret],
    (secret) => ['spaces', '--platform', secret],
  ];

  scenario(
    'what is known by its form for a secret is not repeated, wherever a name belongs, and not kept',
    async (user) => {
      await settle(user);
      await misuse(user, INSTEAD_OF_A_NAME, TELLING);
      expectNoneKept(user);
      expectNone(await user.does('audits', '--size', '10000', '--json'));
    },
  );

  const INSTEAD_OF_A_VALUE: readonly ((secret: string, name: string) => string[])[] = [
    (secret) => ['config:set', secret, '-a', 'web-demo'],
    (secret, name) => ['config:set', name, secret, '-a', 'web-demo'],
    (secret, name) => ['config:set', `${name}-=${secret}`, '-a', 'web-demo'],
    (secret, name) => ['config:set', `PORT=${secret}`, `${name}=${secret}`, '-a', 'web-demo'],
    (secret, name) => ['config:set', `${name}=${secret}`, '-a', 'web-dmeo'],
    (secret, name) => ['config:set', `${name}=${secret}`],
    (secret, name) => ['config:set', `--${name.toLowerCase()}=${secret}`, '-a', 'web-demo'],
    (secret, name) => ['config:set', `${name}=${secret}[redacted]`, '-a', 'web-demo'],
    (secret, name) => ['config', `${name}=${secret}`, '-a', 'web-demo'],
    (secret, name) => [`${name}=${secret}`],
    (secret) => ['credentials:create', 'relay', '--level', 'general', secret],
    (secret, name) => ['credentials:create', `${name}=${secret}`, '--level', 'general'],
    (secret, name) => ['credentials:create', 'relay', '--level', 'production', `${name}-=${secret}`],
    (secret, name) => ['credentials:rotate', 'mail', `${name}=${secret}`],
    (secret) => ['spaces', `--token=${secret}`],
    (secret) => [`--token=${secret}`, 'spaces'],
    (secret) => ['spaces:env', 'demo', '--format', secret],
    (secret) => ['audits', '--size', secret],
    (secret) => ['apps:update', '-a', 'web-demo', '--maintenance', secret],
    (secret) => ['spaces:info', 'demo', secret],
    (secret) => ['spaces', '--json', secret, '--platform', 'embedded', '--api', secret],
    (secret) => ['spaces:destroy', 'demo', '--confirm', secret],
  ];

  scenario('no secret at all is repeated where a value belongs, and none is kept', async (user) => {
    await settle(user);
    await misuse(user, INSTEAD_OF_A_VALUE, CANARIES);
    expectNoneKept(user);
  });

  scenario('a token of the environment is not repeated, whatever becomes of it', async (user) => {
    const variables = [
      'AKA_TOKEN',
      'API_AUTH',
      'API_TOKEN',
      'AKA_API',
      'AKKERIS_API_HOST',
      'AKKERIS_PLATFORM',
      'AKKERIS_APP',
    ];
    for (const part of FULL ? variables.map((name) => [name]) : [variables]) {
      await forAll(TELLING, async (canary, index) => {
        for (const [round, flags] of [[], ['--api', 'http://127.0.0.1:9']].entries()) {
          const name = part[(index + 3 * round) % part.length] ?? '';
          // What could be the name of a host is shown as one.
          if (name === 'AKKERIS_API_HOST' && /^[\w.-]+$/.test(canary.value)) continue;
          expectNone(
            await user.run(['config', '--debug', ...flags], { env: { [name]: canary.value } }),
            canary,
          );
        }
      });
    }
  });
});

/**
 * Says each canary in some of the wrong places, so that each place has some of them; in the long run in every one.
 */
async function misuse(
  user: User,
  places: readonly ((secret: string, name: string) => string[])[],
  canaries: readonly Canary[],
): Promise<void> {
  const rounds = FULL ? places.length : 3;
  for (let round = 0; round < rounds; round++) {
    await forAll(canaries, async (canary, index) => {
      const say = places[(index + Math.floor((round * places.length) / rounds)) % places.length];
      const argv = say?.(canary.value, canary.name) ?? [];
      expectNone(await user.run([...argv, ...flagsFor(canary)]), canary);
    });
  }
}

/** Puts all of them on an app in each kind of space, by every way there is. */
async function setAll(user: User): Promise<void> {
  const words = CANARIES.map(({ name, value }) => `${name}=${value}`);
  expectNone(await user.does('config:set', ...words, '-a', 'web-demo'));
  writeFileSync(
    join(user.home, 'vars'),
    CANARIES.slice(1)
      .map(({ name, value }) => `${name}='${value}'`)
      .join('\n'),
  );
  expectNone(
    await user.does('config:set', '--from-file', join(user.home, 'vars'), '-a', 'web-vault', '--debug'),
  );
  const credential = ['credentials:create', 'canaries', '--level', 'general', ...words, '--debug'];
  expectNone(await user.does(...credential));
  expectNone(await user.does('credentials:attach', 'canaries', '-a', 'web-demo', '--as', 'SHARED', '--json'));
  expectNone(await user.does('credentials:rotate', 'canaries', '--from-file', join(user.home, 'vars')));
  expectNone(await user.does('credentials:info', 'canaries', '--json'));
  const [first] = CANARIES;
  expectNone(
    await user.run(['config:set', `${first?.name}=-`, '-a', 'web-vault', '--json'], {
      stdin: `${first?.value}\n`,
    }),
  );
}

/** Half of them are tried as a program would. */
function flagsFor({ kind }: Canary): string[] {
  return kind.length % 2 === 0 ? ['--json', '--debug'] : [];
}

function expectNone({ stdout, stderr }: Ended, canary?: Canary): void {
  expect({ kind: canary?.kind, stdout, stderr, found: found(stdout + stderr) }).toMatchObject({ found: [] });
}

/** No file of the data, the database and its log as they are on disk, has one in it. */
function expectNoneKept(user: User): void {
  const files = [user.dataDir, user.configDir, join(user.home, '.cache')].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  for (const file of files.filter((each) => statSync(each).isFile())) {
    expect({ file, found: found(readFileSync(file)) }).toEqual({ file, found: [] });
  }
}
