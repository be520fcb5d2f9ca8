import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ApiAddress, parseApiAddress } from '../../src/client/api-address.js';
import { Credentials, credentialsAt, sourcesFor, tokenAddress } from '../../src/client/credentials.js';
import { type Keyring, KeyringError, systemKeyring } from '../../src/client/keyring.js';
import { TokenStore } from '../../src/client/token-store.js';
import { newFolder } from './hostile.js';

type Reached = ApiAddress & { kind: 'http' };

const at = (url: string): Reached => parseApiAddress(url) as Reached;

/** A home folder with these files in it, for its owner only. */
function home(files: Readonly<Record<string, string>> = {}) {
  const dir = newFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content);
    chmodSync(path, 0o600);
  }
  return { env: { HOME: dir }, configDir: join(dir, 'config') };
}

const stored = (tokens: object): string => JSON.stringify({ tokens });

describe('a token is kept by the address that it is for', () => {
  test.each([
    ['https://Apps.Example.com', 'apps.example.com'],
    ['https://apps.example.com:443/', 'apps.example.com'],
    ['https://apps.example.com:8443/base/', 'apps.example.com:8443/base'],
    ['http://localhost', 'localhost:80'],
    ['http://[::1]:5000', '[::1]:5000'],
  ])('%s: %s', (url, address) => {
    expect(tokenAddress(at(url))).toBe(address);
  });
});

describe('the token for an API is the first of these that is there:', () => {
  const files = {
    'config/tokens.json': stored({ 'a.example': { token: 'stored' } }),
    '.netrc':
      'machine a.example password netrc\nmachine b.example:8443 password port\nmachine b.example password host',
  };

  test.each<[string, string, Record<string, string>, string | undefined]>([
    ['the environment', 'https://a.example', { AKA_TOKEN: 'env' }, 'Bearer env'],
    ['what was stored', 'https://a.example', {}, 'Bearer stored'],
    ['.netrc, with the port', 'https://b.example:8443', {}, 'Bearer port'],
    ['.netrc', 'https://b.example', {}, 'Bearer host'],
    ['nothing', 'https://c.example', {}, undefined],
    ['nothing for a socket', 'unix:/s', { AKA_TOKEN: 'env' }, undefined],
    ['nothing of an inherited name', 'https://constructor', {}, undefined],
  ])('%s', async (_, url, env, authorization) => {
    const { env: homely, configDir } = home(files);
    const found = await credentialsAt(parseApiAddress(url), { env: { ...homely, ...env }, configDir });
    expect(found?.authorization()).toBe(authorization);
  });

  test('and all of them, for who asks what is left', () => {
    const { env, configDir } = home(files);
    const all = sourcesFor(
      at('https://a.example'),
      { env: { ...env, API_TOKEN: 'x' }, configDir },
      { all: true },
    );
    expect(all.map(({ from }) => from)).toEqual(['environment', 'file', 'netrc']);
  });

  test('a .netrc that is no file, or has more than anybody types, has none', async () => {
    const large = home({ '.netrc': `${' '.repeat(1024 * 1024)}machine a.example password x` });
    expect(await credentialsAt(at('https://a.example'), large)).toBeUndefined();
    const folder = home({ '.netrc/x': '' });
    expect(await credentialsAt(at('https://a.example'), folder)).toBeUndefined();
  });

  test('one with characters that no token has is refused, and not shown', async () => {
    for (const bad of ['with blank', 'line\nfeed', 'schlüssel', 'x'.repeat(9000), '']) {
      const { env, configDir } = home({ 'config/tokens.json': stored({ 'a.example': { token: bad } }) });
      const refused = credentialsAt(at('https://a.example'), { env, configDir });
      await expect(refused).rejects.toThrow(/holds characters that no token has/);
      if (bad !== '') await expect(refused).rejects.not.toThrow(bad);
    }
  });
});

/** Only root can give files away. */
const asRoot = process.geteuid?.() === 0 ? test : test.skip;

asRoot('files of another user are not trusted', async () => {
  const { env, configDir } = home({
    'config/tokens.json': stored({ 'a.example': { token: 'x' } }),
    '.netrc': 'machine b.example password x',
  });
  for (const [file, url] of [
    [join(configDir, 'tokens.json'), 'https://a.example'],
    [join(env.HOME, '.netrc'), 'https://b.example'],
  ] as const) {
    chownSync(file, 65534, 65534);
    await expect(credentialsAt(at(url), { env, configDir })).rejects.toThrow(/belongs to another user/);
    chownSync(file, 0, 0);
    expect(await credentialsAt(at(url), { env, configDir })).toBeDefined();
  }
});

test('a bearer token can be taken out of credentials, and nothing else', () => {
  expect(Credentials.bearer('abc').token).toBe('abc');
  expect(Credentials.header('bearer  abc').token).toBe('abc');
  expect(Credentials.header('Basic abc').token).toBeUndefined();
  expect(Credentials.header('abc').token).toBeUndefined();
});

/** A keyring in memory, which fails where it is told to. */
class Memory implements Keyring {
  readonly held = new Map<string, string>();
  broken: KeyringError | undefined;
  asked = 0;

  async put(account: string, secret: string): Promise<void> {
    this.#ask();
    this.held.set(account, secret);
  }

  async find(account: string): Promise<string | undefined> {
    this.#ask();
    return this.held.get(account);
  }

  async remove(account: string): Promise<boolean> {
    this.#ask();
    return this.held.delete(account);
  }

  #ask(): void {
    this.asked++;
    if (this.broken !== undefined) throw this.broken;
  }
}

function open() {
  const keyring = new Memory();
  const store = new TokenStore(join(newFolder(), 'config'), () => keyring);
  const troubles: string[] = [];
  const hear = (why: string): void => {
    troubles.push(why);
  };
  return { keyring, store, troubles, hear };
}

describe('the store', () => {
  test('keeps tokens in the keyring, and asks it for no others', async () => {
    const { keyring, store, troubles, hear } = open();
    expect(await store.keep('a.example', 't', hear)).toBe('keyring');
    expect(await store.find('a.example')).toBe('t');
    const { asked } = keyring;
    expect(await store.find('b.example')).toBeUndefined();
    expect([store.placeOf('a.example'), store.placeOf('b.example')]).toEqual(['keyring', undefined]);
    expect({ asked: keyring.asked, troubles }).toEqual({ asked, troubles: [] });
    expect(await store.forget('a.example', hear)).toBe('keyring');
    expect([...keyring.held, store.placeOf('a.example')]).toEqual([undefined]);
  });

  test('keeps them in the file where the keyring fails, and says why unless there is none', async () => {
    const { keyring, store, troubles, hear } = open();
    keyring.broken = new KeyringError('it says: locked');
    expect(await store.keep('a.example', 't', hear)).toBe('file');
    expect(troubles).toEqual(['it says: locked']);
    keyring.broken = new KeyringError('no such program', true);
    expect(await store.keep('a.example', 'u', hear)).toBe('file');
    expect(troubles).toHaveLength(1);
    expect(await store.find('a.example')).toBe('u');
    expect(await store.forget('a.example', hear)).toBe('file');
  });

  test('leaves no old token in the keyring when a new one goes elsewhere', async () => {
    const { keyring, store, hear } = open();
    await store.keep('a.example', 'old', hear);
    keyring.put = async () => {
      throw new KeyringError('it says: full');
    };
    expect(await store.keep('a.example', 'new', hear)).toBe('file');
    expect([...keyring.held]).toEqual([]);
  });

  test('says so when the keyring withholds one, and forgets it all the same', async () => {
    const { keyring, store, troubles, hear } = open();
    await store.keep('a.example', 't', hear);
    keyring.broken = new KeyringError('it is locked');
    await expect(store.find('a.example')).rejects.toMatchObject({ id: 'keyring_withholds', status: 401 });
    await store.forget('a.example', hear);
    expect(troubles).toEqual(['it is locked']);
    expect(store.placeOf('a.example')).toBeUndefined();
  });
});

test('there is a keyring where there can be one, unless it is turned off', () => {
  const bus = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus' };
  expect(systemKeyring(bus, 'linux')).toBeDefined();
  expect(systemKeyring({}, 'linux')).toBeUndefined();
  expect(systemKeyring({}, 'darwin')).toBeDefined();
  expect(systemKeyring({}, 'win32')).toBeUndefined();
  expect(systemKeyring({ ...bus, AKA_KEYRING: 'off' }, 'linux')).toBeUndefined();
  expect(() => systemKeyring({ ...bus, AKA_KEYRING: 'canary' }, 'linux')).toThrow(/^AKA_KEYRING is neither/);
});
