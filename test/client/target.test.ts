import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseApiAddress } from '../../src/client/api-address.js';
import { credentialsFrom } from '../../src/client/credentials.js';
import { resolveTarget, type Surroundings, type Target } from '../../src/client/target.js';
import { RuleError } from '../../src/model/rule.js';
import { newFolder } from './hostile.js';

const PROFILES = { platforms: { live: { api: 'https://live.example' }, test: { api: 'unix:/run/test' } } };
const OLD = JSON.stringify({ apps: 'old.example', auth: 'auth.example' });

const settingsWith = (more: object) => ({
  platform: 'live',
  platforms: { live: { api: 'https://live.example', ...more } },
});

type Given = Partial<Pick<Surroundings, 'flags' | 'env'>> & { settings?: unknown; old?: string };

function resolve({ flags = {}, env = {}, settings, old }: Given): Promise<Target> {
  return resolveTarget({
    flags,
    env,
    home: '/home/u',
    configDir: '/config',
    readFile: (path) => (path === '/home/u/.akkeris/config.json' ? old : undefined),
    readSettings: async () => {
      if (settings instanceof Error) throw settings;
      return settings;
    },
  });
}

async function refusal(given: Given): Promise<RuleError> {
  const error: unknown = await resolve(given).then(
    (target) => new Error(`It went to ${JSON.stringify(target)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof RuleError) return error;
  throw error;
}

async function caOf(given: Given): Promise<string | undefined> {
  const target = await resolve(given);
  return target.kind === 'http' ? target.ca : undefined;
}

describe('the target is the first that is named', () => {
  const everything: Given = {
    flags: { api: 'https://flag.example' },
    env: { AKA_API: 'https://env.example', AKKERIS_PLATFORM: 'live', AKKERIS_API_HOST: 'host.example' },
    settings: { ...PROFILES, platform: 'test' },
    old: OLD,
  };
  const without = (...variables: string[]) =>
    Object.fromEntries(Object.entries(everything.env ?? {}).filter(([name]) => !variables.includes(name)));

  test.each<[string, Given, string, string]>([
    ['the flag --api', everything, 'https://flag.example', '--api'],
    [
      'the flag --platform',
      { ...everything, flags: { platform: 'live' } },
      'https://live.example',
      '--platform',
    ],
    ['AKA_API', { ...everything, flags: {} }, 'https://env.example', 'AKA_API'],
    [
      'AKKERIS_PLATFORM',
      { ...everything, flags: {}, env: without('AKA_API') },
      'https://live.example',
      'AKKERIS_PLATFORM',
    ],
    [
      'AKKERIS_API_HOST',
      { ...everything, flags: {}, env: without('AKA_API', 'AKKERIS_PLATFORM') },
      'https://host.example',
      'AKKERIS_API_HOST',
    ],
    ['the profile in use', { ...everything, flags: {}, env: {} }, 'unix:/run/test', '/config/settings.json'],
    ['the old file', { old: OLD }, 'https://old.example', '/home/u/.akkeris/config.json'],
    [
      'the old file beside settings of other things',
      { settings: { colour: 'red' }, old: OLD },
      'https://old.example',
      '/home/u/.akkeris/config.json',
    ],
  ])('%s', async (_, given, url, why) => {
    expect(await resolve(given)).toMatchObject({ kind: 'http', url, why });
  });

  test.each<[string, Given, string]>([
    ['when nothing is', {}, 'nothing says otherwise'],
    ['with the default app named', { env: { AKKERIS_APP: 'web-shop' } }, 'nothing says otherwise'],
    ['with empty settings', { settings: {} }, 'nothing says otherwise'],
    ['by the flag', { ...everything, flags: { platform: 'embedded' } }, '--platform'],
    [
      'by the environment',
      { ...everything, flags: {}, env: { ...without('AKA_API'), AKKERIS_PLATFORM: 'embedded' } },
      'AKKERIS_PLATFORM',
    ],
    [
      'by the settings',
      { settings: { ...PROFILES, platform: 'embedded' }, old: OLD },
      '/config/settings.json',
    ],
    [
      'by the flag, whatever is broken',
      {
        flags: { platform: 'embedded' },
        env: { AKKERIS_API_HOST: '' },
        settings: new Error('broken'),
        old: '{',
      },
      '--platform',
    ],
  ])('and the platform on this machine %s', async (_, given, why) => {
    expect(await resolve(given)).toEqual({ kind: 'embedded', why });
  });

  test.each([
    ['apps.example.com', 'https://apps.example.com', 'apps.example.com'],
    ['apps.example.com:8443', 'https://apps.example.com:8443', 'apps.example.com:8443'],
    ['http://localhost:5000', 'http://localhost:5000', 'localhost:5000'],
    ['HTTP://localhost:5000', 'HTTP://localhost:5000', 'localhost:5000'],
    ['https://apps.example.com/', 'https://apps.example.com/', 'apps.example.com'],
  ])('AKKERIS_API_HOST=%s is %s', async (host, url, name) => {
    expect(await resolve({ env: { AKKERIS_API_HOST: host } })).toMatchObject({ kind: 'http', url, name });
    expect(await resolve({ old: JSON.stringify({ apps: host }) })).toMatchObject({ kind: 'http', url, name });
  });

  test.each<[string, Given, string | undefined]>([
    ['its profile names', { settings: settingsWith({ auth: 'sso.example' }) }, 'sso.example'],
    [
      'no variable names, which is of another platform',
      { settings: settingsWith({}), env: { AKKERIS_AUTH_HOST: 'env.example' } },
      undefined,
    ],
    [
      'the environment names beside the API',
      { env: { AKKERIS_API_HOST: 'h', AKKERIS_AUTH_HOST: 'env.example' } },
      'env.example',
    ],
    ['the old file names', { old: OLD }, 'auth.example'],
    ['the environment names instead', { old: OLD, env: { AKKERIS_AUTH_HOST: 'env.example' } }, 'env.example'],
    [
      'the environment names for no other API than that of the flag',
      { flags: { api: 'https://a.example' }, env: { AKKERIS_AUTH_HOST: 'env.example' } },
      'env.example',
    ],
    [
      'the environment names, but not for that of the flag',
      {
        flags: { api: 'https://a.example' },
        env: { AKKERIS_AUTH_HOST: 'env.example', AKKERIS_API_HOST: 'h' },
      },
      undefined,
    ],
  ])('passwords go to the host that %s', async (_, given, auth) => {
    const target = await resolve(given);
    expect(target.kind === 'http' && target.auth).toBe(auth);
  });

  test('certificates are those of the profile, or of the environment', async () => {
    const env = { AKA_CA_FILE: 'env.pem' };
    expect(await caOf({ settings: settingsWith({ ca: '/its.pem' }) })).toBe('/its.pem');
    expect(await caOf({ settings: settingsWith({ ca: '/its.pem' }), env })).toBe('/its.pem');
    expect(await caOf({ settings: settingsWith({}), env })).toBe(join(process.cwd(), 'env.pem'));
    expect(await caOf({ flags: { api: 'https://a.example' }, env })).toBe(join(process.cwd(), 'env.pem'));
    expect(await caOf({ flags: { api: 'unix:/s' }, env })).toBeUndefined();
    expect(await caOf({ settings: settingsWith({}) })).toBeUndefined();
  });

  test('a profile has its name', async () => {
    expect(await resolve({ flags: { platform: 'live' }, settings: PROFILES })).toMatchObject({
      name: 'live',
    });
  });
});

describe('what is there but broken is named, and never leads to this machine:', () => {
  test.each<[string, Given, RegExp]>([
    ['both flags', { flags: { api: 'https://a.example', platform: 'live' } }, /--api and --platform/],
    ['an empty --api', { flags: { api: '' } }, /--api/],
    ['an --api without a scheme', { flags: { api: 'apps.example.com' } }, /--api.*"apps\.example\.com"/],
    [
      'an unknown --platform',
      { flags: { platform: 'prod' }, settings: PROFILES },
      /--platform names platform "prod", which is not in \/config\/settings\.json/,
    ],
    ['an inherited name', { flags: { platform: 'constructor' }, settings: PROFILES }, /"constructor"/],
    ['a --platform without settings', { flags: { platform: 'live' } }, /--platform/],
    ['an empty AKA_API', { env: { AKA_API: '' } }, /AKA_API/],
    ['an AKA_API of another scheme', { env: { AKA_API: 'ftp://a.example' } }, /AKA_API/],
    ['an empty AKKERIS_PLATFORM', { env: { AKKERIS_PLATFORM: '' } }, /AKKERIS_PLATFORM/],
    ['an empty AKKERIS_API_HOST', { env: { AKKERIS_API_HOST: '' } }, /AKKERIS_API_HOST: "" is not/],
    ['an AKKERIS_API_HOST that is none', { env: { AKKERIS_API_HOST: 'a b' } }, /AKKERIS_API_HOST/],
    ['a lone AKKERIS_AUTH_HOST', { env: { AKKERIS_AUTH_HOST: 'auth.example' } }, /AKKERIS_AUTH_HOST/],
    ['a lone AKA_TOKEN', { env: { AKA_TOKEN: 't' } }, /AKA_TOKEN/],
    ['a lone API_TOKEN, even if empty', { env: { API_TOKEN: '' } }, /API_TOKEN/],
    ['a lone API_AUTH', { env: { API_AUTH: 'x' } }, /API_AUTH/],
    ['a lone AKA_CA_FILE', { env: { AKA_CA_FILE: '/ca.pem' } }, /AKA_CA_FILE/],
    ['an empty AKA_CA_FILE', { old: OLD, env: { AKA_CA_FILE: '' } }, /AKA_CA_FILE/],
    ['a profile with a relative path', { settings: settingsWith({ ca: 'ca.pem' }) }, /"ca"/],
    [
      'settings that are no JSON',
      { settings: new SyntaxError('at position 1') },
      /settings\.json can't be read/,
    ],
    [
      'settings of another form',
      { settings: { platforms: { live: 'https://a.example' } } },
      /settings\.json has no usable platforms\.live/,
    ],
    ['settings that are a list', { settings: [] }, /settings\.json/],
    ['settings that choose none', { settings: PROFILES }, /settings\.json does not say which/],
    ['settings that choose an unknown one', { settings: { ...PROFILES, platform: 'prod' } }, /"prod"/],
    [
      'a profile with a bad address',
      { settings: { platforms: { a: { api: 'nope' } }, platform: 'a' } },
      /platforms\.a/,
    ],
    ['an old file that is no JSON', { old: '{"apps":' }, /\.akkeris\/config\.json can't be read/],
    ['an old file without the API', { old: '{"auth":"auth.example"}' }, /\.akkeris\/config\.json/],
    ['an old file with an empty API', { old: '{"apps":""}' }, /\.akkeris\/config\.json/],
  ])('%s', async (_, given, message) => {
    const error = await refusal(given);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });

  test('with the nearest name', async () => {
    expect((await refusal({ flags: { platform: 'lvie' }, settings: PROFILES })).hint).toBe(
      'Did you mean live?',
    );
  });

  test('without the secrets in it', async () => {
    for (const url of [
      'https://u:hunter2@a.example',
      'https://hunter2@a.example',
      'https://a.example/?token=hunter2',
      'ftp://hunter2:hunter2@a.example',
    ]) {
      for (const given of [
        { flags: { api: url } },
        { env: { AKKERIS_API_HOST: url } },
        { old: JSON.stringify({ apps: url }) },
      ]) {
        const { message, hint } = await refusal(given);
        expect(`${message} ${hint}`).not.toContain('hunter2');
      }
    }
  });
});

const sent = (env: Record<string, string>) => credentialsFrom(env)?.authorization();

describe('credentials', () => {
  test('are those of the environment', () => {
    expect(sent({})).toBeUndefined();
    expect(sent({ API_TOKEN: 'c' })).toBe('Bearer c');
    expect(sent({ API_TOKEN: 'c', API_AUTH: 'Basic b' })).toBe('Basic b');
    expect(sent({ API_TOKEN: 'c', API_AUTH: 'Basic b', AKA_TOKEN: 'a' })).toBe('Bearer a');
  });

  test.each(['', ' ', 'two words', 'line\nbreak', 'schlüssel', 'nul\0', 'tab\t'])(
    'of AKA_TOKEN=%j are refused by name',
    (value) => {
      expect(() => credentialsFrom({ AKA_TOKEN: value })).toThrow(/^AKA_TOKEN is set but/);
      if (value.trim() !== '')
        expect(() => credentialsFrom({ AKA_TOKEN: value })).not.toThrow(new RegExp(value));
      expect(() => credentialsFrom({ API_AUTH: `${value}\r\nX: y` })).toThrow(/^API_AUTH/);
    },
  );
});

describe('an address', () => {
  test.each([
    ['https://a.example', { origin: 'https://a.example', base: '', shown: 'a.example', confidential: true }],
    [
      'https://a.example:8443/base//',
      { origin: 'https://a.example:8443', base: '/base', shown: 'a.example:8443', confidential: true },
    ],
    ['http://a.example', { origin: 'http://a.example', confidential: false }],
    ['http://127.0.0.1:1', { origin: 'http://127.0.0.1:1', confidential: true }],
    ['http://127.1:1', { origin: 'http://127.0.0.1:1', confidential: true }],
    ['http://[::1]:1', { origin: 'http://[::1]:1', confidential: true }],
    ['http://127.0.0.1.a.example', { confidential: false }],
    ['unix:/run/aka.sock', { kind: 'unix', socket: '/run/aka.sock', shown: 'unix:/run/aka.sock' }],
    ['unix:///run/aka.sock', { kind: 'unix', socket: '/run/aka.sock' }],
  ])('%s is understood', (text, address) => {
    expect(parseApiAddress(text)).toMatchObject(address);
  });

  test.each([
    '',
    'a.example',
    'unix:',
    'unix:run/s',
    'unix:/a\0b',
    'http://',
    'https:a.example',
    'https://a b',
    'javascript:1',
    'https://a.example#x',
  ])('%j is none', (text) => {
    expect(() => parseApiAddress(text)).toThrow(RuleError);
  });
});

test('the files are read from where they are', async () => {
  const [home, configDir] = [newFolder(), newFolder()];
  const here = { flags: {}, env: { HOME: home }, configDir };
  expect(await resolveTarget(here)).toMatchObject({ kind: 'embedded' });

  mkdirSync(join(home, '.akkeris'));
  writeFileSync(join(home, '.akkeris', 'config.json'), OLD);
  expect(await resolveTarget(here)).toMatchObject({ url: 'https://old.example' });

  for (const loose of [join(home, '.akkeris'), join(home, '.akkeris', 'config.json')]) {
    chmodSync(loose, 0o770);
    await expect(resolveTarget(here)).rejects.toThrow(`${loose} can be written by other users`);
    chmodSync(loose, 0o700);
  }

  // Only root can give a file away.
  if (process.geteuid?.() === 0) {
    const given = join(home, '.akkeris', 'config.json');
    chownSync(given, 4711, 4711);
    await expect(resolveTarget(here)).rejects.toMatchObject({
      message: expect.stringContaining(`${given} belongs to another user of this machine (uid 4711)`),
      hint: expect.stringContaining(`sudo chown 0 ${given}`),
    });
    chownSync(given, 0, 0);
  }

  const file = join(configDir, 'settings.json');
  writeFileSync(file, JSON.stringify({ ...PROFILES, platform: 'live' }));
  expect(await resolveTarget(here)).toMatchObject({ url: 'https://live.example', name: 'live' });

  for (const loose of [configDir, file]) {
    chmodSync(loose, 0o777);
    await expect(resolveTarget(here)).rejects.toThrow(/can be written by other users/);
    chmodSync(loose, 0o700);
  }
  for (const broken of ['', '{', 'null', '[1]', '"x"']) {
    writeFileSync(file, broken);
    await expect(resolveTarget(here)).rejects.toThrow(/settings\.json/);
  }
});
