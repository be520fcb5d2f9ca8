import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function formationsSuite(given: Given): void {
  describe('formations', () => {
    const app = 'web-shop';

    test('say how many dynos of a type there are to be, and how they run', async () => {
      await given.spaceWith(['web']);
      expect(await given.api.formations.create({ app, type: 'Web', port: 8080, size: 'GP2' })).toMatchObject({
        app: { name: app },
        type: 'web',
        quantity: 1,
        size: 'gp2',
        port: 8080,
        command: null,
        healthcheck: null,
        grace: null,
      });
      await given.api.formations.create({ app, type: 'clock', command: 'tick', quantity: 0 });
      const changed = await given.api.formations.update({
        app,
        type: 'web',
        quantity: 3,
        healthcheck: '/up',
        port: null,
        grace: 30,
      });
      expect(changed).toMatchObject({ quantity: 3, size: 'gp2', port: null, healthcheck: '/up', grace: 30 });
      expect(await given.api.formations.get({ app, type: 'web' })).toEqual(changed);
      const types = (await given.api.formations.list({ app })).map(({ type }) => type);
      expect(types).toEqual(['clock', 'web']);
      await given.api.formations.destroy({ app, type: 'clock' });
      expect(await given.api.formations.list({ app })).toEqual([changed]);
    });

    test.each([
      ['web-1', {}, 'invalid_process_type'],
      ['run', {}, 'invalid_process_type'],
      ['worker', { quantity: 33 }, 'invalid_quantity'],
      ['worker', { size: 'gp9' }, 'unknown_size'],
      ['worker', { command: ' ' }, 'invalid_command'],
      ['worker', { port: 8080 }, 'no_traffic'],
      ['web', { port: 80 }, 'invalid_port'],
      ['web', { healthcheck: 'up' }, 'invalid_healthcheck'],
      ['worker', { grace: 0 }, 'invalid_grace'],
      ['worker', { grace: 61 }, 'invalid_grace'],
    ])('%s with %p is refused: %s', async (type, members, id) => {
      await given.spaceWith(['web']);
      expect(await refused(given.api.formations.create({ app, type, ...members }))).toMatchObject({
        id,
        status: 422,
      });
      expect(await given.api.formations.list({ app })).toEqual([]);
    });

    test('of several types are changed at once, or none is', async () => {
      await given.spaceWith(['web']);
      await given.api.formations.create({ app, type: 'web', healthcheck: '/up' });
      await given.api.formations.create({ app, type: 'clock', command: 'tick' });
      const before = await given.records();
      const changed = await given.api.formations.batch({
        app,
        changes: [
          { type: 'clock', quantity: 2, 'remove-command': true },
          { type: 'web', size: 'gp2', removeHealthcheck: true },
        ],
      });
      expect(changed).toMatchObject([
        { type: 'clock', quantity: 2, command: null },
        { type: 'web', size: 'gp2', healthcheck: null },
      ]);
      expect(await given.api.formations.list({ app })).toEqual(changed);
      const records = await given.api.audits.list({ size: 2 });
      expect(await given.records()).toBe(before + 2);
      expect(records.map(({ info }) => (JSON.parse(info) as { details: object }).details)).toEqual([
        { type: 'web', size: 'gp2', healthcheck: null },
        { type: 'clock', quantity: 2, command: null },
      ]);
      for (const [changes, id] of [
        [[{ type: 'clock', quantity: 1 }, { type: 'worker' }], 'not_found'],
        [
          [
            { type: 'clock', quantity: 1 },
            { type: 'web', quantity: 33 },
          ],
          'invalid_quantity',
        ],
        [[{ type: 'clock', quantity: 1 }, { type: 'Clock' }], 'type_twice'],
        [
          [
            { type: 'web', quantity: 3 },
            { type: 'clock', removeHealthcheck: true },
          ],
          'no_traffic',
        ],
        [[{ type: 'web', healthcheck: '/', removeHealthcheck: true }], 'removed_and_set'],
        [[], 'invalid_input'],
      ] as const) {
        expect(await refused(given.api.formations.batch({ app, changes: [...changes] }))).toMatchObject({
          id,
        });
      }
      expect(await given.api.formations.list({ app })).toEqual(changed);
    });

    test('in a prod space have the sizes of prod spaces, and say that one web dyno is too few', async () => {
      await given.spaceWith(['web'], { name: 'shop', compliance: ['prod'] });
      const one = await given.api.formations.create({ app, type: 'web', size: 'gp2' });
      expect(one).toMatchObject({
        size: 'gp2-prod',
        concerns: [{ compliance: 'prod', remedy: 'aka ps:update web -q 2 -a web-shop' }],
      });
      expect((await given.api.spaces.get({ space: 'shop' })).concerns).toEqual([
        { compliance: 'prod', problem: expect.stringContaining('one machine') },
        ...(one.concerns ?? []),
      ]);
      const two = await given.api.formations.update({ app, type: 'web', quantity: 2, size: 'gp1-prod' });
      expect(two).toMatchObject({ size: 'gp1-prod', quantity: 2, concerns: [] });
      const clock = await given.api.formations.create({ app, type: 'clock', command: 'tick' });
      expect(clock).toMatchObject({ size: 'gp1-prod', concerns: [] });
      expect((await given.api.spaces.get({ space: 'shop' })).concerns).toHaveLength(1);
      expect((await given.api.apps.get({ app })).formation).toMatchObject([
        { size: 'gp1-prod' },
        { size: 'gp1-prod' },
      ]);
    });

    test('elsewhere have none of those, and no concerns', async () => {
      await given.spaceWith(['web']);
      expect(
        await refused(given.api.formations.create({ app, type: 'web', size: 'gp1-prod' })),
      ).toMatchObject({
        id: 'prod_size',
        status: 409,
      });
      expect(await given.api.formations.create({ app, type: 'web' })).toMatchObject({
        size: 'gp1',
        concerns: [],
      });
      expect((await given.api.spaces.get({ space: 'shop' })).concerns).toEqual([]);
    });

    test('a type there is already is not made again, and one there is not says which are', async () => {
      await given.spaceWith(['web']);
      await given.api.formations.create({ app, type: 'web' });
      expect(await refused(given.api.formations.create({ app, type: 'web' }))).toMatchObject({
        id: 'exists',
        status: 409,
      });
      expect(await refused(given.api.formations.get({ app, type: 'wep' }))).toMatchObject({
        status: 404,
        hint: 'Did you mean web?',
      });
    });

    test('come with the first build: one dyno of web, and of the only type', async () => {
      await given.spaceWith(['web', 'mailer']);
      await given.built(app, { web: 'serve', worker: 'work' });
      await given.built('mailer-shop', { sender: 'send' });
      const quantities = async (key: string) =>
        Object.fromEntries(
          (await given.api.formations.list({ app: key })).map(({ type, quantity }) => [type, quantity]),
        );
      expect(await quantities(app)).toEqual({ web: 1, worker: 0 });
      expect(await quantities('mailer-shop')).toEqual({ sender: 1 });
      await given.api.formations.update({ app, type: 'web', quantity: 2 });
      await given.built(app, { web: 'serve', clock: 'tick' });
      expect(await quantities(app)).toEqual({ web: 2, worker: 0, clock: 0 });
    });

    test('are shown as dynos that are down while nothing runs them', async () => {
      await given.spaceWith(['web']);
      await given.built(app);
      await given.api.formations.update({ app, type: 'web', quantity: 2 });
      const dynos = await given.api.dynos.list({ app });
      expect(dynos).toMatchObject([
        { name: 'web.1', state: 'down', ready: false, command: 'serve', release: { version: 1 } },
        { name: 'web.2', state: 'down' },
      ]);
      expect(await given.api.dynos.inSpace({ space: 'shop' })).toEqual(dynos);
    });
  });
}
