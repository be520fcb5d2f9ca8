import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { openTemporary, refusal, USER } from '../store/temporary.js';
import { HOUR, withClock } from './clock.js';

describe('an idempotency key', () => {
  test('gives the same answer again and no second effect, whatever the order of the members', async () => {
    const { api } = openTemporary();
    const first = await api.spaces.create(
      { name: 'shop', compliance: ['prod', 'socs'] },
      { idempotencyKey: 'k1' },
    );
    const again = await api.spaces.create(
      { compliance: ['prod', 'socs'], name: 'shop' },
      { idempotencyKey: 'k1' },
    );
    expect(again).toEqual(first);
    const app = await api.apps.create({ name: 'web', space: 'shop' }, { idempotencyKey: 'k2' });
    expect(await api.apps.create({ name: 'web', space: 'shop' }, { idempotencyKey: 'k2' })).toEqual(app);
    expect(await api.audits.verify()).toMatchObject({ ok: true, records: 3 });
  });

  test('gives the answer again although what was made is gone', async () => {
    const { api } = openTemporary();
    const first = await api.spaces.create({ name: 'shop' }, { idempotencyKey: 'k' });
    await api.spaces.destroy({ space: 'shop' });
    expect(await api.spaces.create({ name: 'shop' }, { idempotencyKey: 'k' })).toEqual(first);
    expect((await refusal(api.spaces.get({ space: 'shop' }))).status).toBe(404);
  });

  test('is refused for any other request: input, operation', async () => {
    const { api } = openTemporary();
    await api.spaces.create({ name: 'shop' }, { idempotencyKey: 'k' });
    for (const other of [
      () => api.spaces.create({ name: 'shop2' }, { idempotencyKey: 'k' }),
      () => api.spaces.create({ name: 'shop', compliance: ['socs'] }, { idempotencyKey: 'k' }),
      () => api.apps.create({ name: 'shop', space: 'default' }, { idempotencyKey: 'k' }),
    ]) {
      expect(await refusal(other())).toMatchObject({ id: 'idempotency_key_reused', status: 422 });
    }
    expect((await api.spaces.list()).items).toHaveLength(2);
    expect(await api.audits.verify()).toMatchObject({ records: 2 });
  });

  test('belongs to its caller', async () => {
    const platform = openTemporary();
    await platform.api.spaces.create({ name: 'shop' }, { idempotencyKey: 'k' });
    const other = await platform.as(USER).spaces.create({ name: 'other' }, { idempotencyKey: 'k' });
    expect(other.name).toBe('other');
  });

  test('keeps a refusal too, also when it could be done by now', async () => {
    const { api } = openTemporary();
    await api.spaces.create({ name: 'shop' });
    const create = (): Promise<unknown> => api.spaces.create({ name: 'shop' }, { idempotencyKey: 'k' });
    const first = await refusal(create());
    await api.spaces.destroy({ space: 'shop' });
    const again = await refusal(create());
    const { id, status, message, hint, details } = first;
    expect(again).toMatchObject({ id, status, message, hint, details });
    expect(id).toBe('exists');
    expect(await api.audits.verify()).toMatchObject({ records: 4 });
  });

  test('is forgotten after 24 hours, to the millisecond', async () => {
    const { api, pass, raw } = withClock();
    const create = (name: string): Promise<{ name: string }> =>
      api.spaces.create({ name }, { idempotencyKey: 'k' });
    await create('shop');
    pass(24 * HOUR - 1);
    expect((await refusal(create('other'))).id).toBe('idempotency_key_reused');
    pass(1);
    expect((await create('other')).name).toBe('other');
    expect(raw.all('SELECT count(*) AS n FROM answers')).toEqual([{ n: 1 }]);
  });

  test('is good for a repeated request when the clock goes back', async () => {
    const { api, pass } = withClock();
    const create = (): Promise<{ id: string }> =>
      api.spaces.create({ name: 'shop' }, { idempotencyKey: 'k' });
    const first = await create();
    pass(-1000 * HOUR);
    expect((await create()).id).toBe(first.id);
    await api.spaces.create({ name: 'past' }, { idempotencyKey: 'past' });
    pass(1001 * HOUR);
    expect((await create()).id).toBe(first.id);
    expect(await api.audits.verify()).toMatchObject({ ok: true, records: 3 });
  });

  test('is 1 to 255 visible characters', async () => {
    const { api } = openTemporary();
    let n = 0;
    const used = new Set<string>();
    const key = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.stringMatching(/^[!-~]{250,260}$/),
      fc.constant(''),
    );
    await fc.assert(
      fc.asyncProperty(key, async (idempotencyKey) => {
        // One that was used before would be refused for that.
        fc.pre(!used.has(idempotencyKey));
        used.add(idempotencyKey);
        const create = api.spaces.create({ name: `space${n++}` }, { idempotencyKey });
        if (/^[!-~]{1,255}$/.test(idempotencyKey)) return void (await create);
        expect(await refusal(create)).toMatchObject({ id: 'invalid_idempotency_key', status: 422 });
      }),
    );
  });
});
