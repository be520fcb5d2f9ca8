import { readFileSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import type { User } from './aka.js';
import { expectFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

describe('spaces:create without NAME, at a terminal', () => {
  scenario('asks for everything, says what is for ever, and creates it after a yes', async (user) => {
    const { code } = await user.atTerminal(['spaces:create'], async (terminal) => {
      await terminal.sees('Name of the space:');
      terminal.types('9shop');
      await terminal.sees('must begin with a letter');
      terminal.press('enter');
      await terminal.sees(/> .*must begin with a letter/);
      terminal.press('backspace', 'backspace', 'backspace', 'backspace', 'backspace');
      terminal.types('shop');
      await terminal.sees('Name of the space: shop');
      terminal.press('enter');
      await terminal.sees('never be changed');
      await terminal.sees('socs - audited and redacted');
      terminal.press('space');
      await terminal.sees(/◉ socs/);
      terminal.press('down', 'space');
      await terminal.sees(/◉ prod/);
      terminal.press('enter');
      await terminal.sees(/Compliance\s+socs,prod.*can't be changed/);
      await terminal.sees('Create it?');
      terminal.types('y');
      terminal.press('enter');
      await terminal.sees('Domains');
    });
    expect(code).toBe(0);
    expect((await user.does('spaces:info', 'shop', '--json')).json()).toMatchObject({
      compliance: ['socs', 'prod'],
    });
  });

  scenario('asks again after Ctrl-Z and fg', async (user) => {
    const { code } = await user.atTerminal(['spaces:create'], async (terminal) => {
      await terminal.sees('Name of the space:');
      terminal.types('sho');
      await terminal.sees('Name of the space: sho');
      terminal.press('ctrl-z');
      terminal.resume();
      await terminal.sees(/Name of the space: *$/);
      terminal.types('shop');
      terminal.press('enter');
      await terminal.sees('never be changed');
      terminal.press('ctrl-d');
      await terminal.sees('The input ended');
    });
    expect(code).toBe(2);
  });

  scenario('says at a narrow terminal what a compliance does without breaking a word', async (user) => {
    const { code } = await user.atTerminal(
      ['spaces:create'],
      async (terminal) => {
        await terminal.sees('Name of the space:');
        terminal.types('shop');
        terminal.press('enter');
        await terminal.sees(
          /each\s+week unless told otherwise; sensitive config\s+values\s+are\s+shown\s+as/,
        );
        await terminal.sees(/except\s+by\s+an\s+administrator/);
        terminal.press('ctrl-c');
      },
      { columns: 60 },
    );
    expect(code).toBe(130);
  });

  scenario('creates nothing after a no, which is what Enter means', async (user) => {
    const { code } = await user.atTerminal(['spaces:create'], (terminal) => untilSure(terminal, ['enter']));
    expect(code).toBe(2);
    expectFailure(await user.run(['spaces:info', 'shop']), 4);
  });

  scenario('does not ask again for what a flag says', async (user) => {
    const { code, screen } = await user.atTerminal(
      ['spaces:create', '-c', 'prod', '-s', 'local'],
      async (terminal) => {
        await terminal.sees('Name of the space:');
        terminal.types('shop');
        terminal.press('enter');
        await terminal.sees('Create it?');
        terminal.types('y');
        terminal.press('enter');
      },
    );
    expect(code).toBe(0);
    expect(screen).not.toContain('audited and redacted');
  });

  scenario('is interrupted by Ctrl-C at each of its questions, and creates nothing', async (user) => {
    const first = await user.atTerminal(['spaces:create'], async (terminal) => {
      await terminal.sees('Name of the space:');
      terminal.press('ctrl-c');
    });
    const second = await user.atTerminal(['spaces:create'], async (terminal) => {
      await terminal.sees('Name of the space:');
      terminal.types('shop');
      terminal.press('enter');
      await terminal.sees('socs -');
      terminal.press('ctrl-c');
    });
    const last = await user.atTerminal(['spaces:create'], (terminal) => untilSure(terminal, ['ctrl-c']));
    expect([first.code, second.code, last.code]).toEqual([130, 130, 130]);
    for (const { screen } of [first, second, last]) expect(screen).not.toMatch(/^\s+at /m);
    expectFailure(await user.run(['spaces:info', 'shop']), 4);
  });

  scenario('takes the end of input as a refusal, never as a yes', async (user) => {
    const first = await user.atTerminal(['spaces:create'], async (terminal) => {
      await terminal.sees('Name of the space:');
      terminal.press('ctrl-d');
    });
    const last = await user.atTerminal(['spaces:create'], (terminal) => untilSure(terminal, ['ctrl-d']));
    for (const { code, screen } of [first, last]) {
      expect(code).toBe(2);
      expect(screen).toContain('The input ended before the question was answered.');
    }
    expectFailure(await user.run(['spaces:info', 'shop']), 4);
  });
});

describe('what cannot be undone', () => {
  scenario('is confirmed by its name at a terminal', async (user) => {
    await settle(user);
    const { code } = await user.atTerminal(['apps:destroy', '-a', 'web-demo'], async (terminal) => {
      await terminal.sees('will be destroyed');
      terminal.types('web-demo');
      terminal.press('enter');
    });
    expect(code).toBe(0);
    expectFailure(await user.run(['apps:info', '-a', 'web-demo']), 4);
  });

  scenario.each<[typed: string, key: 'enter' | 'ctrl-c', exit: number]>(
    [
      ['is not done for another name', 'demo', 'enter', 2],
      ['is not done for a yes', 'y', 'enter', 2],
      ['is not done when interrupted', 'demo-staging', 'ctrl-c', 130],
    ],
    async (user, typed, key, exit) => {
      await settle(user);
      const { code } = await user.atTerminal(['spaces:destroy', 'demo-staging'], async (terminal) => {
        await terminal.sees('to go on:');
        terminal.types(typed);
        await terminal.sees(typed);
        terminal.press(key);
      });
      expect(code).toBe(exit);
      await user.does('spaces:info', 'demo-staging');
    },
  );

  scenario(
    'is not asked for without a terminal: the flag is named, and input is not an answer',
    async (user) => {
      await settle(user);
      for (const argv of [
        ['spaces:destroy', 'demo-staging'],
        ['apps:destroy', '-a', 'web-demo'],
      ]) {
        const ended = await user.run(argv, { stdin: 'demo-staging\nweb-demo\ny\n' });
        expectFailure(ended, 2);
        expect(ended.stderr).toContain('--confirm');
      }
      await user.does('spaces:info', 'demo-staging');
      await user.does('apps:info', '-a', 'web-demo');
    },
  );
});

describe('without a terminal', () => {
  scenario('spaces:create names what is missing', async (user) => {
    const ended = await user.run(['spaces:create', '--compliance', 'socs'], { stdin: 'shop\ny\n' });
    expectFailure(ended, 2);
    expect(ended.stderr).toContain('NAME');
    expect((await user.does('spaces', '--json')).json()).toHaveLength(1);
  });

  scenario('questions are asked on standard error: a piped result stays a result', async (user) => {
    await settle(user);
    const file = `${user.cwd}/result.json`;
    const { code, screen } = await user.atTerminal(
      ['spaces:destroy', 'demo-staging', '--json'],
      async (terminal) => {
        await terminal.sees('to go on:');
        terminal.types('demo-staging');
        terminal.press('enter');
      },
      { stdoutTo: file },
    );
    expect({ code, screen }).toEqual({ code: 0, screen: expect.not.stringContaining('"id"') });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ name: 'demo-staging' });
  });
});

type Keyboard = Parameters<NonNullable<Parameters<User['atTerminal']>[1]>>[0];

/** Answers every question but the last one, which gets these keys. */
async function untilSure(terminal: Keyboard, keys: Parameters<Keyboard['press']>): Promise<void> {
  await terminal.sees('Name of the space:');
  terminal.types('shop');
  terminal.press('enter');
  await terminal.sees('socs -');
  terminal.press('enter');
  await terminal.sees('Create it?');
  terminal.press(...keys);
}

describe('apps:create at a terminal', () => {
  scenario('asks for the space and the name that are missing', async (user) => {
    await user.does('spaces:create', 'shop', '--compliance', 'socs');
    const { code } = await user.atTerminal(['apps:create'], async (terminal) => {
      await terminal.sees('Space, which an app never leaves:');
      await terminal.sees('shop (socs)');
      terminal.press('down', 'enter');
      await terminal.sees('Name of the app:');
      terminal.types('my-web');
      terminal.press('enter');
      await terminal.sees('only letters and digits are allowed');
      terminal.press('backspace', 'backspace', 'backspace', 'backspace');
      terminal.press('enter');
      await terminal.sees('my-shop');
    });
    expect(code).toBe(0);
    const named = await user.atTerminal(['apps:create', 'api'], async (terminal) => {
      await terminal.sees('Space, which an app never leaves:');
      terminal.press('enter');
    });
    expect(named.code).toBe(0);
    expect((await user.does('apps', '--json')).json()).toMatchObject([
      { name: 'api-default' },
      { name: 'my-shop' },
    ]);
  });

  scenario('asks nobody where there is no terminal, and lists the spaces', async (user) => {
    await user.does('spaces:create', 'shop');
    const ended = await user.run(['apps:create', 'web']);
    expectFailure(ended, 2);
    expect(ended.stderr).toContain('default, shop');
    expectFailure(await user.run(['apps:create']), 2);
    // The name of an app has no dash, so this names both.
    await user.does('apps:create', 'web-shop');
    await user.does('apps:create', 'api-shop', '--space', 'shop');
    expect((await user.does('apps', '--json')).json()).toMatchObject([
      { name: 'api-shop' },
      { name: 'web-shop' },
    ]);
    expectFailure(await user.run(['apps:create', 'web-nowhere']), 2);
  });
});
