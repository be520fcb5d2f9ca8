import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { hostLines, withBlock } from '../../src/model/hosts-block.js';

const LINES = ['127.0.0.1 web.local.localhost', '127.0.0.1 api.local.localhost'];
/** Any bytes, as characters; with the marks of somebody else among them. */
const anyFile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '\n',
        '\r\n',
        '# aka begin "/b"\n::1 x.y\n# aka end "/b"\n',
        ' # aka begin "/a"',
        '# aka begin "/a/b"\n',
      ),
    ),
  )
  .map((parts) => parts.join(''))
  .filter((text) => !/^# aka (begin|end) "\/a"$/m.test(text));

describe('the block of a hosts file', () => {
  test('goes to the end of it', () => {
    expect(withBlock('127.0.0.1 localhost\n', '/a', LINES.slice(0, 1))).toBe(
      '127.0.0.1 localhost\n# aka begin "/a"\n127.0.0.1 web.local.localhost\n# aka end "/a"\n',
    );
  });

  test('leaves not a byte of the rest changed, and nothing when it is taken out', () => {
    fc.assert(
      fc.property(anyFile, (text) => {
        const once = withBlock(text, '/a', LINES);
        expect(once).toContain(LINES.join('\n'));
        expect(once.replace(/# aka begin "\/a"\n127[^#]*# aka end "\/a"\n/, '')).toBe(text);
        expect(withBlock(once, '/a', LINES)).toBe(once);
        expect(withBlock(withBlock(once, '/a', LINES.slice(1)), '/a', [])).toBe(text);
      }),
    );
  });

  test('stays where it was, beside that of another platform', () => {
    const both = withBlock(withBlock('a\n', '/a', LINES), '/b', LINES);
    const changed = withBlock(both, '/a', ['::1 x.y']);
    expect(changed).toBe(
      `a\n# aka begin "/a"\n::1 x.y\n# aka end "/a"\n${both.slice(both.indexOf('# aka begin "/b"'))}`,
    );
    expect(withBlock(withBlock(both, '/a', []), '/b', [])).toBe('a\n');
  });

  test('is found again after an editor that ends lines as Windows does, or leaves blanks there', () => {
    const before = '127.0.0.1 localhost\n';
    const there = withBlock(before, '/a', ['127.0.0.1 web.local.localhost']);
    for (const edited of [there.replaceAll('\n', '\r\n'), there.replaceAll('\n', ' \t\n')]) {
      const line = edited.slice(0, edited.indexOf('\n') + 1);
      expect(withBlock(edited, '/a', ['127.0.0.1 api.local.localhost'])).toBe(
        `${line}${withBlock('', '/a', ['127.0.0.1 api.local.localhost'])}`,
      );
      expect(withBlock(edited, '/a', [])).toBe(line);
    }
  });

  test('is not guessed where somebody took a mark of it out, or doubled it', () => {
    const block = withBlock('', '/a', LINES);
    const [begin = '', end = ''] = [block.split('\n')[0], block.split('\n').at(-2)];
    for (const text of [`${begin}\nx\n`, `x\n${end}\n`, `${end}\n${begin}\n`, block + block]) {
      expect(() => withBlock(text, '/a', LINES)).toThrow(expect.objectContaining({ id: 'damaged_block' }));
    }
  });

  test.each([
    'x\n127.0.0.1 bank.example',
    'a b',
    'a',
    '-a.b',
    'a..b',
    'A.b',
    '',
    'a.b#',
    `${'a'.repeat(300)}.b`,
  ])('has no line of %j', (name) => {
    expect(() => hostLines([{ address: '127.0.0.1', name }])).toThrow(
      expect.objectContaining({ id: 'invalid_host' }),
    );
  });

  test('has no address that is none', () => {
    expect(() => hostLines([{ address: '1 x\n', name: 'a.b' }])).toThrow(
      expect.objectContaining({ id: 'invalid_host' }),
    );
  });
});
