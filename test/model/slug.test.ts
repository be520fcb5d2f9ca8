import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { byteSize } from '../../src/model/byte-size.js';
import { parseChecksum } from '../../src/model/digest.js';
import { RuleError } from '../../src/model/rule.js';
import { argvOf } from '../../src/model/slug.js';

const facts = { path: ['.venv/bin', "it's here"], folders: { VIRTUAL_ENV: '.venv' } };

function output(command: string | readonly string[], slug: Parameters<typeof argvOf>[0] = facts): string {
  const [program, ...args] = argvOf(slug, command);
  return execFileSync(program, args, { env: { HOME: '/a home', PATH: '/bin:/usr/bin' }, encoding: 'utf8' });
}

describe('a program of a slug', () => {
  test('finds the folders of the slug where its home is', () => {
    expect(output('echo "$VIRTUAL_ENV" "$PATH"')).toBe(
      "/a home/.venv /a home/.venv/bin:/a home/it's here:/bin:/usr/bin\n",
    );
  });

  test('gets its arguments as they are', () => {
    expect(output(['printf', '%s|', 'a b', '$HOME', "'", ''])).toBe("a b|$HOME|'||");
  });

  test('needs nothing set where the slug says nothing', () => {
    expect(argvOf({ path: [], folders: {} }, 'npm start')).toEqual(['/bin/sh', '-c', 'npm start']);
  });
});

describe('a checksum', () => {
  const hex = 'ab'.repeat(32);
  test('is read in any case', () => {
    expect(parseChecksum(` SHA256:${hex.toUpperCase()}\n`)).toBe(hex);
  });

  test.each(['', hex, `sha256:${hex}0`, `sha512:${hex}`, `sha256:${'g'.repeat(64)}`, `sha256::${hex}`])(
    'is refused: %j',
    (text) => {
      expect(() => parseChecksum(text)).toThrow(RuleError);
    },
  );
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1024 * 1024 - 1, '1 MiB'],
  [300 * 1024 * 1024, '300 MiB'],
  [1024 ** 3 * 2.25, '2.3 GiB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});
