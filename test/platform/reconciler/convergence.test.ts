import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Dyno } from '../../../src/contract/wire.js';
import { LONG, runsWhole } from '../../long-tests.js';
import { until } from '../engine/engines.js';
import { type Machinery, openMachinery } from './machinery.js';
import { ModelEngine } from './model-engine.js';

jest.setTimeout(LONG);

const DYNO = 512 * 1024 ** 2;
const TYPES = { web: 'node server.js', worker: 'node work.js' };

const isHalfCrashed = (dynos: Dyno[]): boolean => dynos.map(({ state }) => state).join() === 'crashed,up';

/** Something that happens to an app. */
type Step =
  | { readonly do: 'restart'; readonly dyno: 'all' | 'web' | 'web.1' }
  | { readonly do: 'scale'; readonly type: 'web' | 'worker'; readonly quantity: number }
  | { readonly do: 'command'; readonly command: string }
  | { readonly do: 'size'; readonly size: string }
  | { readonly do: 'release'; readonly content: number; readonly prepares: boolean }
  | { readonly do: 'crash'; readonly index: number }
  | { readonly do: 'pass'; readonly turns: number };

const restart = fc.record({
  do: fc.constant('restart' as const),
  dyno: fc.constantFrom('all' as const, 'web' as const, 'web.1' as const),
});
const steps: readonly fc.Arbitrary<Step>[] = [
  restart,
  restart,
  fc.record({
    do: fc.constant('scale' as const),
    type: fc.constantFrom('web' as const, 'worker' as const),
    quantity: fc.nat(3),
  }),
  fc.record({
    do: fc.constant('command' as const),
    command: fc.constantFrom('node a.js', 'node b.js'),
  }),
  fc.record({ do: fc.constant('release' as const), content: fc.nat(), prepares: fc.boolean() }),
  fc.record({ do: fc.constant('crash' as const), index: fc.nat(4) }),
  fc.record({ do: fc.constant('pass' as const), turns: fc.nat(12) }),
];
const resize = fc.record({ do: fc.constant('size' as const), size: fc.constantFrom('gp1', 'gp2') });

describe.each([
  { room: 'room for all', dynos: 64, of: [...steps, resize] },
  { room: 'room for three dynos', dynos: 3, of: steps },
])('with $room', ({ dynos: most, of }) => {
  let m: Machinery;
  let engine: ModelEngine;
  let apps = 0;

  beforeAll(async () => {
    const pace = { start: 60_000, settle: 1, again: 1, againMost: 1, forget: 1, back: 1 };
    m = await openMachinery({ name: 'of a model', rootless: true }, pace, {
      openEngine: async (heard) => {
        engine = new ModelEngine(heard);
        return engine;
      },
    });
    await m.api.platform.configure({ capacity_memory: most * DYNO, capacity_cpu: 640 });
  });
  afterAll(() => m.close());

  const take = async (app: string, step: Step): Promise<unknown> => {
    const { dynos, formations } = m.api;
    switch (step.do) {
      case 'restart':
        if (step.dyno === 'all') return dynos.restartAll({ app });
        // There may be no such dyno now.
        return dynos.restart({ app, dyno: step.dyno }).catch(() => undefined);
      case 'scale':
        return formations.update({ app, type: step.type, quantity: step.quantity });
      case 'command':
        return formations.update({ app, type: 'web', command: step.command });
      case 'size':
        return formations.update({ app, type: 'web', size: step.size });
      case 'release':
        return m.release(
          app,
          { content: String(step.content) },
          { ...TYPES, ...(step.prepares && { release: 'migrate' }) },
        );
      case 'crash':
        return engine.crash(engine.list()[step.index]?.id ?? '');
      case 'pass':
        for (let turns = step.turns; turns > 0; turns -= 1) await new Promise(setImmediate);
    }
  };

  /** What is not as it should be; undefined where an app has come to rest. */
  const unrest = async (app: string): Promise<unknown> => {
    const formation = await m.api.formations.list({ app });
    const names = formation.flatMap(({ type, quantity }) =>
      Array.from({ length: quantity }, (_, index) => `${type}.${index + 1}`),
    );
    const dynos = await m.api.dynos.list({ app });
    const pending = (await m.api.releases.list({ app })).filter(({ status }) => status === 'pending');
    const up = dynos.filter(({ state }) => state === 'up');
    const isAtRest =
      dynos.map(({ name }) => name).join() === names.sort().join() &&
      dynos.every(({ renew }) => !renew) &&
      up.length === Math.min(names.length, most) &&
      engine.list().length === up.length &&
      pending.length === 0;
    return isAtRest ? undefined : { names, dynos, pending, running: engine.list().length };
  };

  test('a replacement that is to be replaced as it comes up gives way to one replacement', async () => {
    const app = await m.app(`again${most}`, {}, { web: TYPES.web });
    const { id } = await m.api.apps.get({ app });
    const { store } = m.session;
    const marked = new Set<string>();
    engine.onDial = () => {
      if (marked.size === 3) return;
      for (const dyno of store.dynos.of(id)) {
        store.dynos.renew(dyno.id);
        marked.add(dyno.id);
      }
    };
    await m.api.dynos.restartAll({ app });
    await until(
      'the app is at rest',
      async () => marked.size === 3 && (await unrest(app)) === undefined,
      5000,
    );
    engine.onDial = () => undefined;
    await m.api.apps.destroy({ app });
    await until('the app is gone', () => engine.list().length === 0);
  });

  test('a dyno is restarted while another of its type has crashed too often', async () => {
    const app = await m.app(`crashed${most}`, {}, { web: TYPES.web });
    await m.api.formations.update({ app, type: 'web', quantity: 2 });
    await m.dynos(app, (dynos) => dynos.length === 2 && dynos.every(({ state }) => state === 'up'));
    engine.refuses = ({ program }) => program.env['DYNO'] === 'web.1';
    for (const { id } of engine.list()) engine.crash(id);
    const [, before] = await m.dynos(app, isHalfCrashed);
    await m.api.dynos.restart({ app, dyno: 'web.2' });
    await m.dynos(app, (dynos) => isHalfCrashed(dynos) && dynos[1]?.id !== before?.id);
    engine.refuses = () => false;
    await m.api.apps.destroy({ app });
    await until('the app is gone', () => engine.list().length === 0);
  });

  test('whatever happens to an app in whatever order, it comes to the dynos it should have', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...of), { minLength: 2, maxLength: 25 }), async (happening) => {
        apps += 1;
        const app = await m.app(`app${apps}`, {}, TYPES);
        for (const step of happening) await take(app, step);
        let left: unknown;
        try {
          await until('the app is at rest', async () => (left = await unrest(app)) === undefined, 5000);
        } catch {
          throw new Error(`It never came to rest: ${JSON.stringify(left)}`);
        }
        await m.api.apps.destroy({ app });
        await until('the app is gone', () => engine.list().length === 0);
        expect(m.notes).toEqual([]);
      }),
      { numRuns: runsWhole('sequences') ? 150 : 30, endOnFailure: true },
    );
  });
});
