import { BlockList } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { growNetworks } from '../../../src/platform/services/spaces.js';
import { openStore } from '../../../src/platform/store/store.js';
import { flawsOf, openTemporary, openWithPool, refusal } from '../store/temporary.js';

/** So many apps have room in one block. */
const IN_A_BLOCK = 126;

async function addApps(api: AppsApi, space: string, count: number, prefix = 'a'): Promise<void> {
  for (let n = 0; n < count; n++) await api.apps.create({ name: `${prefix}${n}`, space });
}

async function hosts(api: AppsApi, space: string): Promise<string[]> {
  return (await api.spaces.discovery({ space })).apps.map(({ host }) => String(host));
}

function isIn(host: string, cidr: string): boolean {
  const [net = '', bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(net, Number(bits));
  return list.check(host);
}

async function subnets(api: AppsApi, space: string): Promise<string[]> {
  return (await api.spaces.get({ space })).network?.subnets ?? [];
}

describe('the addresses of a space', () => {
  test('are kept for life, and returned when their app or space is destroyed', async () => {
    const { api, raw } = openTemporary();
    await api.spaces.create({ name: 'shop' });
    await addApps(api, 'shop', 3);
    const [first, second, third] = await hosts(api, 'shop');
    await api.apps.destroy({ app: 'a1-shop' });
    expect(await hosts(api, 'shop')).toEqual([first, third]);
    await api.apps.create({ name: 'later', space: 'shop' });
    expect(
      (await api.spaces.discovery({ space: 'shop' })).apps.find(({ name }) => name === 'later')?.host,
    ).toBe(second);

    const before = await subnets(api, 'shop');
    for (const app of ['a0', 'a2', 'later']) await api.apps.destroy({ app: `${app}-shop` });
    await api.spaces.destroy({ space: 'shop' });
    await api.spaces.create({ name: 'other' });
    expect(await subnets(api, 'other')).toEqual(before);
    expect(flawsOf(raw)).toEqual([]);
  });

  test('are of eight blocks in one subnet, and when these are full it says so', async () => {
    const { api, raw } = openTemporary();
    await api.spaces.create({ name: 'big' });
    await api.spaces.create({ name: 'between' });
    await addApps(api, 'big', IN_A_BLOCK);
    const [subnet = ''] = await subnets(api, 'big');
    expect(subnet).toMatch(/\/21$/);
    await addApps(api, 'big', 8 * IN_A_BLOCK - IN_A_BLOCK, 'b');
    expect(await subnets(api, 'big')).toEqual([subnet]);
    expect((await hosts(api, 'big')).filter((host) => !isIn(host, subnet))).toEqual([]);
    expect(new Set(await hosts(api, 'big')).size).toBe(8 * IN_A_BLOCK);

    const full = await refusal(api.apps.create({ name: 'late', space: 'big' }));
    expect(full).toMatchObject({
      id: 'space_full',
      status: 409,
      hint: 'Create a second space for further apps.',
    });
    expect(await api.spaces.get({ space: 'big' })).toMatchObject({ apps: 8 * IN_A_BLOCK });
    expect(flawsOf(raw)).toEqual([]);
    await api.apps.destroy({ app: 'b7-big' });
    await api.apps.create({ name: 'late', space: 'big' });
    expect(await api.audits.verify()).toMatchObject({ ok: true });
  }, 60_000);

  test('are refused when the pool has no block left, with nothing half done', async () => {
    // Four blocks, one of them taken by the default space.
    const { api, raw } = openWithPool('192.168.4.0/22');
    for (const name of ['one', 'two', 'three']) await api.spaces.create({ name });
    const exhausted = await refusal(api.spaces.create({ name: 'four' }));
    expect(exhausted).toMatchObject({
      id: 'pool_exhausted',
      status: 409,
      message: "All 4 blocks of the platform's address pool are taken.",
      hint: expect.stringContaining('Destroy a space'),
    });
    expect((await refusal(api.spaces.get({ space: 'four' }))).status).toBe(404);

    await addApps(api, 'two', IN_A_BLOCK);
    expect(await refusal(api.apps.create({ name: 'more', space: 'two' }))).toMatchObject({
      id: 'pool_exhausted',
    });
    expect((await refusal(api.apps.get({ app: 'more-two' }))).status).toBe(404);
    expect(flawsOf(raw)).toEqual([]);

    const returned = await subnets(api, 'one');
    await api.spaces.destroy({ space: 'one' });
    await api.apps.create({ name: 'more', space: 'two' });
    expect(await subnets(api, 'two')).toContain(returned[0]);
    expect(flawsOf(raw)).toEqual([]);
    expect(await api.audits.verify()).toMatchObject({ ok: true });
  });

  test('of spaces made before subnets could grow stay, while their dynos get one subnet each', async () => {
    const { api, raw, folders } = openTemporary();
    for (const space of ['one', 'two']) await api.spaces.create({ name: space });
    // As it was then: blocks side by side, and further ones wherever there was one.
    raw.exec(`DELETE FROM blocks;
      INSERT INTO blocks VALUES (0, 'default'), (1, 'one'), (2, 'two'), (3, 'one'), (4, 'two'), (5, NULL)`);
    await addApps(api, 'one', IN_A_BLOCK + 1);
    await addApps(api, 'two', 1);
    const before = [await hosts(api, 'one'), await hosts(api, 'two')];
    expect(before[0]).toContain('10.64.3.2');

    const store = openStore(folders);
    store.db.transaction(() => growNetworks(store));
    const shown = (await api.spaces.list()).items.flatMap(({ network }) => network?.subnets ?? []);
    expect(shown).toEqual(['10.64.8.0/21', '10.64.16.0/21', '10.64.24.0/21']);
    expect([await hosts(api, 'one'), await hosts(api, 'two')]).toEqual(before);
    expect(raw.all('SELECT number FROM blocks WHERE space IS NOT NULL AND number < 8')).toEqual(
      [1, 2, 3].map((number) => ({ number })),
    );
    store.db.transaction(() => growNetworks(store));
    expect((await api.spaces.list()).items.flatMap(({ network }) => network?.subnets ?? [])).toEqual(shown);
    store.db.close();
    expect(flawsOf(raw)).toEqual([]);
  });

  test('of a small pool make the subnet of a space larger in place, as far as others leave room', async () => {
    const { api, raw, folders } = openWithPool('192.168.0.0/16');
    for (const space of ['one', 'two']) await api.spaces.create({ name: space });
    const store = openStore(folders);
    raw.exec("DELETE FROM blocks; INSERT INTO blocks VALUES (0, 'default'), (2, 'one'), (5, 'two')");
    store.db.transaction(() => growNetworks(store));
    const shown = (await api.spaces.list()).items.flatMap(({ network }) => network?.subnets ?? []);
    expect(shown).toEqual(['192.168.0.0/23', '192.168.2.0/23', '192.168.4.0/23']);
    store.db.close();
    expect(flawsOf(raw)).toEqual([]);
  });

  test('of two spaces never overlap, in whatever order they come and go', async () => {
    const { api, raw } = openWithPool('192.168.0.0/21');
    for (let round = 0; round < 20; round++) {
      const names = ['a', 'b', 'c', 'd'].map((name) => `${name}${round}`);
      for (const name of names) await api.spaces.create({ name });
      const all = (await api.spaces.list()).items.flatMap(({ network }) => network?.subnets ?? []);
      expect(new Set(all).size).toBe(all.length);
      for (const subnet of all) expect(subnet).toMatch(/^192\.168\.[0-7]\.0\/24$/);
      for (const name of round % 2 === 0 ? names : names.toReversed())
        await api.spaces.destroy({ space: name });
    }
    expect(flawsOf(raw)).toEqual([]);
  });
});
