import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { showLog } from '../../src/cli/log-view.js';
import { outputFor } from '../../src/cli/output.js';

const RED = '\u001b[31mred\u001b[0m, \u001b[1;38;5;9mbold';

async function shown(line: string, isTTY: boolean, env: NodeJS.ProcessEnv = {}): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const out = await outputFor(Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream, env);
  await showLog(
    (async function* () {
      yield { at: 'now', line };
    })(),
    out,
  );
  return text;
}

test('colours of a program are shown at a terminal, and end with their line', async () => {
  expect(await shown(RED, true)).toContain(` ${RED}\u001b[0m\n`);
  expect(await shown('plain', true)).toMatch(/ plain\n$/);
});

test.each([
  ['a pipe', false, {}],
  ['a terminal without colours', true, { NO_COLOR: '1' }],
  ['a dumb terminal', true, { TERM: 'dumb' }],
])('colours of a program are dropped at %s', async (_, isTTY, env) => {
  expect(await shown(RED, isTTY, env)).toBe('now red, bold\n');
});

test('nothing but colours passes', async () => {
  const hostile = '\u001b[2Ja\u001b]0;title\u0007\u001b[31;1Hb\u001b[31mc\u009b31md';
  const escaped = '\\u001b[2Ja\\u001b]0;title\\u0007\\u001b[31;1Hb';
  expect(await shown(hostile, true)).toContain(` ${escaped}\u001b[31mc\\u009b31md\u001b[0m\n`);
  expect(await shown(hostile, false)).toBe(`now ${escaped}c\\u009b31md\n`);
});
