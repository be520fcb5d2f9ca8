import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Dyno } from '../../../src/contract/wire.js';
import { describeEngines, until } from '../engine/engines.js';
import { type Machinery, openMachinery, SERVER } from './machinery.js';

const WEB = { web: 'node server.js' };
const up = (count: number) => (dynos: Dyno[]) =>
  dynos.length === count && dynos.every(({ state }) => state === 'up');
const ids = (dynos: Dyno[]) => dynos.map(({ id }) => id);

describeEngines('apps', (identity) => {
  let m: Machinery;
  beforeEach(async () => {
    m = await openMachinery(identity);
  });
  afterEach(() => m.close());

  test('run once they are released, in a sandbox with their config and nothing of ours', async () => {
    process.env['LEAK'] = 'of the daemon';
    await m.api.spaces.create({ name: 'shop' });
    await m.api.apps.create({ name: 'api', space: 'shop' });
    const app = await m.app('web');
    await m.api.configVars.patch({ app, vars: { COLOUR: 'red', PATH_TO: '/x' } });
    await m.settled(app, 2);
    const env = JSON.parse(await m.ask(app, '/env')) as Record<string, string>;
    const { apps } = await m.api.spaces.discovery({ space: 'shop' });
    const hosts = Object.fromEntries(apps.map(({ name, host }) => [name, host]));
    const near: unknown = expect.stringContaining(hosts['web'] ?? 'no address');
    expect(env).toEqual({
      HTTP_PROXY: 'http://169.254.0.1:3128',
      HTTPS_PROXY: 'http://169.254.0.1:3128',
      NO_PROXY: near,
      http_proxy: 'http://169.254.0.1:3128',
      https_proxy: 'http://169.254.0.1:3128',
      no_proxy: near,
      AKKERIS_APPLICATION: 'web-shop',
      AKKERIS_DEPLOYMENT: 'web',
      AKKERIS_SPACE: 'shop',
      API_SERVICE_HOST: hosts['api'],
      API_SERVICE_PORT: '80',
      COLOUR: 'red',
      DYNO: 'web.1',
      HOME: '/app',
      LANG: 'C.UTF-8',
      NODE_ENV: 'production',
      NPM_CONFIG_UPDATE_NOTIFIER: 'false',
      PATH: expect.stringContaining('/usr/bin'),
      PATH_TO: '/x',
      PORT: '5000',
      PWD: '/app',
      PYTHONUNBUFFERED: '1',
      TRUST: 'me',
      WEB_SERVICE_HOST: hosts['web'],
      WEB_SERVICE_PORT: '80',
    });
    delete process.env['LEAK'];
  });

  test('answer at their stable address, and are routed by their domain', async () => {
    const app = await m.app('web');
    await m.api.formations.update({ app, type: 'web', quantity: 2 });
    await m.dynos(app, up(2));
    const caller = await m.app(
      'caller',
      {
        'call.js': `setInterval(async () => {
          const url = 'http://' + process.env.WEB_SERVICE_HOST + ':' + process.env.WEB_SERVICE_PORT;
          console.log('web says', await (await fetch(url)).text());
        }, 20)`,
      },
      { caller: 'node call.js' },
    );
    expect(caller).toBe('caller-shop');
    await until('the sibling is reached', () => m.lines.some((line) => line.includes('web says hello')));
    expect(m.routes.find('web-shop.local.localhost')).toMatchObject({
      key: 'web-shop',
      upstreams: [{ port: 5000 }, { port: 5000 }],
    });
    expect(m.routes.find('caller-shop.local.localhost')).toMatchObject({ upstreams: [] });
    expect(m.routes.find('web-shop.other.localhost')).toBeUndefined();
  });

  test('whose release never gets well keep running what they ran, and say why', async () => {
    const app = await m.app('web');
    const before = await m.dynos(app, up(1));
    const { version } = await m.release(
      app,
      { 'server.js': 'console.error("no DATABASE_URL"); process.exit(7)' },
      WEB,
    );
    expect(await m.settled(app, version)).toMatchObject({
      status: 'failed',
      reason: 'web.1 ended with code 7: no DATABASE_URL',
    });
    expect(ids(await m.dynos(app, up(1)))).toEqual(ids(before));
    expect(await m.ask(app)).toBe('hello');
  });

  test('of a socs space say why they ended without any secret, though they have the real ones', async () => {
    await m.api.spaces.create({ name: 'vault', compliance: ['socs'] });
    await m.api.apps.create({ name: 'web', space: 'vault' });
    const vars = { DB_PASSWORD: 'hunter2-hunter2', UPSTREAM: 'amqp://u:rabbit-rabbit@mq/x' };
    await m.api.configVars.patch({ app: 'web-vault', vars });
    const crash = `
      const { DB_PASSWORD: password, UPSTREAM: url } = process.env;
      process.stderr.write('no login with ' + password.slice(0, 5));
      setTimeout(() => {
        process.stderr.write(password.slice(5) + ' at ' + new URL(url).password);
        process.exit(7);
      }, 50);`;
    const { version } = await m.release('web-vault', { 'server.js': crash }, WEB);
    const { reason } = await m.settled('web-vault', version);
    expect(reason).toBe('web.1 ended with code 7: no login with [redacted] at [redacted]');
    const records = await m.api.audits.list({ size: 100 });
    expect(JSON.stringify(records)).toContain('no login with [redacted]');
    expect(JSON.stringify(records)).not.toMatch(/hunter2|rabbit/);
    const { version: well } = await m.release('web-vault', { 'server.js': SERVER }, WEB);
    expect(await m.settled('web-vault', well)).toMatchObject({ status: 'succeeded' });
    expect(JSON.parse(await m.ask('web-vault', '/env'))).toMatchObject(vars);
  });

  test('of another space say why they ended in their own words', async () => {
    const app = await m.app('web');
    await m.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-hunter2' } });
    const crash = 'console.error("no login with", process.env.DB_PASSWORD); process.exit(7)';
    const { version } = await m.release(app, { 'server.js': crash }, WEB);
    const { reason } = await m.settled(app, version);
    expect(reason).toBe('web.1 ended with code 7: no login with hunter2-hunter2');
  });

  test('whose release never listens are told so in time, however busy the garbage collection is', async () => {
    const quick = await openMachinery(identity, { start: 1000 });
    setFlagsFromString('--expose-gc');
    const collecting = setInterval(runInNewContext('gc') as () => void, 50);
    try {
      const app = await quick.app('web');
      const { version } = await quick.release(app, { 'server.js': 'setInterval(() => {}, 1000)' }, WEB);
      const dynos = await quick.dynos(app, (all) => all.some(({ state }) => state === 'starting'));
      expect(dynos.map(({ lacks }) => lacks)).toEqual([[], []]);
      const { status, reason } = await quick.settled(app, version);
      expect(status).toBe('failed');
      expect(reason).toMatch(/^web\.1 was not well within 1 s: .*\(port 5000\)$/);
    } finally {
      clearInterval(collecting);
      await quick.close();
    }
  });

  test('get new dynos with a new release before the old ones go', async () => {
    const app = await m.app('web');
    const [before] = await m.dynos(app, up(1));
    await m.api.configVars.patch({ app, vars: { SAYS: 'bonjour' } });
    const [after] = await m.dynos(app, (dynos) => up(1)(dynos) && dynos[0]?.id !== before?.id);
    expect(after).toMatchObject({ name: 'web.1', release: { version: 2 }, state: 'up' });
    expect(await m.ask(app)).toBe('bonjour');
  });

  test('are scaled up and down', async () => {
    const app = await m.app('web');
    await m.api.formations.update({ app, type: 'web', quantity: 3 });
    expect((await m.dynos(app, up(3))).map(({ name }) => name)).toEqual(['web.1', 'web.2', 'web.3']);
    await m.api.formations.update({ app, type: 'web', quantity: 0 });
    expect(await m.dynos(app, (dynos) => dynos.length === 0)).toEqual([]);
  });

  test('are scaled down while what they were scaled up to is starting', async () => {
    const app = await m.app('web');
    for (let round = 0; round < 2; round++) {
      await m.api.formations.update({ app, type: 'web', quantity: 4 });
      await m.dynos(app, (dynos) => dynos.some(({ state }) => state === 'starting'));
      await m.api.formations.update({ app, type: 'web', quantity: 0 });
      expect(await m.dynos(app, (dynos) => dynos.length === 0)).toEqual([]);
      expect(m.engine.list().filter(({ state }) => state !== 'exited')).toEqual([]);
    }
  });

  test('have their dynos replaced one at a time when they are to run otherwise', async () => {
    const app = await m.app('web');
    await m.api.formations.update({ app, type: 'web', quantity: 2 });
    const before = ids(await m.dynos(app, up(2)));
    const seen: number[] = [];
    await m.api.formations.update({ app, type: 'web', command: 'SAYS=other node server.js' });
    await m.dynos(app, (dynos) => {
      seen.push(dynos.filter(({ state }) => state === 'up').length);
      return up(2)(dynos) && dynos.every(({ id }) => !before.includes(id));
    });
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(1);
    expect(await m.ask(app)).toBe('other');
  });

  test('keep a dyno whose replacement does not work', async () => {
    const app = await m.app('web');
    const before = ids(await m.dynos(app, up(1)));
    await m.api.formations.update({ app, type: 'web', command: 'exit 9' });
    await until('it is refused', () => m.lines.some((line) => /replacement ended with code 9/.test(line)));
    expect(ids(await m.dynos(app, up(1)))).toEqual(before);
    await m.api.formations.update({ app, type: 'web', command: null, healthcheck: '/' });
    await m.dynos(app, (dynos) => up(1)(dynos) && dynos[0]?.id !== before[0]);
  });

  test('are started again when they end, and given up when they end too often', async () => {
    const app = await m.app('web');
    await m.ask(app, '/crash');
    await m.dynos(app, (dynos) => up(1)(dynos) && dynos[0]?.restarts === 1);
    const worker = await m.app(
      'bad',
      { 'run.sh': 'sleep 0.2; echo out of luck >&2; exit 4' },
      { worker: 'sh run.sh' },
    );
    const [crashed] = await m.dynos(worker, (dynos) => dynos[0]?.state === 'crashed');
    expect(crashed).toMatchObject({ restarts: 7, reason: 'ended with code 4: out of luck' });
    const records = await m.api.audits.list({ app: 'bad' });
    expect(records.map(({ action }) => action)).toContain('dyno.crash');
    await m.api.dynos.restart({ app: worker, dyno: 'worker.1' });
    await m.dynos(worker, (dynos) => dynos[0]?.id !== crashed?.id && dynos[0]?.state !== 'crashed');
  });

  test('that do not answer their health check are started again', async () => {
    const app = await m.app('web', {
      'server.js': `let sick = false;
          require('node:http').createServer((request, response) => {
            if (request.url === '/sicken') sick = true;
            response.writeHead(sick ? 500 : 200).end('ok');
          }).listen(process.env.PORT)`,
    });
    await m.api.formations.update({ app, type: 'web', healthcheck: '/up' });
    await m.dynos(app, (dynos) => up(1)(dynos) && m.lines.length >= 0 && dynos[0]?.state === 'up');
    await until('the check is in force', async () => {
      await m.ask(app, '/sicken').catch(() => undefined);
      return (await m.api.dynos.list({ app })).some(({ restarts }) => restarts >= 1);
    });
    await m.dynos(app, up(1));
    expect(m.lines.join('\n')).toContain('is not well any more: /up answers 500');
  });

  test('are renewed on request, one at a time', async () => {
    const app = await m.app('web');
    await m.api.formations.update({ app, type: 'web', quantity: 2 });
    const before = ids(await m.dynos(app, up(2)));
    expect(await m.api.dynos.restartAll({ app })).toHaveLength(2);
    await m.dynos(app, (dynos) => up(2)(dynos) && dynos.every(({ id }) => !before.includes(id)));
  });

  test('are renewed also where a replacement is to be renewed the moment that it is up', async () => {
    const app = await m.app('web');
    const { dynos } = m.session.store;
    const put = dynos.put.bind(dynos);
    let isMarked = false;
    dynos.put = (dyno) => {
      put(dyno);
      if (isMarked || dyno.state !== 'up' || dynos.of(dyno.app).length < 2) return;
      isMarked = true;
      for (const { id } of dynos.of(dyno.app)) dynos.renew(id);
    };
    await m.api.dynos.restartAll({ app });
    await until('both are to be renewed', () => isMarked);
    await m.dynos(app, (those) => up(1)(those) && dynos.toRenew().length === 0);
  });

  test('end up as they are to be, however often and quickly they are renewed, scaled and changed', async () => {
    const app = await m.app('web');
    const seed = Math.floor(Math.random() * 2 ** 31);
    const steps = fc.sample(
      fc.tuple(
        fc.constantFrom('restart', 'scale', 'config', 'kill'),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(60),
      ),
      { seed, numRuns: 25 },
    );
    let wanted = 1;
    try {
      for (const [step, count, pause] of steps) {
        if (step === 'restart') await m.api.dynos.restartAll({ app });
        else if (step === 'scale') {
          wanted = count;
          await m.api.formations.update({ app, type: 'web', quantity: count });
        } else if (step === 'config') await m.api.configVars.patch({ app, vars: { N: String(pause) } });
        else for (const dyno of m.engine.list().slice(0, count)) await m.engine.stop(dyno.id, 0);
        // What is tried is another state at each step, not that time passes.
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      await m.dynos(app, (dynos) => up(wanted)(dynos) && m.session.store.dynos.toRenew().length === 0);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  });

  test('whose dynos started before a newer app lack it until they are renewed', async () => {
    const app = await m.app('web');
    await m.api.apps.create({ name: 'later', space: 'shop' });
    await m.dynos(app, ([dyno]) => dyno?.lacks?.includes('later') === true);
    await m.api.dynos.restart({ app, dyno: 'web' });
    await m.dynos(app, ([dyno]) => dyno?.state === 'up' && dyno.lacks?.length === 0);
    expect(JSON.parse(await m.ask(app, '/env'))).toHaveProperty('LATER_SERVICE_HOST');
  });

  test('are ended after the grace time of their process type, and their last lines are in the log', async () => {
    const work = `process.on('SIGTERM', () => setTimeout(() => { console.log('last words'); process.exit(); }, 3000));
      setInterval(() => undefined, 1000);
      console.log('working');`;
    const app = await m.app('slow', { 'work.js': work }, { worker: 'node work.js; true' });
    await until('it works', () => m.lines.some((line) => line.includes('working')));
    // The grace time of these tests is two seconds.
    await m.api.formations.update({ app, type: 'worker', grace: 30 });
    await m.api.formations.update({ app, type: 'worker', quantity: 0 });
    await m.dynos(app, (dynos) => dynos.length === 0);
    expect(m.lines).toContain('worker.1 stdout: last words');
  });

  test('come back when everything starts anew', async () => {
    const app = await m.app('web');
    await m.api.formations.update({ app, type: 'web', quantity: 2 });
    await m.dynos(app, up(2));
    await m.restart();
    await m.dynos(app, up(2));
    expect(await m.ask(app, '/', 'web.2')).toBe('hello');
  });

  test('go on when it is refused to destroy their space, whoever asks', async () => {
    const app = await m.app('web');
    const guest = m.as({ name: 'guest', role: 'user', spaces: [], origin: 'tcp 127.0.0.1' });
    for (const api of [m.api, guest]) await expect(api.spaces.destroy({ space: 'shop' })).rejects.toThrow();
    // This is heard of after what was refused.
    await m.api.formations.update({ app, type: 'web', quantity: 2 });
    const dynos = await m.dynos(app, up(2));
    expect(dynos.map(({ restarts }) => restarts)).toEqual([0, 0]);
    expect(await m.ask(app, '/', 'web.1')).toBe('hello');
  });

  test('that are destroyed leave nothing running', async () => {
    const app = await m.app('web');
    await m.api.apps.destroy({ app });
    await until('nothing runs', () => m.engine.list().length === 0);
    await m.api.spaces.destroy({ space: 'shop' });
    expect(m.notes).toEqual([]);
  });
});
