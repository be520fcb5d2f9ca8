import { constants, getPriority } from 'node:os';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Dyno } from '../../../src/contract/wire.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { Runs } from '../../../src/platform/tunnels/runs.js';
import { describeEngines, until } from '../engine/engines.js';
import { type Machinery, openMachinery, SERVER } from './machinery.js';

const MIB = 1024 ** 2;
/** Room for two dynos of the smallest size, and a little that is of no use to anybody. */
const TWO = 1100 * MIB;
const WEB = { web: 'node server.js' };
const FILES = { 'server.js': SERVER };

/** What a program says of how nice it is, and how soon it is ended. */
const RANK =
  "'rank ' + require('os').getPriority() + ' ' + require('fs').readFileSync('/proc/self/oom_score_adj', 'utf8').trim()";

/** Whether it says what became of a dyno. */
const isFate = (line: string): boolean => line.includes('web.1 system: It ');
const states = (dynos: Dyno[]) => dynos.map(({ name, state }) => `${name} ${state}`);
const are =
  (...wanted: string[]) =>
  (dynos: Dyno[]) =>
    states(dynos).join() === wanted.join();

describeEngines('where there is room for two dynos', (identity) => {
  let m: Machinery;
  beforeEach(async () => {
    m = await openMachinery(identity, { back: 50 });
    await m.api.platform.configure({ capacity_memory: TWO });
    await m.api.spaces.create({ name: 'live', compliance: ['prod'] });
  });
  afterEach(() => m.close());

  const scale = (app: string, quantity: number) => m.api.formations.update({ app, type: 'web', quantity });
  /** What the log has of it for those who may use the space. */
  const audited = async (action: string, isOfSpace = true) => {
    const all = (await m.api.audits.list({ size: 200 })).filter((each) => each.action === action);
    return all
      .filter(({ space }) => (space !== null) === isOfSpace)
      .map(({ info }) => JSON.parse(info) as Audited);
  };
  interface Audited {
    readonly app: string;
    readonly details: { readonly dyno: string; readonly reason?: string; readonly for?: string };
  }

  test('one of a prod space takes the room of the newest of another, which comes back by itself', async () => {
    const old = await m.app('old');
    const young = await m.app('young');
    const [before] = await m.dynos(old, are('web.1 up'));
    const prod = await m.app('prod', FILES, WEB, 'live');
    await m.dynos(prod, are('web.1 up'));
    const [evicted] = await m.dynos(young, are('web.1 evicted'));
    expect(evicted?.reason).toMatch(/^gave way to a dyno of a prod space, .*comes back by itself/);
    expect(await m.dynos(old, are('web.1 up'))).toMatchObject([{ id: before?.id }]);
    expect(m.lines).toContainEqual(
      expect.stringMatching(/^web\.1 system: Evicted: gave way to a dyno of a prod/),
    );
    const [gaveWay] = await audited('dyno.evict');
    expect(gaveWay).toMatchObject({ app: 'young', details: { dyno: 'web.1' } });
    // For whom is of another space.
    expect(JSON.stringify(gaveWay)).not.toContain('prod-live');
    expect(await audited('dyno.evict', false)).toMatchObject([
      { details: { dyno: 'web.1', app: 'young-shop', for: 'web.1 of prod-live' } },
    ]);
    await scale(prod, 0);
    await m.dynos(young, are('web.1 up'));
    expect(await audited('dyno.return')).toMatchObject([{ app: 'young', details: { dyno: 'web.1' } }]);
    expect(await m.ask(young)).toBe('hello');
  });

  test('its own go last first, and it waits until they are really gone', async () => {
    // It takes its time to end.
    const slow = `${SERVER}process.on('SIGTERM', () => setTimeout(process.exit, 300));`;
    const shop = await m.app('shop', { 'server.js': slow });
    await scale(shop, 2);
    await m.dynos(shop, are('web.1 up', 'web.2 up'));
    let most = 0;
    const watch = setInterval(() => {
      const there = m.engine.list().filter(({ state }) => state !== 'exited').length;
      most = Math.max(most, there);
    }, 2);
    const prod = await m.app('prod', FILES, WEB, 'live');
    clearInterval(watch);
    await m.dynos(prod, are('web.1 up'));
    await m.dynos(shop, are('web.1 up', 'web.2 evicted'));
    expect(most).toBe(2);
  });

  test('a release command runs in the place of one of several dynos', async () => {
    const app = await m.app('web');
    await scale(app, 2);
    const [first] = await m.dynos(app, are('web.1 up', 'web.2 up'));
    const failing = await m.release(app, FILES, { release: 'exit 4', ...WEB });
    expect((await m.settled(app, failing.version)).reason).toBe('release.2 ended with code 4');
    expect((await m.dynos(app, are('web.1 up', 'web.2 up')))[0]?.id).toBe(first?.id);
    const { version } = await m.release(app, FILES, { release: 'echo prepared', ...WEB });
    expect(await m.settled(app, version)).toMatchObject({ status: 'succeeded' });
    await m.dynos(app, are('web.1 up', 'web.2 up'));
    expect(m.lines).toContain('web.2 system: It makes room for v3, which is tried in its place');
    expect(m.lines).toContain('release.3 stdout: prepared');
  });

  test('a release command without room fails its release, and waits where nothing runs yet', async () => {
    const app = await m.app('web');
    const other = await m.app('other');
    const [before] = await m.dynos(app, are('web.1 up'));
    const types = { release: 'echo prepared', ...WEB };
    const { version } = await m.release(app, FILES, types);
    expect(await m.settled(app, version)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('there is no room for its dynos beside those that run'),
    });
    expect((await m.dynos(app, are('web.1 up')))[0]?.id).toBe(before?.id);
    await m.api.apps.create({ name: 'new', space: 'shop' });
    await m.release('new-shop', FILES, types);
    const reason = 'the release command comes first: there is no room for its 512 MiB (gp1)';
    await m.dynos('new-shop', ([dyno]) => dyno?.state === 'waiting' && dyno.reason === reason);
    await scale(other, 0);
    await m.dynos('new-shop', are('web.1 up'));
    expect(m.lines).toContain('release.1 stdout: prepared');
  });

  test('prod never gives way, neither to prod nor to others, which wait for their turn', async () => {
    const prod = await m.app('prod', FILES, WEB, 'live');
    await scale(prod, 3);
    const [, , third] = await m.dynos(prod, are('web.1 up', 'web.2 up', 'web.3 waiting'));
    expect(third?.reason).toBe('there is no room for its 512 MiB (gp1-prod)');
    await m.api.spaces.create({ name: 'shop' });
    await m.api.apps.create({ name: 'first', space: 'shop' });
    await m.api.apps.create({ name: 'second', space: 'shop' });
    await m.release('first-shop', FILES, WEB);
    await m.release('second-shop', FILES, WEB);
    await m.dynos('first-shop', are('web.1 waiting'));
    await scale(prod, 1);
    await m.dynos('first-shop', are('web.1 up'));
    expect((await m.settled('first-shop', 1)).status).toBe('succeeded');
    expect(states(await m.api.dynos.list({ app: 'second-shop' }))).toEqual(['web.1 waiting']);
    expect(await audited('dyno.evict')).toEqual([]);
    await m.api.apps.destroy({ app: prod });
    await m.dynos('second-shop', are('web.1 up'));
  });

  test('after a restart prod comes first, also where others were there before', async () => {
    const shop = await m.app('shop');
    await m.app('prod', FILES, WEB, 'live');
    await m.api.platform.configure({ capacity_memory: 600 * MIB });
    await m.dynos(shop, are('web.1 evicted'));
    await m.restart();
    await m.dynos('prod-live', are('web.1 up'));
    await m.dynos(shop, are('web.1 evicted'));
    expect(await audited('dyno.evict')).toHaveLength(1);
    await m.api.platform.configure({ capacity_memory: TWO });
    await m.dynos(shop, are('web.1 up'));
  });

  test('less room while nothing runs is heard of, too', async () => {
    const shop = await m.app('shop');
    await scale(shop, 2);
    await m.dynos(shop, are('web.1 up', 'web.2 up'));
    const { dynos } = m.session.store;
    const there = dynos.all();
    await m.reconciler.close();
    // As kill -9 leaves it: what was there is still in the store.
    for (const dyno of there) dynos.put(dyno);
    await m.api.platform.configure({ capacity_memory: 600 * MIB });
    await m.restart();
    const [, second] = await m.dynos(shop, are('web.1 up', 'web.2 evicted'));
    expect(second?.reason).toMatch(/^there is no room for its 512 MiB \(gp1\) any more/);
    expect(await audited('dyno.evict')).toHaveLength(1);
  });

  test('where cores are short and memory is not, the reasons of one that waits and of one that gave way say so', async () => {
    // Room for two: a core is given twenty times over.
    await m.api.platform.configure({ capacity_memory: 64 * 1024 * MIB, capacity_cpu: 0.1 });
    const shop = await m.app('shop');
    await scale(shop, 3);
    const [, , third] = await m.dynos(shop, are('web.1 up', 'web.2 up', 'web.3 waiting'));
    expect(third?.reason).toBe('there is no room for its 1 core (gp1)');
    await m.app('prod', FILES, WEB, 'live');
    const [, second] = await m.dynos(shop, are('web.1 up', 'web.2 evicted', 'web.3 waiting'));
    expect(second?.reason).toMatch(
      /^gave way to a dyno of a prod space.*: there is no room for its 1 core \(gp1\);/,
    );
  });

  test('one that is bigger than everything is refused, and nobody gives way to it', async () => {
    const shop = await m.app('shop');
    const prod = await m.app('prod', FILES, WEB, 'live');
    await m.dynos(shop, are('web.1 up'));
    const worker = { app: prod, type: 'worker', size: 'gp3', command: 'sleep 100' };
    await expect(m.api.formations.create(worker)).rejects.toMatchObject({ id: 'too_big', status: 409 });
    // There was more room when it was asked for.
    await m.reconciler.close();
    await m.api.platform.configure({ capacity_memory: 3072 * MIB });
    await m.api.formations.create(worker);
    await m.api.platform.configure({ capacity_memory: TWO });
    await m.restart();
    const [, down] = await m.dynos(prod, are('web.1 up', 'worker.1 down'));
    expect(down?.reason).toMatch(/^gp3-prod takes 2 GiB and 2 cores, and the platform has 1\.1 GiB/);
    await m.dynos(shop, are('web.1 up'));
    expect(await audited('dyno.evict')).toEqual([]);
  });

  test('a new release of prod takes room for a while; one of others that has none fails, and what ran goes on', async () => {
    const shop = await m.app('shop');
    const prod = await m.app('prod', FILES, WEB, 'live');
    await m.api.configVars.patch({ app: shop, vars: { SAYS: 'bonjour' } });
    expect(await m.settled(shop, 2)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('there is no room for its dynos beside those that run'),
    });
    expect(await m.ask(shop)).toBe('hello');
    await m.api.configVars.patch({ app: prod, vars: { SAYS: 'bonjour' } });
    expect(await m.settled(prod, 2)).toMatchObject({ status: 'succeeded' });
    expect(await m.ask(prod)).toBe('bonjour');
    await m.dynos(shop, are('web.1 up'));
    expect(await audited('dyno.return')).toHaveLength(1);
  });

  test('a release that has no room beside is tried in the place of one of several dynos', async () => {
    const shop = await m.app('shop');
    await scale(shop, 2);
    await m.dynos(shop, are('web.1 up', 'web.2 up'));
    const { id } = await m.api.apps.get({ app: shop });
    let least = 2;
    const watch = setInterval(() => {
      least = Math.min(
        least,
        m.reconciler.dynosOf(id).filter((dyno) => dyno.isUp && !dyno.isStopping).length,
      );
    }, 2);
    await m.api.configVars.patch({ app: shop, vars: { SAYS: 'bonjour' } });
    expect(await m.settled(shop, 2)).toMatchObject({ status: 'succeeded' });
    await m.dynos(
      shop,
      (dynos) =>
        dynos.length === 2 && dynos.every(({ state, release }) => state === 'up' && release?.version === 2),
    );
    clearInterval(watch);
    expect(least).toBe(1);
    expect([await m.ask(shop), await m.ask(shop, '/', 'web.2')]).toEqual(['bonjour', 'bonjour']);

    await m.release(shop, { 'server.js': 'process.exit(7)' }, WEB);
    expect(await m.settled(shop, 3)).toMatchObject({ status: 'failed', reason: 'web.2 ended with code 7' });
    await m.dynos(
      shop,
      (dynos) =>
        dynos.length === 2 && dynos.every(({ state, release }) => state === 'up' && release?.version === 2),
    );
  });

  test('a release of one that was evicted waits for its room, and is tried then', async () => {
    const shop = await m.app('shop');
    const prod = await m.app('prod', FILES, WEB, 'live');
    await scale(prod, 2);
    await m.dynos(shop, are('web.1 evicted'));
    await m.api.configVars.patch({ app: shop, vars: { SAYS: 'bonjour' } });
    await m.dynos(prod, are('web.1 up', 'web.2 up'));
    expect((await m.api.releases.list({ app: shop }))[0]).toMatchObject({ version: 2, status: 'pending' });
    expect(states(await m.api.dynos.list({ app: shop }))).toEqual(['web.1 evicted']);
    await scale(prod, 1);
    expect(await m.settled(shop, 2)).toMatchObject({ status: 'succeeded' });
    expect(await m.ask(shop)).toBe('bonjour');
    expect(await audited('dyno.return')).toHaveLength(1);
  });

  test('dynos are renewed in their place where there is no room beside it', async () => {
    const shop = await m.app('shop');
    await scale(shop, 2);
    const before = await m.dynos(shop, are('web.1 up', 'web.2 up'));
    await m.api.dynos.restartAll({ app: shop });
    const after = await until('all are others', async () => {
      const dynos = await m.api.dynos.list({ app: shop });
      const others = dynos.filter(({ id }) => before.every((each) => each.id !== id));
      return others.length === 2 && others.every(({ state }) => state === 'up') ? dynos : undefined;
    });
    expect(states(after)).toEqual(['web.1 up', 'web.2 up']);
    await m.api.formations.update({ app: shop, type: 'web', size: 'gp2' });
    await until('it is told', () =>
      m.lines.some((line) => line.includes('It stays as it was: there is no room')),
    );
    expect((await m.api.dynos.list({ app: shop })).map(({ id }) => id)).toEqual(after.map(({ id }) => id));
  });

  test('one that crashed keeps its place', async () => {
    const broken = await m.app('broken');
    await scale(broken, 0);
    await m.api.formations.create({ app: broken, type: 'worker', command: 'exit 3' });
    await m.dynos(broken, are('worker.1 crashed'));
    const app = await m.app('shop');
    await scale(app, 2);
    await m.dynos(app, are('web.1 up', 'web.2 waiting'));
  });

  test('those of prod have the larger share of CPU, may go over their memory, and are ended last', async () => {
    const files = { 'server.js': `console.log(${RANK});${SERVER}` };
    await m.app('shop', files);
    await m.app('prod', files, WEB, 'live');
    const ranks = m.lines.flatMap(
      (line) =>
        line
          .match(/rank (\d+) (\d+)$/)
          ?.slice(1)
          .map(Number) ?? [],
    );
    const [niceness = 0, score = 0, nicenessOfProd = 0, scoreOfProd = 0] = ranks;
    const own = getPriority();
    expect(nicenessOfProd).toBe(own);
    // Nobody can be nicer than that.
    if (own < constants.priority.PRIORITY_LOW) expect(niceness).toBeGreaterThan(own);
    else expect(niceness).toBe(own);
    expect(score - scoreOfProd).toBe(300);
  });

  test('those of prod may be over their size for a while, and are started again after it; others may not', async () => {
    // Each of them a little more than the 512 MiB of its size.
    const greedy = `let held; setTimeout(() => { held = Buffer.alloc(600 * 1024 ** 2, 1); console.log('holds', held.length); }, 1500);
      ${SERVER}`;
    const quick = await openMachinery(identity, { back: 50, spike: 1500 });
    try {
      await quick.api.spaces.create({ name: 'live', compliance: ['prod'] });
      await quick.app('prod', { 'server.js': greedy }, WEB, 'live');
      const [said] = await until('it is started again', () => {
        const lines = quick.lines.filter(isFate);
        return lines.length > 0 ? lines : undefined;
      });
      expect(said).toMatch(
        /^web\.1 system: It had more memory than its size for longer than it may; it starts again in/,
      );
      expect(quick.lines).toContain(`web.1 stdout: holds ${600 * MIB}`);
      await quick.api.apps.destroy({ app: 'prod-live' });
      quick.lines.length = 0;
      await quick.app('shop', { 'server.js': greedy });
      const [first] = await until('it is ended', () => {
        const lines = quick.lines.filter(isFate);
        return lines.length > 0 ? lines : undefined;
      });
      expect(first).toMatch(/^web\.1 system: It took more memory than its size allows; it starts again in/);
    } finally {
      await quick.close();
    }
  });

  test('nobody gives way as long as that can not be recorded', async () => {
    const shop = await m.app('shop');
    await scale(shop, 2);
    await m.dynos(shop, are('web.1 up', 'web.2 up'));
    const { db } = m.session.store;
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON audit WHEN new.record LIKE '%"dyno.evict"%'
      BEGIN SELECT RAISE(ABORT, 'full'); END`);
    await m.api.apps.create({ name: 'prod', space: 'live' });
    await m.release('prod-live', FILES, WEB);
    await until('it is noticed', () => m.notes.some((note) => note.includes('could not be brought')));
    expect(states(await m.api.dynos.list({ app: shop }))).toEqual(['web.1 up', 'web.2 up']);
    db.exec('DROP TRIGGER full');
    await m.dynos('prod-live', are('web.1 up'));
    await m.dynos(shop, are('web.1 up', 'web.2 evicted'));
  });

  test('what somebody runs by hand goes, too, once that can be recorded', async () => {
    const guest = {
      key: 'guest',
      isProd: false,
      isExtra: false,
      since: new Date().toISOString(),
      number: 1,
      memory: TWO,
      cpu: 1,
    };
    let asked = 0;
    const release = await m.reconciler.room.enter(guest, () => {
      asked += 1;
      if (asked === 1) return false;
      release?.();
      return true;
    });
    expect(release).toBeDefined();
    const prod = await m.app('prod', FILES, WEB, 'live');
    await m.dynos(prod, are('web.1 up'));
    expect(asked).toBe(2);
  });

  test('a release tried in the place of another dyno ends also when that place is wanted no more', async () => {
    const shop = await m.app('shop');
    await scale(shop, 2);
    await m.dynos(shop, are('web.1 up', 'web.2 up'));
    // It is never well.
    await m.release(shop, { 'server.js': 'setInterval(() => {}, 1000)' }, WEB);
    await m.dynos(shop, (dynos) => dynos.some(({ release }) => release?.version === 2));
    await m.api.apps.create({ name: 'other', space: 'shop' });
    await m.release('other-shop', FILES, WEB);
    await m.dynos('other-shop', are('web.1 waiting'));
    await scale(shop, 1);
    expect(await m.settled(shop, 2)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('no room for its dynos beside those that run'),
    });
    await m.dynos(shop, are('web.1 up'));
    await m.dynos('other-shop', are('web.1 up'));
  });

  test('what somebody runs by hand gives way also while it is about to start', async () => {
    const shop = await m.app('shop');
    await scale(shop, 0);
    await m.dynos(shop, are());
    const { engine, session, reconciler } = m;
    const { network, room } = reconciler;
    let isAsked = false;
    const folder = new Promise<string>((resolve) => {
      void until('its room is wanted', () => m.lines.some((line) => line.startsWith('run.1 system: Evicted')))
        .catch(() => undefined)
        .then(() => resolve(session.store.folders.dataDir));
    });
    const runs = new Runs({
      session,
      engine,
      network,
      room,
      given: {},
      slugFolder: () => {
        isAsked = true;
        return folder;
      },
      logs: {
        end: () => {},
        flush: async () => {},
        write: ({ dyno, stream }, bytes) => void m.lines.push(`${dyno} ${stream}: ${bytes.toString()}`),
      },
    });
    await m.api.platform.configure({ capacity_memory: 600 * MIB });
    const started = runs.start(DAEMON, shop, { command: ['sleep 300'] });
    await until('it has its room', () => isAsked);
    const prod = await m.app('prod', FILES, WEB, 'live');
    await m.dynos(prod, are('web.1 up'));
    await (await started).running.exit;
    await runs.close();
  });

  test('a release that is tried while its app has to give way waits for room as one that comes after it', async () => {
    const shop = await m.app('shop');
    // It is never well.
    await m.release(shop, { 'server.js': 'setInterval(() => {}, 1000)' }, WEB);
    await m.dynos(shop, (dynos) => dynos.some(({ release }) => release?.version === 2));
    await m.api.platform.configure({ capacity_memory: 300 * MIB });
    await m.dynos(shop, (dynos) => dynos.every(({ state }) => state === 'evicted'));
    expect(await m.api.releases.get({ app: shop, release: '2' })).toMatchObject({ status: 'pending' });
    await m.release(shop, { 'server.js': `${SERVER}//` }, WEB);
    await m.api.platform.configure({ capacity_memory: TWO });
    expect(await m.settled(shop, 3)).toMatchObject({ status: 'succeeded' });
    await m.dynos(shop, are('web.1 up'));
  });

  test('what must wait while room is made for prod is told when that is over, also for what is run by hand', async () => {
    let mayBegin: boolean | undefined;
    const told = await openMachinery(
      identity,
      { back: 50 },
      {
        onRoom: () => {
          mayBegin = !told.reconciler.room.isBeingMadeForProd;
        },
      },
    );
    try {
      await told.api.platform.configure({ capacity_memory: 600 * MIB });
      const slow = `${SERVER}process.on('SIGTERM', () => setTimeout(process.exit, 300));`;
      const shop = await told.app('shop', { 'server.js': slow });
      const leave = await told.reconciler.room.enter(
        {
          key: 'guest',
          isProd: true,
          isExtra: false,
          since: new Date().toISOString(),
          number: 1,
          memory: 512 * MIB,
          cpu: 1,
        },
        () => true,
      );
      expect(leave).toBeDefined();
      await told.dynos(shop, are('web.1 evicted'));
      await until('it is told', () => mayBegin === true);
    } finally {
      await told.close();
    }
  });

  test('one that gave way comes back also where the clock is set back meanwhile', async () => {
    let isSetBack = false;
    const start = Date.now();
    // It goes back for as long as it is looked at.
    const now = () => new Date(isSetBack ? 2 * start - Date.now() : Date.now());
    const odd = await openMachinery(identity, { back: 300 }, { now });
    try {
      const shop = await odd.app('shop');
      await odd.api.platform.configure({ capacity_memory: 300 * MIB });
      await odd.dynos(shop, are('web.1 evicted'));
      isSetBack = true;
      await odd.api.platform.configure({ capacity_memory: TWO });
      await odd.dynos(shop, are('web.1 up'));
    } finally {
      await odd.close();
    }
  });
});
