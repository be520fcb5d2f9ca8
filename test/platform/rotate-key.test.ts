import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { AppsApiError } from '../../src/contract/errors.js';
import { openPlatform } from '../../src/platform/embedded.js';
import { holdOffMaintenance } from '../../src/platform/files/process-lock.js';
import { rotateKey } from '../../src/platform/services/rotation.js';
import { type Folders, openStore } from '../../src/platform/store/store.js';
import { actionsOf, CALLER, contentOf, fill, inSession, namesIn, newFolders } from './sample.js';

async function platform(): Promise<Folders> {
  const folders = newFolders();
  await fill(folders, 'demo');
  return folders;
}

const keysOf = ({ configDir }: Folders): string[] => namesIn(join(configDir, 'keys'));

/** The sealed values as they are in the database. */
function sealedIn(folders: Folders): string[] {
  return inSession(folders, ({ store }) => [
    ...store.db.all<{ v: string }>('SELECT hex(value) AS v FROM config_vars').map(({ v }) => v),
    ...store.db.all<{ v: string }>('SELECT hex(answer) AS v FROM answers').map(({ v }) => v),
  ]);
}

describe('a rotation', () => {
  test('changes the key and everything sealed with it, and nothing that anybody sees', async () => {
    const folders = await platform();
    const [before, keys, sealed] = [await contentOf(folders), keysOf(folders), sealedIn(folders)];
    const rotation = inSession(folders, rotateKey);
    expect(rotation).toMatchObject({ config_vars: 6, answers: 1, old_key_removed: true });
    expect(await contentOf(folders)).toEqual(before);
    expect(keysOf(folders)).toHaveLength(1);
    expect(keysOf(folders)).not.toEqual(keys);
    expect(sealedIn(folders).filter((each) => sealed.includes(each))).toEqual([]);
    expect(statSync(rotation.file).mode & 0o777).toBe(0o600);
  });

  test('keeps what webhooks sign with', async () => {
    const folders = await platform();
    const open = openPlatform(folders);
    const add = { context: 'source/github.com/acme/shop', kind: 'webhook', follows: 'ci' } as const;
    const { id, secret } = await open.as(CALLER).checks.add(add);
    open.close();
    const sealed = (): unknown =>
      inSession(folders, ({ store }) => store.db.get('SELECT secret FROM reporters'));
    const before = sealed();
    expect(inSession(folders, rotateKey)).toMatchObject({ reporters: 1 });
    expect(sealed()).not.toEqual(before);
    expect(inSession(folders, ({ store }) => store.reporters.secretOf(id))).toBe(secret);
  });

  test('keeps where hooks call, and what they sign with', async () => {
    const folders = await platform();
    const open = openPlatform(folders);
    const hook = { url: 'https://ci.example.com/hook/s3cret', secret: 'of a hook', events: ['build'] };
    const { id } = await open.as(CALLER).hooks.create({ app: 'app0-demo-prod', ...hook });
    open.close();
    const sealed = (): unknown =>
      inSession(folders, ({ store }) => store.db.get('SELECT url, secret FROM hooks'));
    const before = sealed();
    expect(inSession(folders, rotateKey)).toMatchObject({ hooks: 1 });
    expect(sealed()).not.toEqual(before);
    const { url, secret } = hook;
    expect(inSession(folders, ({ store }) => store.hooks.secretsOf(id))).toEqual({ url, secret });
  });

  test('is recorded, without the key', async () => {
    const folders = await platform();
    const { file } = inSession(folders, rotateKey);
    expect((await actionsOf(folders)).at(-1)).toBe('platform.rotate-key');
    const key = readFileSync(file, 'utf8');
    const open = openPlatform(folders);
    expect(JSON.stringify(await open.as(CALLER).audits.list({ size: 100 }))).not.toContain(key);
    open.close();
  });

  test('keeps the answers for repeated requests', async () => {
    const folders = await platform();
    inSession(folders, rotateKey);
    const open = openPlatform(folders);
    const again = await open
      .as(CALLER)
      .spaces.create({ name: 'demo-test', compliance: [] }, { idempotencyKey: 'key-demo' });
    open.close();
    expect(again.name).toBe('demo-test');
  });

  test('is noticed by who has the platform open, and seals with the new key from then on', async () => {
    const folders = await platform();
    const open = openPlatform(folders);
    const api = open.as(CALLER);
    await api.configVars.patch({ app: 'app0-demo-prod', vars: { ONE: '1' } });
    inSession(folders, rotateKey);
    await api.configVars.patch({ app: 'app0-demo-prod', vars: { TWO: '2' } });
    open.close();
    expect((await contentOf(folders)).config[0]).toMatchObject({ ONE: '1', TWO: '2', MARK: 'demo' });
  });

  test('leaves the old key to who still reads an earlier state; the next one clears it away', async () => {
    const folders = await platform();
    const reader = openStore(folders);
    const [app] = reader.apps.inSpace('demo-prod');
    reader.db.snapshot(() => {
      expect(reader.meta.dataId).not.toBe('');
      expect(inSession(folders, rotateKey).old_key_removed).toBe(false);
      expect(reader.configVars.of(app?.id ?? '')).toMatchObject({ MARK: 'demo' });
    });
    reader.db.close();
    expect(keysOf(folders)).toHaveLength(2);
    expect(inSession(folders, rotateKey).old_key_removed).toBe(true);
    expect(keysOf(folders)).toHaveLength(1);
  });

  test('does not begin while a backup is made', async () => {
    const folders = await platform();
    const backup = holdOffMaintenance(folders.dataDir);
    expect(() => inSession(folders, rotateKey)).toThrow(AppsApiError);
    backup.release();
    expect(keysOf(folders)).toHaveLength(1);
    inSession(folders, rotateKey);
  });
});
