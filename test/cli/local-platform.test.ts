import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LocalPlatform } from '../../src/cli/local-platform.js';
import { credentialsFrom } from '../../src/client/credentials.js';
import { httpApi } from '../../src/client/http-api.js';

const LISTEN = { listen: { host: '127.0.0.1', port: 0 } };
const [ONE, OTHER] = ['1'.repeat(64), '2'.repeat(64)] as const;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aka-machine-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a platform that listens on TCP', () => {
  test.each([
    ['AKA_TOKEN', { AKA_TOKEN: ONE, API_AUTH: 'Basic eDp5', API_TOKEN: OTHER }],
    ['API_AUTH', { API_AUTH: `Bearer ${ONE}`, API_TOKEN: OTHER }],
    ['API_TOKEN', { API_TOKEN: ONE }],
  ])('takes the token that commands with the same environment send: %s', async (_, env) => {
    const running = await new LocalPlatform({ HOME: home, ...env }).run(LISTEN);
    const { addresses, token_file } = await running.status();
    const url = addresses.find((address) => address.startsWith('http')) ?? '';
    const api = httpApi({ url, credentials: credentialsFrom(env) });
    try {
      expect(token_file).toBeNull();
      expect((await api.spaces.list()).items).toMatchObject([{ name: 'default' }]);
    } finally {
      await api.close();
      await running.stop();
    }
  });

  test('refuses to start with a login that it could never take, and without TCP has no use for it', async () => {
    const machine = new LocalPlatform({ HOME: home, API_AUTH: 'Basic eDp5', API_TOKEN: ONE });
    const refused = await machine.run(LISTEN).then(
      (running) => running.stop(),
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ id: 'invalid_credentials' });
    const running = await machine.run({});
    expect((await running.status()).addresses).toEqual([`unix:${running.socket}`]);
    await running.stop();
  });
});
