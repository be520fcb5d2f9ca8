import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceAddress } from '../../../src/model/addresses.js';
import type { SpaceName } from '../../../src/model/names.js';
import type { Engine } from '../../../src/platform/engine/engine.js';
import { SpacesNetwork } from '../../../src/platform/reconciler/spaces-network.js';
import { type Temporary, temporaryPlatform } from './temporary-platform.js';

let platform: Temporary;
let network: SpacesNetwork;
beforeAll(async () => {
  platform = temporaryPlatform();
  for (const name of ['big', 'other']) await platform.api.spaces.create({ name });
  const engine = { facts: { sharedPorts: false } } as Partial<Engine> as Engine;
  network = new SpacesNetwork(platform.store, engine, () => undefined);
});
afterAll(() => platform.remove());

test('1,016 dynos of a space have addresses of one subnet; one more is refused with the reason', async () => {
  const { api, store } = platform;
  const app = { space: 'big' as SpaceName };
  const seats = Array.from({ length: 1016 }, () => network.seat(app, { port: 80 }));
  const [cidr = ''] = (await api.spaces.get({ space: 'big' })).network?.subnets ?? [];
  expect(cidr).toBe('10.64.8.0/21');
  const hosts = seats.map(({ address }) => serviceAddress(address, store.meta.pool, 'subnet').host);
  expect(new Set(hosts).size).toBe(1016);
  expect(hosts.filter((host) => !/^10\.64\.(8|9|1[0-5])\./.test(host))).toEqual([]);
  expect(() => network.seat(app, { port: 80 })).toThrow(
    expect.objectContaining({
      id: 'space_full',
      message:
        'All 1016 addresses for dynos in 10.64.8.0/21, the subnet of space big, are taken: no space has more.',
    }),
  );
  expect(network.seat({ space: 'other' as SpaceName }, { port: 80 }).address >> 8).toBe(16);
  seats[5]?.release();
  expect(network.seat(app, { port: 80 }).address).toBe(seats[5]?.address);
});
