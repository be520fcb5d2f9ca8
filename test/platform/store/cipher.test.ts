import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { AppsApiError } from '../../../src/contract/errors.js';
import { Cipher, KEY_LENGTH } from '../../../src/platform/store/cipher.js';
import { openTemporary, refusal } from './temporary.js';

const keys = fc.uint8Array({ minLength: KEY_LENGTH, maxLength: KEY_LENGTH });
const texts = fc.string({ unit: 'grapheme' });
const UNREADABLE = expect.objectContaining({ id: 'unreadable_secret', status: 500 });

function opened(cipher: Cipher, sealed: Uint8Array, place: string): unknown {
  try {
    return cipher.open(sealed, place);
  } catch (error) {
    return error;
  }
}

describe('a sealed value', () => {
  test('opens to what it was, at its place and with its key only', () => {
    fc.assert(
      fc.property(keys, keys, texts, texts, texts, (key, otherKey, text, place, elsewhere) => {
        fc.pre(place !== elsewhere && Buffer.compare(key, otherKey) !== 0);
        const cipher = new Cipher(key);
        const sealed = cipher.seal(text, place);
        expect(cipher.open(sealed, place)).toBe(text);
        expect(opened(cipher, sealed, elsewhere)).toEqual(UNREADABLE);
        expect(opened(new Cipher(otherKey), sealed, place)).toEqual(UNREADABLE);
      }),
    );
  });

  test('does not open when any bit of it is another, or any part of it is missing', () => {
    fc.assert(
      fc.property(keys, texts, fc.nat(), fc.nat(7), (key, text, at, bit) => {
        const cipher = new Cipher(key);
        const sealed = cipher.seal(text, 'place');
        const place = at % sealed.length;
        const bent = Uint8Array.from(sealed, (byte, index) => (index === place ? byte ^ (1 << bit) : byte));
        for (const damaged of [bent, sealed.subarray(0, place), sealed.subarray(place + 1)]) {
          const error = opened(cipher, damaged, 'place');
          expect(error).toBeInstanceOf(AppsApiError);
          expect(error).toEqual(UNREADABLE);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is another one each time', () => {
    const cipher = new Cipher(new Uint8Array(KEY_LENGTH));
    const sealed = Array.from({ length: 200 }, () =>
      Buffer.from(cipher.seal('same', 'place')).toString('hex'),
    );
    expect(new Set(sealed).size).toBe(200);
    expect(sealed.join('')).not.toContain(Buffer.from('same').toString('hex'));
  });
});

describe('config vars at rest', () => {
  test('are in no file of the platform in clear, nor in a kept answer', async () => {
    const { api, folders } = openTemporary();
    const canary = 'CANARY-8f1b2c';
    await api.spaces.create({ name: 'shop', description: 'plain words' }, { idempotencyKey: 'one' });
    await api.apps.create({ name: 'web', space: 'shop' });
    await api.configVars.patch({ app: 'web-shop', vars: { GREETING: canary, DB_PASSWORD: canary } });
    const files = [folders.dataDir, folders.configDir].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
    );
    expect(files.some((content) => content.includes('plain words'))).toBe(true);
    expect(files.filter((content) => content.includes(canary))).toEqual([]);
    expect(await api.configVars.get({ app: 'web-shop' })).toMatchObject({ GREETING: canary });
  });

  test('can not be moved to another var or app, nor cut', async () => {
    const { api, raw } = openTemporary();
    await api.spaces.create({ name: 'shop' });
    for (const name of ['web', 'api']) {
      await api.apps.create({ name, space: 'shop' });
      await api.configVars.patch({ app: `${name}-shop`, vars: { A: `a of ${name}`, B: `b of ${name}` } });
    }
    const before = raw.all('SELECT app, name, value FROM config_vars');
    const web = (await api.apps.get({ app: 'web-shop' })).id;
    for (const [sql, ...values] of [
      [
        "UPDATE config_vars SET value = (SELECT value FROM config_vars WHERE app = ?1 AND name = 'B') WHERE app = ?1",
        web,
      ],
      [
        "UPDATE config_vars SET value = (SELECT value FROM config_vars WHERE app <> ?1 AND name = 'A') WHERE app = ?1 AND name = 'A'",
        web,
      ],
      ['UPDATE config_vars SET value = substr(value, 1, length(value) - 1) WHERE app = ?1', web],
      ["UPDATE config_vars SET value = x'' WHERE app = ?1", web],
    ] as const) {
      raw.run(sql, ...values);
      expect(await refusal(api.configVars.get({ app: 'web-shop' }))).toMatchObject({
        id: 'unreadable_secret',
        status: 500,
      });
      expect(await api.configVars.get({ app: 'api-shop' })).toMatchObject({ A: 'a of api', B: 'b of api' });
      for (const row of before)
        raw.run(
          'UPDATE config_vars SET value = ? WHERE app = ? AND name = ?',
          row.value ?? null,
          row.app ?? null,
          row.name ?? null,
        );
    }
    expect(await api.configVars.get({ app: 'web-shop' })).toMatchObject({ A: 'a of web' });
  });
});
