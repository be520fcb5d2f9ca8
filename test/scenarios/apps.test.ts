import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { describe, expect } from '@jest/globals';
import { ask, hello, networkOf, running, until } from './running.js';

const up = (count: number) => (dynos: readonly { state: string }[]) =>
  dynos.length === count && dynos.every(({ state }) => state === 'up');

describe('apps of a platform on this machine', () => {
  running('are built, run, found by their siblings and reached at their domains', async (m) => {
    const { user } = m;
    await user.does('spaces:create', 'shop');
    for (const app of ['api', 'web', 'radar']) await user.does('apps:create', app, '--space', 'shop');
    for (const app of ['api', 'web', 'radar']) {
      const { stdout } = await user.does('deploy', m.example(app), '-a', `${app}-shop`);
      expect(stdout).toMatch(/^Release\tv1$/m);
    }
    const { web_url: url } = (await user.does('apps:info', '-a', 'api-shop', '--json')).json<{
      web_url: string;
    }>();
    await user.does('config:set', `API_URL=${url.replace(/:\d+$/, '')}`, '-a', 'web-shop');
    await until('the page has what its sibling says', async () => {
      const { text } = await m.asks('web-shop');
      return /network: 3 prices from web\.1\n.*domain: {6}3 prices from web\.1/.test(text);
    });
    await user.does('ps:update', 'radar', '-q', '2', '-a', 'radar-shop');
    await until('the workers hear each other', async () => {
      const { stdout } = await user.does('logs', '-a', 'radar-shop', '--lines', '100');
      return stdout.includes('radar.1 hears radar.2') && stdout.includes('radar.2 hears radar.1');
    });
  });

  running('with nothing changed are released again without being built', async (m) => {
    await m.deploys('web-shop', hello({ 'package.json': '{"scripts":{"build":"date +%N > built"}}' }));
    const first = (await m.user.does('releases', '-a', 'web-shop', '--json')).json<
      { slug: { id: string } }[]
    >();
    const again = await m.user.does('deploy', 'web', '-a', 'web-shop');
    expect(again.stderr).toContain('Nothing changed');
    const second = (await m.user.does('releases', '-a', 'web-shop', '--json')).json<
      { slug: { id: string } }[]
    >();
    expect(second).toHaveLength(2);
    expect(second[0]?.slug).toEqual(first[0]?.slug);
  });

  running(
    'come back by themselves, at the same addresses, after kill -9 of the daemon, which leaves nothing',
    async (m) => {
      const { user } = m;
      await m.deploys('web-shop');
      await user.does('ps:update', 'web', '-q', '2', '-a', 'web-shop');
      await m.until('web-shop', up(2));
      const discovery = (await user.does('spaces:env', 'shop')).stdout;
      const pid = await m.pid();
      const processes = m.processes(pid);
      expect(processes.length).toBeGreaterThanOrEqual(4);
      const networks = new Set(processes.map(networkOf));
      networks.delete(networkOf(process.pid));
      expect(networks.size).toBeGreaterThanOrEqual(3);
      process.kill(pid, 'SIGKILL');
      await until('nothing is left', () => processes.every((each) => networkOf(each) === undefined));
      await until('the daemon is restarted', async () => {
        const { state, restarts } = (await user.run(['platform:status', '--json'])).json<{
          state: string;
          restarts?: number;
        }>();
        return state === 'running' && restarts === 1;
      });
      await m.until('web-shop', up(2));
      expect((await user.does('spaces:env', 'shop')).stdout).toBe(discovery);
      expect((await m.asks('web-shop')).text).toMatch(/^hello from web\.[12]$/);
    },
  );

  running('come back after kill -9 of what holds their networks', async (m) => {
    await m.deploys('web-shop');
    const [before] = await m.dynos('web-shop');
    const pid = await m.pid();
    const own = networkOf(pid);
    const agent = m
      .processes(pid)
      .find((each) => networkOf(each) !== own && /agent\.cjs/.test(commandOf(each)));
    process.kill(agent ?? 0, 'SIGKILL');
    await m.until('web-shop', ([dyno]) => dyno?.state === 'up' && dyno.id !== before?.id);
    expect((await m.asks('web-shop')).status).toBe(200);
    expect(await m.pid()).toBe(pid);
  });

  running('answer every request while a new release takes over', async (m) => {
    await m.deploys('web-shop');
    await m.user.does('ps:update', 'web', '-q', '4', '-a', 'web-shop');
    await m.until('web-shop', up(4));
    const { web_url } = (await m.user.does('apps:info', '-a', 'web-shop', '--json')).json<{
      web_url: string;
    }>();
    const url = new URL(web_url);
    const ca = m.certificate;
    const answers: Promise<string>[] = [];
    const load = setInterval(() => {
      answers.push(
        ask(url, '/', ca).then(
          ({ status, text }) => `${status} ${text.split(' ')[0]}`,
          (error: Error) => error.message,
        ),
      );
    }, 10);
    try {
      await m.user.does('config:set', 'SAYS=bonjour', '-a', 'web-shop');
      await until(
        'the new release is there',
        async () => (await Promise.race(answers.slice(-1))) === '200 bonjour',
      );
      await until('the old dynos are gone', async () => (await m.dynos('web-shop')).length === 4);
    } finally {
      clearInterval(load);
    }
    const said = new Set(await Promise.all(answers));
    expect([...said].sort()).toEqual(['200 bonjour', '200 hello']);
  });

  running('of an internal space are not on the public listener', async (m) => {
    const { user } = m;
    await user.does('spaces:create', 'back', '--compliance', 'internal');
    await m.deploys('books-back');
    await m.deploys('web-shop');
    const { web_url: internal } = (await user.does('apps:info', '-a', 'books-back', '--json')).json<{
      web_url: string;
    }>();
    const { web_url: open } = (await user.does('apps:info', '-a', 'web-shop', '--json')).json<{
      web_url: string;
    }>();
    expect((await m.asks('books-back')).text).toBe('hello from web.1');
    const host = new URL(internal).hostname;
    const [asInternal, asNobody] = await Promise.all([
      ask(new URL(open), '/', m.certificate, host),
      ask(new URL(open), '/', m.certificate, host.replace('books', 'nobody')),
    ]);
    expect(asInternal.status).toBe(404);
    expect(asInternal.text.replaceAll('books', 'nobody').replace(/[0-9a-f-]{36}/g, '')).toBe(
      asNobody.text.replace(/[0-9a-f-]{36}/g, ''),
    );
  });

  running(
    'of an internal space are reached from another one once an administrator opens the listener',
    async (m) => {
      const { user } = m;
      for (const space of ['safe', 'back'])
        await user.does('spaces:create', space, '--compliance', 'internal');
      await m.deploys('vault-safe');
      await m.deploys('web-back');
      const { web_url: url } = (await user.does('apps:info', '-a', 'vault-safe', '--json')).json<{
        web_url: string;
      }>();
      const { hostname, port } = new URL(url);
      const code = `require('https').get({ host: 'host.internal', port: ${port}, servername: '${hostname}', headers: { host: '${hostname}' } },
      (answer) => answer.on('data', (data) => console.log(answer.statusCode, String(data)))).on('error', ({ code }) => console.log(code))`;
      const asks = async (): Promise<string> =>
        (await user.run(['run', '-a', 'web-back', '--', 'node', '-e', code])).stdout;
      expect(await asks()).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/m);
      await user.does('platform:allow-host', port, '--space', 'back');
      expect(await asks()).toBe('200 hello from web.1\n');
    },
  );

  running('that fail to build or to start say why, and what ran before goes on', async (m) => {
    await m.deploys('web-shop');
    const folder = m.folder('bad', hello({ 'package.json': '{"scripts":{"build":"echo no luck; exit 3"}}' }));
    const unbuilt = await m.user.run(['deploy', folder, '-a', 'web-shop']);
    expect(unbuilt.code).toBe(1);
    expect(unbuilt.stderr).toContain('no luck');
    const unwell = m.folder('unwell', { Procfile: 'web: node -e "throw new Error(\'no DATABASE_URL\')"\n' });
    const failed = await m.user.run(['deploy', unwell, '-a', 'web-shop']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/web\.1 ended with code 1/);
    expect((await m.asks('web-shop')).text).toBe('hello from web.1');
  });

  running('stop in order with the platform: nothing is left, and nobody listens', async (m) => {
    await m.deploys('web-shop');
    const { web_url } = (await m.user.does('apps:info', '-a', 'web-shop', '--json')).json<{
      web_url: string;
    }>();
    const processes = m.processes(await m.pid());
    await m.user.does('platform:stop');
    expect(processes.filter((each) => networkOf(each) !== undefined)).toEqual([]);
    await expect(connects(Number(new URL(web_url).port))).resolves.toBe(false);
  });
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
