import { describe, expect, test } from '@jest/globals';
import { HOUR, withClock } from './clock.js';

describe('the clock', () => {
  test('going back changes no order and breaks no chain', async () => {
    const { api, pass } = withClock();
    await api.spaces.create({ name: 'first' });
    pass(-5000 * HOUR);
    await api.spaces.create({ name: 'second' });
    await api.spaces.update({ space: 'first', description: 'earlier' });
    pass(9000 * HOUR);
    await api.apps.create({ name: 'web', space: 'first' });
    const events = await api.audits.list({ size: 10 });
    expect(events.map(({ action }) => action)).toEqual([
      'app.create',
      'space.update',
      'space.create',
      'space.create',
      'platform.create',
    ]);
    expect(await api.audits.verify()).toMatchObject({ ok: true, records: 5 });
    const space = await api.spaces.get({ space: 'first' });
    expect(space.created_at > space.updated_at).toBe(true);
  });

  test('set back a little gives no change a time before that of the change before it', async () => {
    const { api, pass } = withClock();
    await api.spaces.create({ name: 'shop' });
    await api.apps.create({ name: 'web', space: 'shop' });
    pass(-HOUR);
    await api.apps.update({ app: 'web-shop', description: 'later' });
    const { created_at: created, updated_at: updated } = await api.apps.get({ app: 'web-shop' });
    expect(updated >= created).toBe(true);
    pass(HOUR + 1);
    await api.apps.update({ app: 'web-shop', description: 'latest' });
    expect((await api.apps.get({ app: 'web-shop' })).updated_at > updated).toBe(true);
  });
});
