import { describe, expect, test } from '@jest/globals';
import type { Hook } from '../../../src/contract/wire.js';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function hooksSuite(given: Given): void {
  const app = 'web-shop';
  const SECRET = 'some secret for hash';
  const wish = {
    app,
    url: 'https://ci.example.com/hook',
    events: [
      'release',
      'build',
      'formation_change',
      'logdrain_change',
      'addon_change',
      'config_change',
      'destroy',
    ],
    secret: SECRET,
    active: true,
  };

  const another = (n: number) => given.api.hooks.create({ ...wish, url: `${wish.url}/${n}` });

  const created = async (more: Partial<typeof wish> = {}): Promise<Hook> => {
    await given.spaceWith(['web']);
    return given.api.hooks.create({ ...wish, ...more });
  };

  describe('hooks', () => {
    test('are created, listed, shown, changed and destroyed as in the Akkeris API', async () => {
      const hook = await created();
      expect(hook).toMatchObject({
        id: expect.any(String),
        active: true,
        url: wish.url,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      });
      expect([...hook.events].sort()).toEqual([...wish.events].sort());
      expect(await given.api.hooks.list({ app })).toEqual([hook]);
      expect(await given.user.hooks.get({ app, hook: hook.id })).toEqual(hook);
      const change = { app, hook: hook.id, url: 'https://foobar', active: false };
      const changed = await given.api.hooks.update(change);
      expect(changed).toMatchObject({
        id: hook.id,
        url: 'https://foobar',
        active: false,
        events: hook.events,
      });
      expect(await given.api.hooks.results({ app, hook: hook.id })).toEqual([]);
      expect(await given.api.hooks.destroy({ app, hook: hook.id })).toMatchObject({ id: hook.id });
      expect(await given.api.hooks.list({ app })).toEqual([]);
      expect(await refused(given.api.hooks.get({ app, hook: hook.id }))).toMatchObject({ status: 404 });
    });

    test('call a URL once: a second one for it is refused, however it is written', async () => {
      const hook = await created();
      for (const attempt of [
        () => given.api.hooks.create({ ...wish, url: 'https://CI.example.com:443/hook' }),
        async () => {
          const other = await given.api.hooks.create({ ...wish, url: 'https://ci.example.com/other' });
          return given.api.hooks.update({ app, hook: other.id, url: wish.url });
        },
      ])
        expect(await refused(attempt())).toMatchObject({
          id: 'duplicate_hook',
          status: 409,
          hint: expect.stringContaining(hook.id),
        });
      // Itself it may keep.
      await given.api.hooks.update({ app, hook: hook.id, url: wish.url });
    });

    test('say of what they are called for that never happens here', async () => {
      expect(await created()).toMatchObject({ warnings: ['logdrain_change never happens on this platform'] });
      const events = await given.api.hooks.events();
      expect(events.find(({ type }) => type === 'logdrain_change')).toMatchObject({ happens: false });
      expect(events.find(({ type }) => type === 'build')).toMatchObject({
        happens: true,
        description: expect.stringMatching(/^\S/),
      });
    });

    test('keep what is secret of them from everybody, the log and repeated requests included', async () => {
      await given.spaceWith(['web']);
      const url = 'https://hooks.slack.com/services/T00000000/B00000000/hunter22hunter22hunter22';
      const options = { idempotencyKey: 'a-hook' };
      const hook = await given.api.hooks.create({ ...wish, url }, options);
      expect(hook.url).toBe('https://hooks.slack.com/services/[redacted]');
      expect(await given.api.hooks.create({ ...wish, url }, options)).toEqual(hook);
      const other = given.api.hooks.create({ ...wish, url, secret: 'another' }, options);
      expect(await refused(other)).toMatchObject({ id: 'idempotency_key_reused' });
      await given.api.hooks.test({ app, hook: hook.id });
      const said = JSON.stringify([
        hook,
        await given.api.hooks.list({ app }),
        await given.api.hooks.results({ app, hook: hook.id }),
        await given.api.audits.list({ size: 100 }),
      ]);
      expect(said).not.toMatch(/hunter22|secret for hash/);
      const back = given.api.hooks.update({ app, hook: hook.id, url: hook.url });
      expect(await refused(back)).toMatchObject({ status: 409, id: 'redacted_value' });
    });

    test('are tried with a ping, which waits until somebody runs the platform', async () => {
      const hook = await created();
      const call = await given.user.hooks.test({ app, hook: hook.id });
      expect(call).toMatchObject({
        event: 'ping',
        num_attempts: 0,
        last_attempt: {
          status: 'pending',
          request: {
            method: 'post',
            url: wish.url,
            body: { action: 'ping', app: { name: 'web' }, space: { name: 'shop' }, hook: { id: hook.id } },
          },
          response: { code: null },
        },
        hook: { id: hook.id, events: hook.events },
      });
      expect(await given.api.hooks.result({ app, hook: hook.id, result: call.id })).toEqual(call);
      expect(await given.api.hooks.results({ app, hook: hook.id })).toEqual([call]);
      expect(await given.api.hooks.list({ app })).toMatchObject([{ waiting: 1, last_call: null }]);
      await given.api.hooks.update({ app, hook: hook.id, active: false });
      const again = given.api.hooks.test({ app, hook: hook.id });
      expect(await refused(again)).toMatchObject({ status: 409, id: 'hook_inactive' });
    });

    test('have what happens to the app to tell, oldest first', async () => {
      const hook = await created();
      await given.api.configVars.patch({ app, vars: { COLOUR: 'red' } });
      await given.api.formations.create({ app, type: 'worker', command: 'work' });
      const results = await given.api.hooks.results({ app, hook: hook.id });
      expect(results.map(({ event }) => event)).toEqual(['config_change', 'formation_change']);
    });

    test.each<readonly [string, Partial<typeof wish>, number]>([
      ['in the clear over a network', { url: 'http://ci.example.com/' }, 422],
      ['with a password', { url: 'https://me:hunter22@ci.example.com/' }, 422],
      ['for nothing', { events: [] }, 422],
      ['for what there is not', { events: ['biuld'] }, 422],
      ['with nothing to sign with', { secret: '' }, 422],
      ['with what was shown in place of a secret', { secret: '[redacted]' }, 422],
    ])('call nobody %s', async (_, more, status) => {
      await given.spaceWith(['web']);
      const error = await refused(given.api.hooks.create({ ...wish, ...more }));
      expect(error.status).toBe(status);
      expect(JSON.stringify(error)).not.toContain('hunter22');
    });

    test('are twenty an app at most', async () => {
      await created();
      for (let n = 1; n < 20; n++) await another(n);
      expect(await refused(another(20))).toMatchObject({
        status: 409,
        id: 'too_many_hooks',
      });
    });

    test('of another app are not found there', async () => {
      const { id } = await created();
      await given.api.apps.create({ name: 'api', space: 'shop' });
      expect(await refused(given.api.hooks.get({ app: 'api-shop', hook: id }))).toMatchObject({
        status: 404,
      });
      const gone = given.api.hooks.destroy({ app: 'api-shop', hook: id });
      expect(await refused(gone)).toMatchObject({ status: 404 });
    });

    test.each([['socs'], ['prod']])(
      'in a %s space are changed by administrators only',
      async (compliance) => {
        await given.spaceWith(['web'], { name: 'shop', compliance: [compliance] });
        const { id: hook } = await given.user.hooks.create(wish);
        const changes = [
          given.user.hooks.update({ app, hook, url: 'https://elsewhere.example.com/' }),
          given.user.hooks.update({ app, hook, active: false }),
          given.user.hooks.destroy({ app, hook }),
        ];
        for (const change of changes)
          expect(await refused(change)).toMatchObject({ status: 403, id: 'administrators_only' });
        await given.api.hooks.destroy({ app, hook });
      },
    );

    test('elsewhere are changed by whoever may use the app, and of users call nothing private', async () => {
      const { id: hook } = await created();
      await given.user.hooks.update({ app, hook, events: ['build'] });
      for (const url of ['https://127.0.0.1/', 'http://localhost:8001/webhook', 'https://10.0.0.1/']) {
        expect(await refused(given.user.hooks.update({ app, hook, url }))).toMatchObject({ status: 403 });
        expect(await refused(given.user.hooks.create({ ...wish, url }))).toMatchObject({ status: 403 });
      }
      expect(await given.api.hooks.create({ ...wish, url: 'http://localhost:8001/webhook' })).toMatchObject({
        url: 'http://localhost:8001/webhook',
      });
      await given.user.hooks.destroy({ app, hook });
    });
  });
}
