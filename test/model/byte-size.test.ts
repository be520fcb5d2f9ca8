import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { byteSize, parseByteSize } from '../../src/model/byte-size.js';

describe('a size', () => {
  test.each([
    ['5GB', 5e9],
    ['5gb', 5e9],
    ['5GiB', 5 * 1024 ** 3],
    ['5G', 5 * 1024 ** 3],
    ['1.5 MiB', 1.5 * 1024 ** 2],
    ['500k', 500 * 1024],
    ['2TB', 2e12],
  ])('is read: %s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  test.each(['', '5', '5 bytes', '-5GB', '5,5GB', 'GB', '5GBit', '1e3GB', '5PB', ' 5GB', '5GB\n'])(
    'is not %j',
    (text) => {
      expect(() => parseByteSize(text)).toThrow(expect.objectContaining({ id: 'invalid_size' }));
    },
  );

  test('as it is shown is read as nearly the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 1024 ** 5 - 1 }), (bytes) => {
        expect(Math.abs(parseByteSize(byteSize(bytes)) - bytes) / bytes).toBeLessThan(0.06);
      }),
    );
  });
});
