import { describe, expect } from '@jest/globals';
import { expectFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { serve } from './server.js';
import { settle } from './world.js';

/** What gives the window of a terminal another title. */
const TITLE = '\u001b]0;title\u0007';
/** The same with a name that has that in it. */
const named = (thing: unknown, name: string): object => ({ ...(thing as object), name: `${name}${TITLE}` });

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding colours is the point
const COLOUR = /\u001b\[[0-9;]*m/;

/** Commands that show facts, tables and explanations between them. */
const SHOWN = [
  ['spaces'],
  ['spaces:info', 'demo'],
  ['spaces:info', 'vault'],
  ['spaces:env', 'demo'],
  ['apps'],
  ['audits'],
  ['compliance'],
  ['config', '-a', 'web-demo'],
  ['regions'],
];

describe('colours', () => {
  scenario('are there at a terminal, on results and on errors', async (user) => {
    await settle(user);
    expect((await user.atTerminal(['spaces'])).raw).toMatch(COLOUR);
    expect((await user.atTerminal(['spaces:info', 'dmeo'])).raw).toMatch(COLOUR);
  });

  scenario.each<[env: Record<string, string>]>(
    [
      ['are not with NO_COLOR', { NO_COLOR: '1' }],
      ['are not with NO_COLOR, whatever else is asked for', { NO_COLOR: '1', FORCE_COLOR: '1' }],
      ['are not at a terminal that has none', { TERM: 'dumb' }],
      ['are not with FORCE_COLOR=0', { FORCE_COLOR: '0' }],
    ],
    async (user, env) => {
      await settle(user);
      for (const argv of [...SHOWN, ['spaces:info', 'dmeo'], ['help']]) {
        expect((await user.atTerminal(argv, undefined, { env })).raw).not.toMatch(COLOUR);
      }
    },
  );

  scenario('are in a pipe only when forced, and never in JSON', async (user) => {
    await settle(user);
    const env = { FORCE_COLOR: '1' };
    expectFailure(await user.run(['spaces:create', 'demo']), 5);
    expect((await user.run(['audits'], { env })).stdout).toMatch(/\u001b\[33mrefused\u001b\[39m/);
    expect((await user.run(['spaces:info', 'dmeo'], { env })).stderr).toMatch(COLOUR);
    expect((await user.run(['spaces:info', 'demo', '--json'], { env })).stdout).not.toMatch(COLOUR);
    expect((await user.atTerminal(['spaces', '--json'])).raw).not.toMatch(COLOUR);
  });
});

describe('at a terminal', () => {
  scenario.each(
    [
      ['60 columns wide, no line is wider', 60, {}],
      ['120 columns wide, no line is wider', 120, {}],
      ['COLUMNS is believed more than the terminal', 120, { COLUMNS: '60' }],
    ],
    async (user, columns, env) => {
      await settle(user);
      const width = Number(('COLUMNS' in env ? env.COLUMNS : undefined) ?? columns);
      for (const argv of SHOWN) {
        const { screen } = await user.atTerminal(argv, undefined, { columns, env });
        // A word that has no place to be broken stays whole: it can be copied.
        const wide = screen.split('\n').filter((line) => line.length > width && /\s\S+\s+\S/.test(line));
        expect({ argv, wide }).toEqual({ argv, wide: [] });
      }
    },
  );

  scenario('nothing is ever cut: a narrow terminal shows all that a pipe gets', async (user) => {
    await settle(user);
    for (const argv of [
      ['spaces'],
      ['apps'],
      ['spaces:env', 'demo'],
      ['audits'],
      ['config', '-a', 'web-demo'],
    ]) {
      const cells = (await user.does(...argv)).stdout.split(/[\t\n]/).filter(isShown);
      const { screen } = await user.atTerminal(argv, undefined, { columns: 40 });
      for (const cell of cells) expect(screen.replace(/\s+/g, ' ')).toContain(cell);
    }
  });

  scenario('what others wrote can not move the cursor', async (user) => {
    await settle(user);
    await user.does('apps:update', '-a', 'web-demo', '-d', 'a\u001b[2J\u001b]0;title\u0007b\rc');
    await user.does('config:set', 'EVIL=\u001b[31mred\u202e', '-a', 'web-demo');
    for (const argv of [
      ['apps:info', '-a', 'web-demo'],
      ['apps'],
      ['config', '-a', 'web-demo'],
      ['config:get', 'EVIL', '-a', 'web-demo'],
      ['config', '-a', 'web-demo', '--json'],
    ]) {
      const { raw } = await user.atTerminal(argv, undefined, { env: { NO_COLOR: '1' } });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
      expect(raw.replaceAll('\r\n', '\n')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(raw).toContain('\\u001b');
    }
  });

  scenario('nor can it in a question or in a hint', async (user) => {
    await settle(user);
    const space = (await user.does('spaces:info', 'demo', '--json')).json();
    const stacks = (await user.does('stacks', '--json')).json<object[]>();
    const there = await serve(({ method, url }, response) => {
      const stack = named(stacks[0], 'one');
      const answers: Record<string, unknown> = {
        '/platform': { name: 'there', version: '0.1.0', capabilities: [], app_key_max: 63 },
        '/stacks': [{ ...stack, region: named(stack, 'r') }, named(stack, 'two')],
      };
      const answer = answers[url ?? ''] ?? named(space, 'demo');
      response.writeHead(method === 'POST' ? 201 : 200, {
        'content-type': 'application/json',
        'aka-version': '0.1.0',
      });
      response.end(JSON.stringify(answer));
    });
    const created = await user.atTerminal(['spaces:create', 'demo', '--api', there.url]);
    const asked = await user.atTerminal(['spaces:destroy', 'demo', '--api', there.url], async (terminal) => {
      await terminal.sees('to go on:');
      terminal.press('ctrl-d');
    });
    const chosen = await user.atTerminal(
      ['spaces:create', '-c', 'prod', '--api', there.url],
      async (terminal) => {
        await terminal.sees('Name of the space:');
        terminal.types('shop');
        terminal.press('enter');
        await terminal.sees('Stack:');
        terminal.press('enter');
        await terminal.sees('Create it?');
        terminal.press('enter');
      },
    );
    there.close();
    expect(created.raw).toContain('Next: aka apps:create');
    for (const { raw } of [created, asked, chosen]) {
      expect(raw).not.toContain(TITLE);
      expect(raw).toContain('\\u001b]0;');
    }
  });
});

describe('in a pipe', () => {
  scenario(
    'a list is rows of cells with tabs between them, as many in each, and nothing else',
    async (user) => {
      await settle(user);
      for (const [argv, cells] of [
        [['spaces'], 5],
        [['apps'], 4],
        [['audits'], 7],
        [['stacks'], 4],
        [['regions'], 3],
        [['orgs'], 2],
        [['spaces:env', 'demo'], 2],
        [['config', '-a', 'web-demo'], 2],
        [['compliance'], 3],
      ] as const) {
        const rows = (await user.does(...argv)).stdout.replace(/\n$/, '').split('\n');
        for (const row of rows)
          expect({ argv, row, cells: row.split('\t').length }).toEqual({ argv, row, cells });
      }
    },
  );

  scenario('cut finds the names', async (user) => {
    await settle(user);
    expect((await user.sh('aka spaces -c socs | cut -f1')).stdout).toBe('vault\n');
    expect((await user.sh(`aka apps -s demo | cut -f3`)).stdout).toMatch(
      /^https:\/\/web-demo\.local\.localhost:\d+$/m,
    );
  });

  scenario('what others wrote stays one cell', async (user) => {
    await settle(user);
    await user.does('spaces:update', 'demo', '-d', 'a\tb\nc\u001b[31m');
    const row = (await user.does('spaces')).stdout.split('\n').find((line) => line.startsWith('demo\t'));
    expect(row?.split('\t').at(-1)).toBe('a\\tb\\nc\\u001b[31m');
  });
});

describe('an app that is created', () => {
  scenario('comes with what to do next, and how it finds others as long as they are few', async (user) => {
    await user.does('apps:create', 'a0', '--space', 'default');
    const few = await user.atTerminal(['apps:create', 'web', '--space', 'default']);
    expect(few.screen).toMatch(/A0_SERVICE_HOST [^]*\nNext: aka deploy FOLDER -a web-default\n/);
    for (const name of ['a1', 'a2', 'a3', 'a4']) await user.does('apps:create', name, '--space', 'default');
    const many = await user.atTerminal(['apps:create', 'api', '--space', 'default']);
    expect(many.screen).toContain('How its dynos find the 6 others: aka spaces:env default\n');
    expect(many.screen).not.toContain('A0_SERVICE_HOST');
  });
});

/** Of times a person reads how long ago that was, a program the time itself. */
function isShown(cell: string): boolean {
  return cell !== '' && !/^\d{4}-\d\d-\d\dT/.test(cell);
}
