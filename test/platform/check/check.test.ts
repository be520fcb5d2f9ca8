import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SpaceChecker } from '../../../src/platform/check/checker.js';
import type { Task } from '../../../src/platform/check/probe/task.js';
import { tryRedaction } from '../../../src/platform/check/redaction.js';
import { type DynoSpec, GATEWAY_HOST } from '../../../src/platform/engine/engine.js';
import { spaceFor } from '../../../src/platform/services/spaces.js';
import { describeEngines, until } from '../engine/engines.js';
import { newAuthority } from '../router/ingress.js';
import { type Checked, engineBut, inState, openChecked } from './checks.js';

/** Takes connections until it is asked to close; then it stays, and takes none. */
const FICKLE = `
const server = require('node:http').createServer((request, response) => {
  response.end('bye');
  if (request.url === '/close') server.close();
}).listen(process.env.PORT);
setInterval(() => {}, 1000);
`;

/** The task of a probe that is about to be run. */
const taskOf = ({ program }: DynoSpec): Task => JSON.parse(program.argv.at(-1) ?? '') as Task;
const isListenerIn = (space: string, spec: DynoSpec): boolean =>
  spec.space === space && taskOf(spec).do === 'listen';

describeEngines('checking a space', (identity) => {
  let c: Checked;
  beforeAll(async () => {
    c = await openChecked(identity);
    await c.m.api.spaces.create({ name: 'vault', compliance: ['internal'] });
    await c.m.api.spaces.create({ name: 'bare' });
    await Promise.all([c.m.app('web'), c.m.app('adm', undefined, undefined, 'vault')]);
    await c.m.app('api');
  });
  afterAll(() => c.close());

  const probes = (): string[] =>
    c.m.engine
      .list()
      .map(({ id }) => id)
      .filter((id) => id.startsWith('check-'));

  test('proves what spaces promise, several at a time, and leaves nothing', async () => {
    const checks = await Promise.all(['shop', 'shop', 'vault', 'bare'].map((space) => c.check(space)));
    for (const each of checks) expect(inState(each, 'failed')).toEqual([]);
    const [shop = {}, , vault = {}, bare = {}] = checks;
    expect(inState(shop, 'ok')).toEqual([
      'discovery',
      'domains_inside',
      'domains_outside',
      'listeners',
      'broadcast',
      'isolation',
      'machine',
      'files',
      'compliance',
      'audit',
    ]);
    expect(shop['discovery']?.evidence).toMatch(/^reached api at 10\.\S+:80, web at 10\.\S+:80$/);
    expect(shop['listeners']?.evidence).toContain('HTTP 308');
    expect(vault['listeners']?.evidence).toContain('as for an unknown name');
    expect(inState(bare, 'nothing')).toEqual([
      'discovery',
      'domains_inside',
      'domains_outside',
      'listeners',
      'credentials',
    ]);
    expect(probes()).toEqual([]);
  });

  test('finds what does not hold between dynos', async () => {
    const { engine } = c.m;
    let open: (() => void)[] = [];
    const [deaf, joined, mute, exposed] = await Promise.all([
      // The one that is to hear is elsewhere.
      c.check('shop', {
        engine: engineBut(engine, {
          run: (spec) => engine.run(isListenerIn('shop', spec) ? { ...spec, space: 'vault' } : spec),
        }),
      }),
      // The stranger is in the very space.
      c.check('shop', {
        engine: engineBut(engine, {
          run: (spec) => engine.run(spec.space.startsWith('check--') ? { ...spec, space: 'shop' } : spec),
        }),
      }),
      // Nobody could reach the stranger.
      c.check('shop', {
        engine: engineBut(engine, { dial: () => Promise.reject(new Error('refused')) }),
      }),
      // What the machine has is brought to its gateway.
      c.check('shop', {
        engine: engineBut(engine, {
          async run(spec) {
            const task = taskOf(spec);
            const ports = new Set(
              (task.do === 'try' ? task.attempts : []).flatMap((each) =>
                each.try === 'tcp' && each.host === GATEWAY_HOST ? [each.port] : [],
              ),
            );
            open = await Promise.all([...ports].map((port) => engine.serveGateway(port, () => undefined)));
            return engine.run(spec);
          },
        }),
      }),
    ]);
    for (const close of open) close();
    // There is something where the platform's files are.
    const seen = await c.check('shop', {
      engine: engineBut(engine, {
        run: (spec) => {
          const argv = spec.program.argv.map((word) =>
            word.replaceAll(/"path":"[^"]*aka\.sock"/g, '"path":"/etc/hosts"'),
          );
          return engine.run({ ...spec, program: { ...spec.program, argv: argv as [string] } });
        },
      }),
    });
    expect(inState(deaf, 'failed')).toEqual(['broadcast']);
    expect(deaf['broadcast']?.evidence).toContain('not heard');
    expect(inState(joined, 'failed')).toEqual(['isolation']);
    expect(joined['isolation']?.evidence).toMatch(/TCP connected, ARP 02:ac:\S+, UDP heard/);
    expect(inState(mute, 'failed')).toEqual(['isolation']);
    expect(mute['isolation']?.evidence).toContain('did not listen');
    expect(inState(exposed, 'failed')).toEqual(['machine']);
    expect(exposed['machine']?.evidence).toContain(`${GATEWAY_HOST}:`);
    expect(inState(seen, 'failed')).toEqual(['files']);
    expect(probes()).toEqual([]);
  });

  test('finds what does not hold for clients', async () => {
    const elsewhere = createServer((_, response) =>
      response.writeHead(308, { Location: 'https://elsewhere.example/' }).end(),
    );
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    const { addresses } = c.router;
    const [untrusting, forged, misled] = await Promise.all([
      c.check('shop', { given: {} }),
      c.check('shop', { certificate: (await newAuthority()).certificate }),
      c.check('shop', { addresses: { ...addresses, redirects: [{ host: '127.0.0.1', port }] } }),
    ]);
    elsewhere.close();
    expect(inState(untrusting, 'failed')).toEqual(['domains_inside']);
    expect(inState(forged, 'failed')).toEqual(['domains_outside']);
    expect(inState(misled, 'failed')).toEqual(['listeners']);
    expect(misled['listeners']?.evidence).toContain('elsewhere.example');
  });

  test('finds an internal app that the public listener knows, or no listener at all', async () => {
    c.lie = (route) => route && { ...route, internal: false };
    const shown = await c.check('vault');
    c.lie = () => undefined;
    const gone = await c.check('vault');
    c.lie = (route) => route;
    expect(inState(shown, 'failed')).toEqual(['domains_outside', 'listeners']);
    expect(shown['listeners']?.evidence).toContain('adm-vault.internal.local.localhost is told apart');
    expect(inState(gone, 'failed')).toEqual(['domains_inside', 'domains_outside']);
    expect(gone['domains_inside']?.evidence).toContain('404 There is no app at this address');
  });

  test('finds an app that does not take connections any more', async () => {
    const app = await c.m.app('fickle', { 'server.js': FICKLE }, { web: 'node server.js' }, 'moody');
    expect(inState(await c.check('moody'), 'failed')).toEqual([]);
    expect(await c.m.ask(app, '/close')).toBe('bye');
    const checked = await c.check('moody');
    expect(inState(checked, 'failed')).toEqual(['discovery', 'domains_inside', 'domains_outside']);
    expect(checked['discovery']).toMatchObject({
      evidence: expect.stringMatching(/^fickle at 10\.\S+:80: ECONNRESET$/),
      hint: 'aka ps -a fickle-moody',
    });
  });

  test('says so when probes can not be run, and when they do not answer in time', async () => {
    const inside = ['discovery', 'domains_inside', 'broadcast', 'isolation', 'machine', 'files'];
    const { engine } = c.m;
    let started = 0;
    const unable = await c.check('shop', {
      engine: engineBut(engine, {
        run: (spec) => (++started > 2 ? Promise.reject(new Error('out of luck')) : engine.run(spec)),
      }),
    });
    expect(inState(unable, 'failed')).toEqual(inside);
    expect(unable['discovery']?.evidence).toBe('probes could not be run: out of luck');
    const stuck = { ...c.ground(), engine: engineBut(engine, { run: () => new Promise(() => undefined) }) };
    const late = await new SpaceChecker(() => stuck, 100).probe(spaceFor(c.m.session.store, 'shop'));
    expect(late.filter(({ state }) => state === 'failed').map(({ promise }) => promise)).toEqual(inside);
    expect(probes()).toEqual([]);
  });

  test('finds a dyno of a prod space without room, and tells other spaces nothing of it', async () => {
    const { api } = c.m;
    await api.spaces.create({ name: 'live', compliance: ['prod'] });
    const { memory } = c.m.reconciler.room.taken.byOthers;
    const app = await c.m.app('prod', undefined, undefined, 'live');
    expect((await c.check('live'))['prod_first']).toMatchObject({
      state: 'ok',
      evidence: expect.stringMatching(/^none of its dynos lacks room; of .* prod has 512 MiB, others /),
    });
    await api.platform.configure({ capacity_memory: 600 * 1024 ** 2 });
    await api.formations.update({ app, type: 'web', quantity: 2 });
    await c.m.dynos(app, ([, second]) => second?.reason?.startsWith('there is no room') === true);
    expect((await c.check('live'))['prod_first']).toMatchObject({
      state: 'failed',
      evidence: expect.stringMatching(/^web\.2 of prod: there is no room for its 512 MiB/),
      hint: 'aka platform:status',
    });
    expect(await c.check('shop')).not.toHaveProperty('prod_first');
    await api.apps.destroy({ app });
    await api.platform.configure({ capacity_memory: null });
    await until('all are back', () => c.m.reconciler.room.taken.byOthers.memory === memory);
  });

  test('is refused while too many are under way, or nothing runs apps', async () => {
    const stuck = {
      ...c.ground(),
      engine: engineBut(c.m.engine, { run: () => new Promise(() => undefined) }),
    };
    const checker = new SpaceChecker(() => stuck, 500);
    const space = spaceFor(c.m.session.store, 'shop');
    const four = [1, 2, 3, 4].map(() => checker.probe(space));
    await expect(checker.probe(space)).rejects.toMatchObject({ id: 'busy', status: 503 });
    await Promise.all(four);
    await expect(new SpaceChecker(() => undefined).probe(space)).rejects.toMatchObject({ status: 503 });
  });

  test('tries in a socs space whether secrets are hidden, and finds one that is not', async () => {
    const { api, session } = c.m;
    await api.spaces.create({ name: 'books', compliance: ['socs'] });
    const bare = await c.check('books');
    expect(bare['redaction']?.state).toBe('nothing');
    await api.apps.create({ name: 'web', space: 'books' });
    const vars = { DB_PASSWORD: 'hunter2-hunter2', UPSTREAM: 'amqp://u:rabbit-rabbit@mq/x', COLOUR: 'red' };
    await api.configVars.patch({ app: 'web-books', vars });
    const hidden = await c.check('books');
    expect(hidden['redaction']).toMatchObject({
      state: 'ok',
      evidence: expect.stringMatching(/^2 config vars/),
    });
    // As if somebody had found a way round the compliance, but for what the check was told.
    const { store } = session;
    const guarded = Object.create(session, {
      store: {
        value: Object.create(store, {
          spaces: { value: { find: () => ({ compliance: [] }) } },
        }) as typeof store,
      },
    }) as typeof session;
    const found = await tryRedaction(guarded, spaceFor(store, 'books'));
    expect(found).toMatchObject([
      { state: 'failed', evidence: 'shown in clear: DB_PASSWORD of web, UPSTREAM of web' },
    ]);
    expect((await c.check('shop'))['redaction']).toBeUndefined();
  });

  describe('with its records tampered with', () => {
    test('finds a compliance that can be changed, one that was, and a chain that does not fit', async () => {
      const { store } = c.m.session;
      store.db.exec('DROP TRIGGER compliance_is_for_ever');
      const loose = await c.check('shop');
      expect(store.spaces.find('shop')?.compliance).toEqual([]);
      store.db.run("UPDATE spaces SET compliance = 'prod' WHERE name = 'shop'");
      store.db.exec('DROP TRIGGER audit_is_append_only');
      store.db.run("UPDATE audit SET record = replace(record, 'ann', 'eve') WHERE seq = 2");
      const changed = await c.check('shop');
      expect(inState(loose, 'failed')).toEqual(['compliance']);
      expect(loose['compliance']?.evidence).toContain('would let it be changed');
      expect(inState(changed, 'failed')).toEqual(['compliance', 'audit']);
      expect(changed['compliance']?.evidence).toBe('it is prod, and was created as none');
      expect(changed['audit']).toMatchObject({
        evidence: expect.stringContaining('record 2'),
        hint: 'aka audits:verify',
      });
    });
  });
});
