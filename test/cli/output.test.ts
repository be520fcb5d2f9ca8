import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { momentCell } from '../../src/cli/moment.js';
import { type Output, outputFor } from '../../src/cli/output.js';

/** What comes out of a stream for which some environment is in force. */
async function shown(
  write: (out: Output) => void,
  {
    isTTY = false,
    columns = 80,
    env = {},
  }: { isTTY?: boolean; columns?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  write(await outputFor(Object.assign(stream, { isTTY, columns }) as unknown as NodeJS.WriteStream, env));
  return text;
}

const TERMINAL = { isTTY: true, env: { NO_COLOR: '1' } };

/** Moves the cursor, and makes rows and cells of its own where nothing is done about it. */
const HOSTILE = 'a\u001b[2Jb\tc\nd\u0007';

describe('without a terminal', () => {
  const cases: [what: string, write: (out: Output) => void, text: string][] = [
    ['a line', (out) => out.line('done'), 'done\n'],
    ['an empty line', (out) => out.line(), '\n'],
    ['a value as it is', (out) => out.raw(HOSTILE), `${HOSTILE}\n`],
    ['no heading', (out) => out.heading('Spaces'), ''],
    ['no note', (out) => out.note('There are none.'), ''],
    [
      'rows without their heads',
      (out) =>
        out.table(
          ['Name', 'Apps'],
          [
            ['demo', 2],
            ['shop', 0],
          ],
        ),
      'demo\t2\nshop\t0\n',
    ],
    ['nothing for no rows', (out) => out.table(['Name'], []), ''],
    [
      'facts, of which one may have several values',
      (out) =>
        out.facts([
          ['Name', 'demo'],
          ['Domains', ['a', 'b']],
          ['Labels', []],
        ]),
      'Name\tdemo\nDomains\ta\tb\nLabels\n',
    ],
    [
      'one row for one row, whatever is in it',
      (out) => out.table(['Name'], [[HOSTILE]]),
      'a\\u001b[2Jb\\tc\\nd\\u0007\n',
    ],
  ];

  test.each(cases)('%s', async (_, write, text) => {
    expect(await shown(write)).toBe(text);
  });
});

describe('at a terminal', () => {
  test('what others wrote is escaped, also as a value', async () => {
    for (const write of [
      (out: Output) => out.raw(HOSTILE),
      (out: Output) => out.table(['Name'], [[HOSTILE]]),
      (out: Output) => out.facts([['Name', HOSTILE]]),
    ]) {
      const text = await shown(write, TERMINAL);
      expect(text).toContain('\\u001b[2J');
      expect(text).not.toContain('\u001b');
      expect(text).not.toContain('\u0007');
    }
  });

  test('headings and notes are shown, and tables have heads', async () => {
    const text = await shown((out) => {
      out.heading('Spaces');
      out.note('Two of them.');
      out.table(['NAME', 'APPS'], [['demo', 2]]);
    }, TERMINAL);
    expect(text).toMatch(/Spaces[^]*Two of them\.[^]*NAME +APPS[^]*demo +2/i);
  });

  test('a table that is too wide wraps its last column, or is shown row by row where that is too narrow', async () => {
    const why = 'nothing listens on its port';
    const table = (out: Output) => out.table(['DYNO', 'WHY'], [['web.1', why]]);
    expect(await shown(table, { ...TERMINAL, columns: 23 })).toBe(
      'DYNO   WHY\nweb.1  nothing listens\n       on its port\n',
    );
    expect(await shown(table, { ...TERMINAL, columns: 22 })).toBe(
      'DYNO  web.1\nWHY   nothing listens\n      on its port\n',
    );
  });

  test('facts with long names have their values below where there is little room beside them', async () => {
    const named = 'credentials where they belong';
    const facts = (out: Output) => out.facts([[named, 'nothing to check: no app of the space has one']]);
    expect(await shown(facts, { ...TERMINAL, columns: 50 })).toBe(
      'credentials where they belong\n  nothing to check: no app of the space has one\n',
    );
    expect(await shown(facts, { ...TERMINAL, columns: 71 })).toBe(
      'credentials where they belong  nothing to check: no app of the space\n                               has one\n',
    );
  });

  test('what is coloured breaks where the same text breaks without colours', async () => {
    const said = 'no mail server, sender and administrators are set';
    const facts = (out: Output) => out.facts([['Digests', [{ text: said, style: out.style.bad }]]]);
    const coloured = await shown(facts, { isTTY: true, columns: 37 });
    expect(stripVTControlCharacters(coloured)).toBe(await shown(facts, { ...TERMINAL, columns: 37 }));
    expect(coloured).toContain('\u001b[31m');
  });

  test.each([
    ['2026-05-01T12:00:00.000Z', '0 s ago'],
    ['2026-05-01T11:58:59.000Z', '1 min ago'],
    ['2026-05-01T09:00:01.000Z', '2 h ago'],
    ['2026-04-01T12:00:00.000Z', '30 d ago'],
    ['2026-05-01T12:00:01.000Z', '2026-05-01T12:00:01.000Z'],
    ['never', 'never'],
  ])('%s is %s there, and as it is elsewhere', async (time, ago) => {
    const now = Date.parse('2026-05-01T12:00:00.900Z');
    const table = (out: Output) => out.table([], [[momentCell(out, time, now)]]);
    expect(await shown(table, TERMINAL)).toBe(`${ago}\n`);
    expect(await shown(table)).toBe(`${time}\n`);
  });

  test('no line is wider than the terminal', async () => {
    const words = 'many words '.repeat(30).trim();
    for (const columns of [40, 100]) {
      const text = await shown((out) => out.note(words), { ...TERMINAL, columns });
      expect(text.split('\n').filter((line) => line.length > columns)).toEqual([]);
      expect(text.replaceAll(/\s+/g, ' ').trim()).toBe(words);
    }
    const narrow = { isTTY: true, columns: 100, env: { NO_COLOR: '1', COLUMNS: '30' } };
    const text = await shown((out) => out.note(words), narrow);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(30);
  });
});

describe('colours', () => {
  test.each<[isTTY: boolean, env: NodeJS.ProcessEnv, coloured: boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: 'dumb' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, false],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', TERM: 'dumb' }, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('at a terminal: %j, with %j: %j', async (isTTY, env, coloured) => {
    const text = await shown((out) => out.table(['NAME'], [[{ text: 'demo', style: out.style.good }]]), {
      isTTY,
      env,
    });
    expect(text).toContain('demo');
    expect(text.includes('\u001b[32mdemo')).toBe(coloured);
  });
});
