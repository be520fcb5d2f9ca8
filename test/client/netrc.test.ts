import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { netrcPassword } from '../../src/client/netrc.js';

/** A word of the file that may hold anything. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

describe('the password of a machine', () => {
  test.each<[string, string, string | undefined]>([
    ['as the older aka writes it', 'machine a.example\n\tlogin olga\n\tpassword s3cret\n', 's3cret'],
    ['in one line', 'machine a.example login olga password s3cret', 's3cret'],
    ['before its login', 'machine a.example password s3cret login olga', 's3cret'],
    ['with an account', 'machine a.example login o account acc password s3cret', 's3cret'],
    [
      'among others',
      'machine b.example password no\nmachine a.example password s3cret\nmachine c password no',
      's3cret',
    ],
    ['in any case', 'machine A.Example password s3cret', 's3cret'],
    ['the first of several', 'machine a.example password s3cret\nmachine a.example password no', 's3cret'],
    [
      'the first that there is',
      'machine a.example login x\nmachine a.example login y password s3cret',
      's3cret',
    ],
    ['in quotes', 'machine "a.example" password "s3cret"', 's3cret'],
    ['with blanks and quotes in it', 'machine a.example password "a \\"b\\" \\\\ c"', 'a "b" \\ c'],
    ['with a quote that does not end', 'machine a.example password "s3cret\nlogin x', '"s3cret'],
    ['that begins with #', 'machine a.example password #s3cret', '#s3cret'],
    ['that is a word of the file', 'machine a.example password machine login password', 'machine'],
    ['after a comment', '# machine a.example password no\nmachine a.example # x\n password s3cret', 's3cret'],
    ['with a line of Windows', 'machine a.example\r\npassword s3cret\r\n', 's3cret'],
    ['after a macro', 'macdef init\ncd x\npassword no\n\nmachine a.example password s3cret', 's3cret'],
    ['but not within a macro', 'macdef init\nmachine a.example password no\n', undefined],
    ['but not the default', 'default login anonymous password no', undefined],
    ['nor what follows the default', 'machine a.example login x\ndefault password no', undefined],
    [
      'nor of another machine',
      'machine aa.example password no\nmachine a.example.org password no',
      undefined,
    ],
    ['nor without a machine', 'password no', undefined],
    ['nor where there is none', 'machine a.example password', undefined],
    ['nor in nothing', '', undefined],
  ])('%s', (_, text, password) => {
    expect(netrcPassword(text, ['a.example'])).toBe(password);
  });

  test('with its port goes before the host', () => {
    const text = 'machine a.example password host\nmachine a.example:8443 password port\n';
    expect(netrcPassword(text, ['a.example:8443', 'a.example'])).toBe('port');
    expect(netrcPassword(text, ['a.example:9000', 'a.example'])).toBe('host');
  });

  const word = fc.stringMatching(/^[ -~]{1,20}$/);

  test('is found whatever words and blanks are round it', () => {
    const blank = fc.constantFrom(' ', '\t', '\n', '\r\n', '  \n\t');
    const machines = fc.uniqueArray(
      fc.record({ host: fc.domain(), login: word, password: word, blank, before: fc.boolean() }),
      { selector: ({ host }) => host.toLowerCase(), minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(machines, (entries) => {
        const text = entries
          .map(({ host, login, password, blank: b, before }) => {
            const words = [`login${b}${quoted(login)}`, `password${b}${quoted(password)}`];
            return [`machine${b}${host}`, ...(before ? words : words.toReversed())].join(b);
          })
          .join('\n');
        for (const { host, password } of entries) expect(netrcPassword(text, [host])).toBe(password);
        expect(netrcPassword(text, ['no.such.machine.here'])).toBeUndefined();
      }),
    );
  });

  test('is at most what is in the file, whatever that is, and never takes long', () => {
    const pieces = fc.constantFrom(
      'machine ',
      'a ',
      'password ',
      'default ',
      'macdef ',
      '"',
      '\\',
      '#',
      '\n',
      ' ',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }), (parts) => {
        const password = netrcPassword(parts.join(''), ['a']);
        if (password !== undefined) expect(password.length).toBeLessThanOrEqual(parts.join('').length);
      }),
    );
    for (const piece of ['machine ', '"', '"\\" ', '# ', '\n', 'macdef x ', 'machine a password "', '\\']) {
      const text = piece.repeat(Math.ceil((1024 * 1024) / piece.length));
      const began = performance.now();
      netrcPassword(text, ['a']);
      expect(performance.now() - began).toBeLessThan(2000);
    }
  });
});
