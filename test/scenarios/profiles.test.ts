import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { expectFailure, expectJsonFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { serve } from './server.js';

interface Listed {
  readonly name: string | null;
  readonly api: string | null;
  readonly auth: string | null;
  readonly from: string;
  readonly in_use: boolean;
  readonly why: string | null;
  readonly token: { readonly from: string; readonly in: string } | null;
}

const settingsFile = ({ configDir }: User): string => join(configDir, 'settings.json');

async function listed(user: User, argv: string[] = [], env: Record<string, string> = {}): Promise<Listed[]> {
  const ended = await user.run(['profiles', '--json', ...argv], { env });
  if (ended.code !== 0) throw new Error(ended.stderr);
  return ended.json<Listed[]>();
}

const inUse = (all: readonly Listed[]) =>
  all.filter(({ in_use }) => in_use).map(({ name, api }) => name ?? api);

function oldConfig(user: User, content: string): void {
  mkdirSync(join(user.home, '.akkeris'));
  writeFileSync(join(user.home, '.akkeris', 'config.json'), content);
}

describe('profiles', () => {
  scenario('begin with the platform on this machine, and list every other with its reason', async (user) => {
    expect(await listed(user)).toMatchObject([
      { name: 'embedded', api: null, in_use: true, why: 'nothing says otherwise', token: null },
    ]);
    oldConfig(user, JSON.stringify({ apps: 'old.example', auth: 'auth.old.example' }));
    const env = { AKKERIS_API_HOST: 'env.example', AKKERIS_AUTH_HOST: 'auth.env.example', AKA_TOKEN: 't' };
    await user.does('profiles:add', 'work', '--api', 'Work.example:8443', '--auth', 'sso.example');
    await user.does('profiles:add', 'lab', '--api', 'unix:/run/aka.sock');
    const all = await listed(user, [], env);
    expect(all).toMatchObject([
      { name: 'lab', api: 'unix:/run/aka.sock', auth: null, token: null },
      { name: 'work', api: 'https://Work.example:8443', auth: 'sso.example', from: settingsFile(user) },
      { name: null, api: 'https://env.example', auth: 'auth.env.example', from: 'AKKERIS_API_HOST' },
      { name: null, api: 'https://old.example', from: join(user.home, '.akkeris', 'config.json') },
      { name: 'embedded' },
    ]);
    expect(inUse(all)).toEqual(['https://env.example']);
    expect(all[1]?.token).toEqual({ from: 'environment', in: 'AKA_TOKEN' });
    expect(inUse(await listed(user))).toEqual(['work']);
    expect(inUse(await listed(user, ['--platform', 'lab'], env))).toEqual(['lab']);
    expect(inUse(await listed(user, ['--api', 'https://flag.example']))).toEqual(['https://flag.example']);
    expect((await user.does('auth:profile')).stdout).toBe((await user.does('profiles')).stdout);
  });

  scenario('are used, removed and replaced, never silently', async (user) => {
    await user.does('profiles:add', 'work', '--api', 'work.example');
    await user.does('profiles:add', 'test', '--api', 'test.example');
    expect(inUse(await listed(user))).toEqual(['work']);
    await user.does('profiles:use', 'test');
    expect(inUse(await listed(user))).toEqual(['test']);

    const again = await user.run(['profiles:add', 'test', '--api', 'other.example']);
    expectFailure(again, 5);
    expect(again.stderr).toContain('--replace');
    expect((await listed(user))[0]?.api).toBe('https://test.example');
    await user.does('profiles:add', 'test', '--api', 'test.example');
    await user.does('profiles:add', 'TEST', '--api', 'other.example', '--replace');
    expect((await listed(user))[0]?.api).toBe('https://other.example');

    const unknown = await user.run(['profiles:use', 'tets']);
    expectFailure(unknown, 4);
    expect(unknown.stderr).toContain('Did you mean test?');

    // The one in use is gone: no other takes its place by itself, least of all this machine.
    const removed = await user.does('profiles:remove', 'test', '--json');
    expect(removed.json()).toMatchObject({ name: 'test', in_use: null });
    expect(removed.stderr).toContain('aka profiles:use work|embedded');
    expectFailure(await user.run(['spaces']), 2);
    await user.does('profiles:use', 'embedded');
    expect((await user.does('spaces')).stdout).toContain('default');
    expect((await user.does('profiles:remove', 'work', '--json')).json()).toMatchObject({
      in_use: { name: 'embedded', why: settingsFile(user) },
    });
  });

  scenario('say when a variable or a flag goes before them', async (user) => {
    await user.does('profiles:add', 'work', '--api', 'work.example');
    const env = { AKKERIS_API_HOST: 'env.example' };
    const used = await user.run(['profiles:use', 'work'], { env });
    expect(used).toMatchObject({ code: 0, stderr: expect.stringContaining('AKKERIS_API_HOST') });
  });

  scenario('keep what else is in the settings, and their file to their owner', async (user) => {
    mkdirSync(user.configDir, { recursive: true });
    const before = {
      colour: 'red',
      platforms: { old: { api: 'https://old.example', note: 'mine' } },
      platform: 'old',
    };
    writeFileSync(settingsFile(user), JSON.stringify(before), { mode: 0o644 });
    await user.does('profiles:add', 'work', '--api', 'work.example');
    await user.does('profiles:use', 'work');
    expect(JSON.parse(readFileSync(settingsFile(user), 'utf8'))).toEqual({
      colour: 'red',
      platforms: { ...before.platforms, work: { api: 'https://work.example' } },
      platform: 'work',
    });
    expect(statSync(settingsFile(user)).mode & 0o777).toBe(0o600);
  });

  scenario('that are a link to a file elsewhere stay one', async (user) => {
    const elsewhere = join(user.home, 'dotfiles.json');
    writeFileSync(elsewhere, '{}');
    mkdirSync(user.configDir, { recursive: true });
    symlinkSync(elsewhere, settingsFile(user));
    await user.does('profiles:add', 'work', '--api', 'work.example');
    expect(JSON.parse(readFileSync(elsewhere, 'utf8'))).toMatchObject({ platform: 'work' });
  });

  scenario('lose nothing to commands at the same time, or to one that is killed', async (user) => {
    const names = Array.from({ length: 8 }, (_, n) => `p${n}`);
    await user.does('profiles:add', 'first', '--api', 'first.example');
    const [killed, ...others] = names.map((name) =>
      user.start(['profiles:add', name, '--api', `${name}.example`]),
    );
    killed?.child.kill('SIGKILL');
    for (const { ended } of others) expect((await ended).code).toBe(0);
    await killed?.ended;
    const there = (await listed(user)).map(({ name }) => name);
    expect(there).toEqual(expect.arrayContaining(['first', ...names.slice(1)]));
  });

  scenario.each<[content: string]>(
    [
      ['that are no JSON are not written over', '{"platforms":'],
      ['of another form are not written over', '{"platforms":{"a":"b"}}'],
      ['that are empty are not written over', ''],
    ],
    async (user, content) => {
      mkdirSync(user.configDir, { recursive: true });
      writeFileSync(settingsFile(user), content);
      for (const argv of [
        ['profiles:add', 'work', '--api', 'work.example'],
        ['profiles:use', 'embedded'],
        ['profiles:remove', 'a'],
        ['profiles'],
      ]) {
        const ended = await user.run(argv);
        expectFailure(ended, 2);
        expect(ended.stderr).toContain(settingsFile(user));
      }
      expect(readFileSync(settingsFile(user), 'utf8')).toBe(content);
    },
  );

  scenario('that others can write are not trusted, nor changed', async (user) => {
    await user.does('profiles:add', 'work', '--api', 'work.example');
    for (const loose of [user.configDir, settingsFile(user)]) {
      const { mode } = statSync(loose);
      chmodSync(loose, 0o777);
      for (const argv of [['profiles'], ['profiles:use', 'work']]) {
        const ended = await user.run(argv);
        expectFailure(ended, 2);
        expect(ended.stderr).toContain(`chmod go-w ${loose}`);
      }
      chmodSync(loose, mode);
    }
  });

  scenario('are listed with what is wrong, where one is chosen that is not there', async (user) => {
    await user.does('profiles:add', 'work', '--api', 'work.example');
    const ended = await user.run(['profiles', '--json'], { env: { AKKERIS_PLATFORM: 'wrok' } });
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('Did you mean work?') });
    expect(inUse(ended.json())).toEqual([]);
  });
});

scenario(
  'who is told what to type for another platform than the one in use, is told its name',
  async (user) => {
    const there = await serve((_, response) => void response.writeHead(401).end());
    try {
      await user.run(['profiles:add', 'work', '--api', 'https://work.example']);
      await user.run(['profiles:add', 'test', '--api', there.url]);
      const { hint } = expectJsonFailure(await user.run(['spaces', '--platform', 'test', '--json']), 3);
      expect(hint).toMatch(/^Log in: aka auth:login --platform test\. /);
      const unnamed = expectJsonFailure(
        await user.run(['spaces:info', 'x1', '--platform', 'embedded', '--json']),
        4,
      );
      expect(unnamed.hint).toBe('Every space: aka spaces --platform embedded');
    } finally {
      there.close();
    }
  },
);

describe('profiles:add refuses', () => {
  scenario.each<[argv: string[], said: RegExp]>(
    [
      ['an API that is none', ['--api', 'ht tp://x'], /not the address of an API/],
      ['a password in the API', ['--api', 'https://u:canary@a.example'], /must not hold a user/],
      ['an auth host over http elsewhere', ['--api', 'a.example', '--auth', 'http://a.example'], /over http/],
      ['an auth host that is none', ['--api', 'a.example', '--auth', 'ftp://canary'], /no host/],
      [
        'a password in the auth host',
        ['--api', 'a.example', '--auth', 'u:canary@a.example'],
        /must not hold/,
      ],
      ['certificates that are not there', ['--api', 'a.example', '--ca', 'nowhere.pem'], /can't be read/],
      ['certificates that are none', ['--api', 'a.example', '--ca', 'none.pem'], /holds no certificate/],
      ['certificates that are broken', ['--api', 'a.example', '--ca', 'broken.pem'], /is none/],
      ['a folder of certificates', ['--api', 'a.example', '--ca', '.'], /is no file/],
      ['no API', [], /--api is missing/],
    ],
    async (user, argv, said) => {
      writeFileSync(join(user.cwd, 'none.pem'), 'x');
      const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
      writeFileSync(join(user.cwd, 'broken.pem'), broken);
      const ended = await user.run(['profiles:add', 'work', ...argv]);
      expectFailure(ended, 2);
      expect(ended.stderr).toMatch(said);
      expect(ended.stderr).not.toContain('canary');
      expect(await listed(user)).toHaveLength(1);
    },
  );

  scenario('nothing that is well: certificates are kept by their whole path', async (user) => {
    writeFileSync(join(user.cwd, 'ca.pem'), `${rootCertificates[0]}\n${rootCertificates[1]}\n`);
    const made = await user.run(['profiles:add', 'work', '--api', 'a.example', '--ca', 'ca.pem', '--json']);
    expect(made.code).toBe(0);
    expect(made.json()).toMatchObject({ name: 'work', ca: join(user.cwd, 'ca.pem'), in_use: true });
  });
});
