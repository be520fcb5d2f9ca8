import { randomUUID } from 'node:crypto';
import { blocksOf, DEFAULT_POOL, type NetworkMode, networkSize } from '../../model/addresses.js';
import { DEFAULT_SPACE, parseSpaceName } from '../../model/names.js';
import type { KeyName } from './keys.js';
import type { Store } from './store.js';

/** What a platform has from the start: a stack in a region, an organization, and a space without compliance. */
export function seed(store: Store, { dataId, keyId }: KeyName, now: Date): void {
  const at = now.toISOString();
  const times = { createdAt: at, updatedAt: at };
  // Only Linux has network namespaces; the daemon records it if they turn out to be forbidden.
  const mode: NetworkMode = process.platform === 'linux' ? 'subnet' : 'loopback';
  store.meta.insert({
    data_id: dataId,
    key_id: keyId,
    pool: DEFAULT_POOL,
    network_mode: mode,
  });
  store.catalog.insertRegion({
    id: randomUUID(),
    name: 'local',
    facts: {
      description: 'this machine',
      country: '',
      locale: 'local',
      high_availability: false,
      provider: { name: 'aka', region: 'local', availability_zones: ['local'] },
    },
    internalCapable: true,
    ...times,
  });
  store.catalog.insertStack({
    id: randomUUID(),
    name: 'local',
    region: 'local',
    base: 'localhost',
    state: 'public',
    isDefault: true,
    ...times,
  });
  store.catalog.insertOrganization({ id: randomUUID(), name: 'main', ...times });
  const name = parseSpaceName(DEFAULT_SPACE);
  store.spaces.insert({
    id: randomUUID(),
    name,
    compliance: [],
    stack: 'local',
    description: '',
    createdAt: at,
    updatedAt: at,
  });
  for (const block of blocksOf({ first: 0, count: networkSize(store.meta.pool, 0) }))
    store.blocks.give(block, name);
  store.audit.append(dataId, {
    at,
    action: 'platform.create',
    outcome: 'done',
    username: 'aka',
    role: 'system',
    origin: 'cli',
    space: null,
    app: null,
    details: { data: dataId },
  });
}
