import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseProcfile } from '../../src/model/procfile.js';
import { RuleError } from '../../src/model/rule.js';

describe('a Procfile', () => {
  test('gives process types in the order they are written', () => {
    const types = parseProcfile(
      '\ufeff# what runs\r\n\r\nweb:   node server.js --port=$PORT  \r\nrun_worker-2 : ./work a:b\n',
    );
    expect(Object.entries(types)).toEqual([
      ['web', 'node server.js --port=$PORT'],
      ['run_worker-2', './work a:b'],
    ]);
  });

  test.each([
    ['web node server.js', 'There is no process type on line 1 of the Procfile: web node server.js'],
    ['web: a\n\n: b', 'There is no process type on line 3 of the Procfile: : b'],
    ['web: a\nweb: b', 'Process type web is there again on line 2 of the Procfile.'],
    ['Web: a', "Web on line 1 of the Procfile can't be the name of a process type."],
    [
      `${'w'.repeat(41)}: a`,
      `${'w'.repeat(41)} on line 1 of the Procfile can't be the name of a process type.`,
    ],
    ['web:', 'There is no command on line 1 of the Procfile.'],
    [
      `web: ${'a'.repeat(8193)}`,
      'The command on line 1 of the Procfile has 8193 characters; it may have 8192.',
    ],
    ['web: a\u0000b', 'The command on line 1 of the Procfile holds a control character.'],
    [
      'web: a\nrun: b',
      "A process type can't be called run, as on line 2 of the Procfile: the platform uses that name itself.",
    ],
    ['# nothing', 'The Procfile names no process type.'],
    ['', 'The Procfile names no process type.'],
    [
      Array.from({ length: 51 }, (_, n) => `t${n}: a`).join('\n'),
      'The Procfile has more than 50 process types.',
    ],
  ])('is refused with its line: %j', (text, message) => {
    expect(() => parseProcfile(text)).toThrow(new RuleError('invalid_procfile', message));
  });

  test('a name that objects have is a name like any other', () => {
    expect(Object.keys(parseProcfile('constructor: a'))).toEqual(['constructor']);
  });

  test('whatever it holds, it is read or refused as a rule', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseProcfile(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RuleError);
        }
      }),
    );
  });
});
