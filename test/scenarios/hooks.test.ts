import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { Hook, HookResult } from '../../src/contract/wire.js';
import { Receiver } from '../platform/hooks/receiver.js';
import type { User } from './aka.js';
import { CANARIES, found } from './canaries.js';
import { Daemon } from './daemon.js';
import { expectFailure } from './invariants.js';
import { OWN_PORTS } from './ports.js';
import { scenario } from './scenario.js';

const APP = ['-a', 'web-shop'];

async function settle(user: User, ...flags: string[]): Promise<void> {
  await user.does(...OWN_PORTS);
  await user.does('spaces:create', 'shop', ...flags);
  await user.does('apps:create', 'web', '--space', 'shop');
}

/** What `aka hooks:results` says, when all of it is over. */
async function results(user: User, url: string): Promise<HookResult[]> {
  for (;;) {
    const said = (await user.does('hooks:results', url, ...APP, '--json')).json<HookResult[]>();
    if (said.length > 0 && said.every(({ next_at: next }) => next === null)) return said;
  }
}

function filesWith(user: User, text: string): string[] {
  return [user.dataDir, user.configDir].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file).isFile() && readFileSync(file).includes(text)),
  );
}

describe('a hook', () => {
  scenario('is called with what happens, signed with the secret that was shown once', async (user) => {
    await settle(user);
    const receiver = await Receiver.start();
    const create = ['hooks:create', receiver.url(), '--events', 'config_change,preview', ...APP, '--json'];
    const created = await user.does(...create);
    expect(created.stderr).toBe('warning: preview never happens on this platform.\n');
    const { secret = '', id } = created.json<Hook & { secret?: string }>();
    expect(secret).toMatch(/^[\w-]{43}$/);
    const daemon = await Daemon.start(user);
    await user.does('config:set', 'LOG_LEVEL=debug', 'API_KEY=hunter22', ...APP);
    const [call] = await receiver.calls(1);
    const hmac = createHmac('sha256', secret)
      .update(call?.body ?? '')
      .digest('hex');
    expect(call?.headers['x-akkeris-signature-256']).toBe(`sha256=${hmac}`);
    expect(JSON.parse(call?.body ?? '')).toMatchObject({
      action: 'config_change',
      config_vars: { LOG_LEVEL: 'debug', API_KEY: '[redacted]' },
    });
    const [result] = await results(user, receiver.url());
    const whole = await user.does('hooks:results', id.slice(0, 8), ...APP, '--call', result?.id ?? '');
    expect(whole.stdout).toContain('Status\tsucceeded\n');
    expect(whole.stdout).toContain(`Signature\tsha256=${hmac}\n`);
    const listed = await user.does('hooks', ...APP);
    expect(listed.stdout).toMatch(/\tactive\t0\tconfig_change succeeded \(200\) /);
    expect((await user.does('platform:status')).stdout).toMatch(/^Hook calls waiting\t0$/m);
    await daemon.stop();
    const said = `${listed.stdout}${whole.stdout}${(await user.does('audits', '--details')).stdout}`;
    expect(said).not.toContain(secret);
    expect(filesWith(user, secret)).toEqual([]);
  });

  scenario('is tried by hand, and says what is wrong', async (user) => {
    await settle(user);
    const receiver = await Receiver.start({
      answers: (_, response) => response.writeHead(404).end('no hook here'),
    });
    await user.does('hooks:create', receiver.url(), '-e', 'all', ...APP);
    const test = ['hooks:test', receiver.url(), ...APP];
    const early = await user.run(test);
    expectFailure(early, 6);
    expect(early.stderr).toContain('aka platform:start');
    const daemon = await Daemon.start(user);
    const tried = await user.run(test);
    expect(tried.code).toBe(1);
    expect(tried.stdout).toMatch(/^Event\tping$/m);
    expect(tried.stdout).toMatch(/^Status\tfailed$/m);
    expect(tried.stdout).toMatch(/^Code\t404$/m);
    expect(tried.stdout).toMatch(/^Answer\tno hook here$/m);
    await daemon.stop();
  });

  scenario('signs with a secret from a file or standard input, which is never a word', async (user) => {
    await settle(user);
    writeFileSync(join(user.cwd, 'secret'), 'hunter22hunter22\n');
    const [one, other] = ['https://a.example.com/', 'https://b.example.com/'];
    const fromFile = await user.does('hooks:create', one, '-e', 'build', '-s', 'secret', ...APP);
    const piped = await user.run(['hooks:create', other, '-e', 'build', '-s', '-', ...APP, '--json'], {
      stdin: 'hunter33hunter33\n',
    });
    const word = await user.run([
      'hooks:create',
      one,
      '-e',
      'build',
      '--secret',
      'hunter44',
      ...APP,
      '--json',
    ]);
    expectFailure(await user.run(['hooks:create', one, '-e', 'build', '--secret', 'hunter44', ...APP]), 2);
    const changed = await user.does('hooks:update', one, '--new-secret', ...APP);
    expect(changed.stdout).toMatch(/^Secret\t[\w-]{43}$/m);
    // A URL that has a secret in it need not be a word, either.
    const slack = 'https://hooks.slack.com/services/T00000000/B00000000/hunter55hunter55hunter55';
    const hidden = await user.run(['hooks:create', '-', '-e', 'release', ...APP], { stdin: `${slack}\n` });
    expect(hidden.stdout).toContain('https://hooks.slack.com/services/[redacted]');
    for (const { stdout, stderr } of [fromFile, piped, word, hidden])
      expect(`${stdout}${stderr}`).not.toMatch(/hunter(22|33|44|55)/);
    for (const secret of ['hunter22', 'hunter33', 'hunter44', 'hunter55'])
      expect(filesWith(user, secret)).toEqual([]);
  });

  scenario(
    'is called for what happened while nothing ran, and though the daemon was killed',
    async (user) => {
      await settle(user);
      let hangs = true;
      const receiver = await Receiver.start({
        answers(_, response) {
          if (!hangs) response.end();
        },
      });
      await user.does('hooks:create', receiver.url(), '-e', 'updated', ...APP);
      await user.does('apps:update', ...APP, '--description', 'before');
      const first = await Daemon.start(user);
      const [before] = await receiver.calls(1);
      // It has said what it says, and was not told that it was heard.
      await first.stop('SIGKILL');
      await user.does('apps:update', ...APP, '--description', 'meanwhile');
      hangs = false;
      const second = await Daemon.start(user);
      const calls = await receiver.calls(3);
      expect(
        calls.map(({ body }) => (JSON.parse(body) as { app: { description: string } }).app.description),
      ).toEqual(['before', 'before', 'meanwhile']);
      expect(calls[1]?.headers['x-akkeris-delivery']).toBe(before?.headers['x-akkeris-delivery']);
      expect(await results(user, receiver.url())).toMatchObject([{ num_attempts: 1 }, { num_attempts: 1 }]);
      await second.stop();
    },
  );

  scenario('of a user calls nothing of this machine, and tells nothing of any secret', async (user) => {
    await settle(user, '--compliance', 'socs');
    const receiver = await Receiver.start();
    await user.does('hooks:create', receiver.url(), '-e', 'all', ...APP);
    const flags = ['--role', 'user', '--space', 'shop', '--token-file', 'ci.token'];
    await user.does('platform:tokens:create', 'ci', ...flags);
    const token = readFileSync(join(user.cwd, 'ci.token'), 'utf8').trim();
    const daemon = await Daemon.start(user, ['--listen', '127.0.0.1:0']);
    const asUser = (...argv: string[]) =>
      user.run([...argv, '--api', daemon.url, ...APP], { env: { AKA_TOKEN: token } });
    for (const url of [
      receiver.url(),
      'https://127.1/',
      'https://[::ffff:7f00:1]/',
      'https://169.254.169.254/',
    ])
      expectFailure(await asUser('hooks:create', url, '-e', 'all'), 3);
    expectFailure(await asUser('hooks:update', receiver.url(), '--url', 'https://elsewhere.example.com'), 3);
    expectFailure(await asUser('hooks:destroy', receiver.url(), '--confirm', 'web-shop'), 3);
    const words = CANARIES.map(({ name, value }) => `${name}=${value}`);
    await user.does('config:set', ...words, ...APP);
    await user.does('credentials:create', 'shared', '--level', 'general', ...words, ...APP);
    const calls = await receiver.calls(2);
    expect(found(calls.map(({ body }) => body).join('\n'))).toEqual([]);
    expect(calls[0]?.body).toContain('"DB_PASSWORD":"[redacted]"');
    await daemon.stop();
  });
});

describe('an older client', () => {
  scenario('finds the hooks as it knows them', async (user) => {
    await settle(user);
    const receiver = await Receiver.start();
    await user.does('platform:tokens:create', 'old', '--role', 'admin', '--token-file', 'old.token');
    const authorization = `Bearer ${readFileSync(join(user.cwd, 'old.token'), 'utf8').trim()}`;
    const daemon = await Daemon.start(user, ['--listen', '127.0.0.1:0']);
    const ask = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${daemon.url}${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json', accept: '*/*' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const events = (await ask('GET', '/docs/hooks')).body as unknown as {
      type: string;
      description: string;
    }[];
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['release', 'logdrain_change']));
    const wish = {
      url: receiver.url('/webhook'),
      events: ['release', 'formation_change', 'logdrain_change'],
    };
    const created = await ask('POST', '/apps/web-shop/hooks', {
      ...wish,
      active: true,
      secret: 'some secret for hash',
    });
    expect(created).toMatchObject({
      status: 201,
      body: { url: wish.url, active: true, events: expect.any(Array) },
    });
    const { id } = created.body;
    await ask('POST', '/apps/web-shop/formation', { type: 'web', quantity: 1 });
    await ask('PATCH', '/apps/web-shop/formation/web', { quantity: 2 });
    const payloads = await receiver.payloads(2);
    expect(payloads[1]).toMatchObject({
      action: 'formation_change',
      change: 'update',
      changes: [{ type: 'web', quantity: 2 }],
    });
    await results(user, receiver.url('/webhook'));
    // As the older aka prints a result.
    const listed = (await ask('GET', `/apps/web-shop/hooks/${String(id)}/results`))
      .body as unknown as HookResult[];
    for (const { last_attempt: last, hook, created_at: at } of listed.slice(-10)) {
      expect(Object.keys(last.request.headers ?? {})).toContain('x-appkit-signature');
      expect(JSON.stringify(last.request.body, null, 2).replace(/\n/g, ' ')).toContain('formation_change');
      expect([last.request.url, last.response.code, hook.events.join(', ')]).toEqual([
        wish.url,
        200,
        'formation_change, logdrain_change, release',
      ]);
      expect(Number.isNaN(Date.parse(at))).toBe(false);
    }
    expect(
      await ask('PATCH', `/apps/web-shop/hooks/${String(id)}`, { url: 'https://foobar', active: false }),
    ).toMatchObject({
      status: 200,
      body: { id, url: 'https://foobar', active: false },
    });
    expect(await ask('DELETE', `/apps/web-shop/hooks/${String(id)}`)).toMatchObject({
      status: 200,
      body: { id },
    });
    await daemon.stop();
  });
});
