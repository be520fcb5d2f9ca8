import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { ConsoleSession } from '../../src/contract/console.js';
import type { User } from './aka.js';
import { Daemon } from './daemon.js';
import { expectFailure } from './invariants.js';
import { OWN_PORTS } from './ports.js';
import { scenario } from './scenario.js';

interface Answer {
  readonly status: number | undefined;
  readonly cookie: string;
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

/** A browser on this machine, as far as the console can tell. */
class Browser {
  constructor(
    readonly origin: string,
    readonly ca: string,
  ) {}

  async asks(method: string, path: string, headers: Headers = {}, body?: unknown): Promise<Answer> {
    const answer = await this.begins(method, path, headers, body);
    let text = '';
    for await (const piece of answer.setEncoding('utf8')) text += String(piece);
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    return { status: answer.statusCode, cookie: cookie.split(';', 1)[0] ?? '', body: text };
  }

  async begins(method: string, path: string, headers: Headers, body?: unknown): Promise<IncomingMessage> {
    const { hostname, port } = new URL(this.origin);
    const asked = request({
      host: '127.0.0.1',
      port,
      servername: hostname,
      ca: this.ca,
      method,
      path,
      headers: { Host: `${hostname}:${port}`, 'Content-Type': 'application/json', ...headers },
    });
    asked.on('error', () => {});
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }
}

function authorityOf({ configDir }: User): string {
  const folder = join(configDir, 'authorities');
  const [id = ''] = readdirSync(folder);
  return readFileSync(join(folder, id, 'ca.pem'), 'utf8');
}

describe('the console', () => {
  scenario('says how to start a platform that does not run', async (user) => {
    expectFailure(await user.run(['console']), 6);
    expect((await user.run(['console', '--print'])).stderr).toContain('aka platform:start');
  });

  scenario('logs a browser in by a link, which sees what is there and what changes', async (user) => {
    await user.does(...OWN_PORTS);
    await user.does('spaces:create', 'shop');
    const daemon = await Daemon.start(user);
    try {
      const link = new URL((await user.does('console', '--print')).stdout.trim());
      expect(link.hostname).toBe('console.local.localhost');
      expect(link.pathname).toBe('/console/');
      const [, code = ''] = /^#login=([\w-]{22})$/.exec(link.hash) ?? [];
      const browser = new Browser(link.origin, authorityOf(user));
      const page = { Origin: link.origin, 'X-Aka-Console': '1' };
      const login = await browser.asks('POST', '/console/session', page, { code });
      expect(login.status).toBe(201);
      expect((JSON.parse(login.body) as ConsoleSession).role).toBe('admin');
      const Cookie = login.cookie;
      const spaces = await browser.asks('GET', '/spaces', { Cookie });
      expect((JSON.parse(spaces.body) as { name: string }[]).map(({ name }) => name)).toEqual([
        'default',
        'shop',
      ]);
      const events = await browser.begins('GET', '/events', { Cookie });
      let told = '';
      events.setEncoding('utf8').on('data', (piece: string) => {
        told += piece;
      });
      while (!told.includes('hello')) await once(events, 'data');
      await user.does('apps:create', 'web', '--space', 'shop');
      while (!told.includes('"app.create","space":"shop","app":"web"')) await once(events, 'data');

      expect((await browser.asks('POST', '/console/session', page, { code })).status).toBe(401);
      expect((await browser.asks('DELETE', '/apps/web-shop', { Cookie })).status).toBe(403);
      const evil = { ...page, Cookie, Origin: link.origin.replace('console', 'web-shop') };
      expect((await browser.asks('DELETE', '/apps/web-shop', evil)).status).toBe(403);
      expect((await browser.asks('GET', '/spaces', { Cookie, Host: 'evil.example' })).status).toBe(404);
      await user.does('apps:info', '-a', 'web-shop');

      const listed = await user.does('platform:tokens', '--json');
      const [session] = listed.json<{ kind: string; name: string }[]>();
      expect(session?.kind).toBe('session');
      const ended = new Promise((resolve) => events.on('error', () => {}).once('close', resolve));
      await user.does('platform:tokens:revoke', session?.name ?? '');
      await ended;
      expect((await browser.asks('GET', '/spaces', { Cookie })).status).toBe(401);
      const shown = await user.does('events', '--json');
      const actions = shown.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { action: string }).action);
      expect(actions).toEqual(
        expect.arrayContaining(['session.invite', 'session.login', 'app.create', 'session.revoke']),
      );
    } finally {
      await daemon.stop();
    }
  });

  scenario('is reached over TCP with the token of an administrator', async (user) => {
    await user.does(...OWN_PORTS);
    const daemon = await Daemon.start(user, ['--listen', '127.0.0.1:0']);
    try {
      const token = async (...how: string[]): Promise<Headers> => ({
        AKA_TOKEN: (await user.does('platform:tokens:create', ...how)).stdout.trim(),
      });
      const boss = await token('boss', '--role', 'admin');
      const ci = await token('ci', '--role', 'user', '--space', 'default');
      const link = await user.run(['console', '--print', '--api', daemon.url], { env: boss });
      expect(link.stdout).toMatch(new RegExp(`^${daemon.url}/console/#login=[\\w-]{22}\n$`));
      expectFailure(await user.run(['console', '--api', daemon.url], { env: ci }), 3);
    } finally {
      await daemon.stop();
    }
  });
});
