import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { envLines } from '../../src/cli/env-lines.js';
import { parseEnvFile } from '../../src/model/env-file.js';
import { RuleError } from '../../src/model/rule.js';

const vars = (text: string): Record<string, string> => Object.fromEntries(parseEnvFile(text));

describe('a .env file', () => {
  test.each([
    ['A=b', 'b'],
    ['export A=b', 'b'],
    ['  A = b  ', 'b'],
    ['A=', ''],
    ['A=abc#123', 'abc#123'],
    ['A=#x', '#x'],
    ['A=postgres://u:p#w@h/db', 'postgres://u:p#w@h/db'],
    ['A=b # a comment', 'b'],
    ['A= # a comment', ''],
    ["A=it's", "it's"],
    ["A='b # c' # d", 'b # c'],
    ['A="b\\n\\"c\\"\\\\ \\$d \\e"', 'b\n"c"\\ $d \\e'],
    ["A='it'\\''s'", "it's"],
    ["A=''\\''x'", "'x"],
    ["A='one\ntwo'", 'one\ntwo'],
    ['A=`"b"`', '"b"'],
    ['A=b\r\n', 'b'],
    ["A='b'\r\n", 'b'],
    ['\uFEFFA=b', 'b'],
    ['# a comment\n\n \nA=b', 'b'],
  ])('%j', (text, value) => {
    expect(vars(text)).toEqual({ A: value });
  });

  test.each([
    ['A=1\nsecret', 2, 'is not of the form NAME=VALUE'],
    ['A=1\nB="secret', 2, 'opens a quote'],
    ["A=1\n\nB='secret\nmore", 3, 'opens a quote'],
    ["A='secret'more", 1, 'has text after a closing quote'],
    ["A='secret'#more", 1, 'has text after a closing quote'],
    ['A=1\nA=secret', 2, 'sets a var that line 1 sets already'],
  ])('%j is refused by the number of its line, and nothing of it is shown', (text, line, why) => {
    expect(() => parseEnvFile(text)).toThrow(RuleError);
    expect(() => parseEnvFile(text)).toThrow(`Line ${line} of the file ${why}`);
    expect(() => parseEnvFile(text)).not.toThrow(/secret/);
  });

  test('what config --shell and spaces:env print is read as it was set, whatever the values', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...`'"\`\\$#=\n\r\t ab`.split('')),
        fc.string({ maxLength: 1, unit: 'binary' }),
      ),
    });
    const all = fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/), text, {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(all, fc.constantFrom('shell', 'dotenv'), (given, format) => {
        expect(vars(`${envLines(given, format).lines.join('\n')}\n`)).toEqual(given);
      }),
    );
  });

  test('and as a POSIX shell reads it', () => {
    const value = fc.string({
      unit: fc.constantFrom(...`'"\`\\$#= \n\tab{}()`.split('')),
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(value, (given) => {
        const line = envLines({ A: given }, 'shell').lines.join('');
        const read = execFileSync('/bin/sh', ['-c', `${line}\nprintf '%s.' "$A"`], { encoding: 'utf8' });
        expect(read.slice(0, -1)).toBe(vars(line).A);
      }),
      { numRuns: 30 },
    );
  });
});
