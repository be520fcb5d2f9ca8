import { afterAll, expect, test } from '@jest/globals';
import { openTemporary } from '../store/temporary.js';

const { api, raw, close } = openTemporary();
afterAll(close);

test('who reaches whom follows from compliance, settings and what is allowed', async () => {
  await api.spaces.create({ name: 'shop' });
  await api.spaces.create({ name: 'vault', compliance: ['internal'] });
  await api.apps.create({ name: 'web', space: 'vault' });
  await api.platform.configure({ internal_allow: ['10.0.0.0/8'], egress: 'sealed' });
  raw.run(
    "INSERT INTO allowed_hosts (space, port, name, created_at) VALUES ('vault', 5432, 'db.internal', '2026-01-01')",
  );
  const shop = await api.spaces.topology({ space: 'shop' });
  expect(shop).toMatchObject({ space: { name: 'shop' }, apps: [] });
  expect(shop.reach).toEqual({
    spaces: [],
    clients: { listener: 'public', host: '127.0.0.1', port: 8443, networks: null },
    hosts: [],
    egress: 'sealed',
  });
  const vault = await api.spaces.topology({ space: 'vault' });
  expect(vault.apps).toMatchObject([{ name: 'web', key: 'web-vault', port: 80, dynos: [] }]);
  expect(vault.apps[0]?.web_url).toBe('https://web-vault.internal.local.localhost:8444');
  expect(vault.reach).toEqual({
    spaces: [],
    clients: { listener: 'internal', host: '127.0.0.1', port: 8444, networks: ['10.0.0.0/8'] },
    hosts: [{ name: 'db.internal', port: 5432 }],
    egress: 'sealed',
  });
});

test('what the machine can not hold is told once the platform has run there', async () => {
  const before = await api.spaces.get({ space: 'shop' });
  expect(before.network).not.toHaveProperty('not_enforced');
  const found = [{ promise: 'cpu', how: 'only niceness' }];
  raw.run("INSERT INTO settings (name, value) VALUES ('not_enforced', ?)", JSON.stringify(found));
  expect((await api.spaces.get({ space: 'shop' })).network?.not_enforced).toEqual(found);
});
