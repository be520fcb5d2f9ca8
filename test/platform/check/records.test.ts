import { expect, test } from '@jest/globals';
import { tryRecords } from '../../../src/platform/check/records.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { spaceFor } from '../../../src/platform/services/spaces.js';
import { ADMIN, temporaryFolders } from '../store/temporary.js';

test('a compliance that was changed is found however much happened since the space was created', async () => {
  const platform = openPlatform(temporaryFolders());
  try {
    const { name: space } = await platform.as(ADMIN).spaces.create({ name: 'shop' });
    const session = platform.session(ADMIN);
    const { store } = session;
    store.db.transaction(() => {
      for (let n = 0; n < 10_000; n++) {
        store.audit.append(store.meta.dataId, {
          at: new Date().toISOString(),
          action: 'app.update',
          outcome: 'done',
          username: 'ann',
          role: 'admin',
          origin: 'cli',
          space,
          app: 'web',
          details: {},
        });
      }
    });
    store.db.exec(
      "DROP TRIGGER compliance_is_for_ever; UPDATE spaces SET compliance = 'prod' WHERE name = 'shop'",
    );
    const found = tryRecords(session, spaceFor(store, space));
    expect(found.find(({ promise }) => promise === 'compliance')).toMatchObject({
      state: 'failed',
      evidence: 'it is prod, and was created as none',
    });
  } finally {
    platform.close();
  }
});
