import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeEngines, until } from '../engine/engines.js';
import { type Machinery, openMachinery } from './machinery.js';

describeEngines('the address of a destroyed app', (identity) => {
  let machinery: Machinery;
  beforeEach(async () => {
    machinery = await openMachinery(identity);
  });
  afterEach(() => machinery.close());

  const hostOf = async (name: string): Promise<string | null | undefined> =>
    (await machinery.api.spaces.discovery({ space: 'shop' })).apps.find((app) => app.name === name)?.host;
  const varOf = async (name: string): Promise<string | undefined> =>
    (JSON.parse(await machinery.ask('web-shop', '/env')) as Record<string, string>)[name];

  test('goes to no other app while a running dyno has it in its environment', async () => {
    const { api } = machinery;
    await api.spaces.create({ name: 'shop' });
    await api.apps.create({ name: 'db', space: 'shop' });
    await machinery.app('web');
    const host = await hostOf('db');
    expect(await varOf('DB_SERVICE_HOST')).toBe(host);

    const heldBy = [{ app: 'web-shop', dyno: 'web.1' }];
    expect(await api.apps.destroy({ app: 'db-shop' })).toMatchObject({ held_by: heldBy });
    const { stale } = await api.spaces.discovery({ space: 'shop' });
    expect(stale).toEqual([{ name: 'db', host, held_by: heldBy }]);
    await api.apps.create({ name: 'other', space: 'shop' });
    expect(await hostOf('other')).not.toBe(host);
    expect(await varOf('DB_SERVICE_HOST')).toBe(host);

    // An app of the same name is what the var of the dyno means.
    await api.apps.create({ name: 'db', space: 'shop' });
    expect(await hostOf('db')).toBe(host);
    expect((await api.spaces.discovery({ space: 'shop' })).stale).toEqual([]);
    await api.apps.destroy({ app: 'db-shop' });

    await api.dynos.restartAll({ app: 'web-shop' });
    await until('no dyno has the var', async () => {
      const found = await api.spaces.discovery({ space: 'shop' });
      return found.stale?.length === 0;
    });
    await machinery.dynos('web-shop', ([dyno]) => dyno?.state === 'up' && !dyno.renew);
    expect(await varOf('DB_SERVICE_HOST')).toBeUndefined();
    await until('the old dyno is gone', async () => (await api.dynos.list({ app: 'web-shop' })).length === 1);
    await api.apps.create({ name: 'next', space: 'shop' });
    expect(await hostOf('next')).toBe(host);
  });

  test('is free at once if no dyno started after the app was created', async () => {
    const { api } = machinery;
    await machinery.app('web');
    await api.apps.create({ name: 'db', space: 'shop' });
    const host = await hostOf('db');
    expect(await api.apps.destroy({ app: 'db-shop' })).not.toHaveProperty('held_by');
    await api.apps.create({ name: 'other', space: 'shop' });
    expect(await hostOf('other')).toBe(host);
  });
});
