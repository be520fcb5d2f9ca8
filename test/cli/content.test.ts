import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contentOf } from '../../src/cli/content.js';
import { CommandError } from '../../src/cli/failure.js';
import { temporaryFolder } from '../platform/store/temporary.js';

test('a file is read whole, or not at all if it has no end', async () => {
  const file = join(temporaryFolder(), 'vars');
  writeFileSync(file, 'ä'.repeat(100));
  expect(await contentOf(file, 100)).toBe('ä'.repeat(100));
  await expect(contentOf(file, 99)).rejects.toThrow('The file holds more than 99 characters.');
  await expect(contentOf('/dev/zero', 1000)).rejects.toThrow(CommandError);
  await expect(contentOf('/nowhere/at/all', 1000)).rejects.toMatchObject({ code: 'ENOENT' });
});
