import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { expectFailure } from './invariants.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

const SECRET = 'correct-horse-battery';

describe('the values of a credential', () => {
  scenario('are typed unseen at a terminal, one after the other', async (user) => {
    await settle(user);
    const { code, screen } = await user.atTerminal(
      ['credentials:create', 'relay', '--level', 'general', 'USER=bob', 'PASSWORD=-', 'TOKEN=-'],
      async (terminal) => {
        await terminal.sees('PASSWORD:');
        terminal.types(SECRET);
        terminal.press('enter');
        await terminal.sees('TOKEN:');
        terminal.types(`${SECRET}-2`);
        terminal.press('enter');
        await terminal.sees('Attached to');
      },
    );
    expect(code).toBe(0);
    expect(screen).not.toContain(SECRET);
    const relay = (await user.does('credentials:info', 'relay', '--json')).json();
    expect(relay).toMatchObject({ config_vars: { PASSWORD: '[redacted]', TOKEN: '[redacted]' } });
  });

  scenario('are not taken from a question that nobody answers', async (user) => {
    await settle(user);
    const keys = ['ctrl-c', 'ctrl-d', 'enter'] as const;
    const codes: (number | null)[] = [];
    for (const key of keys) {
      const { code } = await user.atTerminal(
        ['credentials:rotate', 'mail', 'PASSWORD=-'],
        async (terminal) => {
          await terminal.sees('PASSWORD:');
          terminal.press(key);
        },
      );
      codes.push(code);
    }
    expect(codes).toEqual([130, 2, 2]);
    expect((await user.does('releases', '-a', 'api-demo', '--json')).json()).toHaveLength(1);
  });

  scenario('come from standard input or a file, and are nowhere to be seen again', async (user) => {
    await settle(user);
    writeFileSync(join(user.cwd, '.env'), `TOKEN=${SECRET}\nHOST=relay.example.com\n`);
    const shown = [
      await user.does('credentials:create', 'relay', '--level', 'general', '--from-file', '.env'),
      await user.does('credentials:attach', 'relay', '-a', 'web-vault', '--as', 'RELAY_2'),
      await user.run(['credentials:rotate', 'relay', 'TOKEN=-'], { stdin: `${SECRET}-2\n` }),
      await user.run(['credentials:rotate', 'relay', 'TOKEN=-', 'HOST=-'], { stdin: SECRET }),
      await user.run(['credentials:create', `X=${SECRET}`, '--level', 'general']),
      await user.run(['credentials:create', 'other', '--level', 'general', SECRET]),
      await user.does('credentials'),
      await user.does('credentials:info', 'relay', '--json'),
      await user.does('config', '-a', 'web-vault', '--json'),
      await user.does('config', '-a', 'web-vault', '--shell'),
      await user.does('config:get', 'RELAY_2_TOKEN', '-a', 'web-vault'),
      await user.does('config:why', 'RELAY_2_TOKEN', '-a', 'web-vault'),
      await user.does('releases', '-a', 'web-vault'),
      await user.does('audits', '--size', '100', '--json'),
      await user.run(['spaces:diff', 'demo', 'vault']),
      await user.run(['config:set', `RELAY_2_TOKEN=${SECRET}`, '-a', 'web-vault', '--debug']),
    ];
    for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toContain(SECRET);
    expect(shown.map(({ code }) => code)).toEqual([0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5]);
    expect(shown[11]?.stdout).toContain('credential relay');
  });
});

describe('a credential for production', () => {
  scenario('is refused for an app outside of prod spaces, in words that say the rule', async (user) => {
    await settle(user);
    const ended = await user.run(['credentials:attach', 'payments', '-a', 'web-demo', '--json']);
    expect(ended.code).toBe(5);
    expect(ended.json()).toMatchObject({
      error: {
        id: 'compliance_required',
        message:
          "Credential payments can't go to app web-demo: plan credentials:production is for prod spaces only, and space demo is not prod.",
        hint: expect.stringContaining('aka credentials:create NAME --level general'),
      },
    });
    expectFailure(await user.run(['config:get', 'PAYMENTS_TOKEN', '-a', 'web-demo']), 4);
  });
});

describe('at the same time', () => {
  scenario('a credential is attached or destroyed, never both', async (user) => {
    await settle(user);
    const [attached, destroyed] = await Promise.all([
      user.run(['credentials:attach', 'payments', '-a', 'web-vault']),
      user.run(['credentials:destroy', 'payments', '--confirm', 'payments']),
    ]);
    expect([
      [0, 5],
      [4, 0],
    ]).toContainEqual([attached.code, destroyed.code]);
    const vars = (await user.does('config', '-a', 'web-vault', '--json')).json();
    if (attached.code === 0) expect(vars).toHaveProperty('PAYMENTS_TOKEN');
    else expect(vars).not.toHaveProperty('PAYMENTS_TOKEN');
    await user.does('audits:verify');
  });
});
