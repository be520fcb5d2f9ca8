import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function sourcesSuite(given: Given): void {
  const uploads = (): string => join(given.dataDir, 'uploads');
  const kept = (): string[] => (existsSync(uploads()) ? readdirSync(uploads()) : []);

  /** A server hears a little later that the other end is gone. */
  async function onlyOneIsKept(): Promise<void> {
    while (kept().length !== 1) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  describe('sources', () => {
    test('are kept once, by their checksum, as they were sent', async () => {
      const parts = Array.from({ length: 40 }, () => randomBytes(100_000));
      const digest = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
      const expected = { checksum: `sha256:${digest}`, bytes: 4_000_000 };
      expect(await given.user.sources.upload(Readable.from(parts))).toEqual(expected);
      const checked = { checksum: expected.checksum };
      expect(await given.api.sources.upload(Readable.from(parts), checked)).toEqual(expected);
      expect(kept()).toEqual([digest]);
      expect(readFileSync(join(uploads(), digest)).equals(Buffer.concat(parts))).toBe(true);
    });

    test('that are not what their checksum says are refused, and nothing is kept', async () => {
      const checksum = `sha256:${'0'.repeat(64)}`;
      const upload = given.api.sources.upload(Readable.from([randomBytes(300_000)]), { checksum });
      expect(await refused(upload)).toMatchObject({ id: 'wrong_checksum', status: 422 });
      const bad = given.api.sources.upload(Readable.from([Buffer.from('a')]), { checksum: 'md5:1' });
      expect(await refused(bad)).toMatchObject({ id: 'invalid_input', status: 422 });
      expect(kept()).toEqual([]);
      expect(await given.uploaded()).toMatch(/^sha256:/);
    });

    test('that end with an error are not kept, and the error is the one of their reader', async () => {
      const failure = new Error('It changed.');
      async function* torn(): AsyncGenerator<Buffer> {
        yield randomBytes(200_000);
        throw failure;
      }
      await expect(given.api.sources.upload(torn())).rejects.toBe(failure);
      expect(await given.uploaded()).toMatch(/^sha256:/);
      await onlyOneIsKept();
    });

    test('can be given up on their way', async () => {
      const gone = new AbortController();
      async function* endless(): AsyncGenerator<Buffer> {
        for (let n = 0; ; n++) {
          if (n === 3) gone.abort();
          yield randomBytes(100_000);
        }
      }
      await expect(given.api.sources.upload(endless(), {}, gone.signal)).rejects.toThrow();
      expect(await given.uploaded()).toMatch(/^sha256:/);
      await onlyOneIsKept();
    });
  });
}
