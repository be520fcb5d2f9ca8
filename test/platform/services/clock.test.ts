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
});
