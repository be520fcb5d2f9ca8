import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { Caller } from '../../src/platform/caller.js';
import { openPlatform } from '../../src/platform/embedded.js';
import type { Session } from '../../src/platform/services/session.js';
import { type Folders, openStore } from '../../src/platform/store/store.js';

export const CALLER: Caller = { name: 'tester', role: 'admin', origin: 'cli' };

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is removed after the tests of a file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aka-test-'));
  made.push(folder);
  return folder;
}

/** The folders of a platform that isn't there yet. */
export function newFolders(): Folders {
  const folder = newFolder();
  return { dataDir: join(folder, 'data'), configDir: join(folder, 'config') };
}

/** Makes a platform with two spaces, and apps in one of them that have config vars. All values tell `mark`. */
export async function fill(folders: Folders, mark: string, apps = 3): Promise<void> {
  const platform = openPlatform(folders);
  const api = platform.as(CALLER);
  await api.spaces.create({ name: `${mark}-prod`, compliance: ['prod'], description: `of ${mark}` });
  await api.spaces.create({ name: `${mark}-test`, compliance: [] }, { idempotencyKey: `key-${mark}` });
  for (let n = 0; n < apps; n += 1) {
    await api.apps.create({ name: `app${n}`, space: `${mark}-prod` });
    await api.configVars.patch({ app: `app${n}-${mark}-prod`, vars: { MARK: mark, NUMBER: `${mark} ${n}` } });
  }
  platform.close();
}

/** Everything that users see of a platform, and that its audit log is whole. */
export async function contentOf(folders: Folders) {
  const platform = openPlatform(folders);
  try {
    const api = platform.as(CALLER);
    const { items: spaces } = await api.spaces.list();
    const { items: apps } = await api.apps.list();
    const config = [];
    for (const app of apps) config.push(await api.configVars.get({ app: app.id }));
    return { spaces, apps, config, whole: (await api.audits.verify()).ok };
  } finally {
    platform.close();
  }
}

/** What was done to a platform, in order. */
export async function actionsOf(folders: Folders): Promise<string[]> {
  const platform = openPlatform(folders);
  const records = await platform.as(CALLER).audits.list({ size: 1000 });
  platform.close();
  return records.map(({ action }) => action).toReversed();
}

/** Does something with a platform as `CALLER`. */
export function inSession<R>(folders: Folders, work: (session: Session) => R): R {
  const store = openStore(folders);
  try {
    return work({ store, caller: CALLER, now: () => new Date() });
  } finally {
    store.db.close();
  }
}

/** The names in a folder, of those that match. */
export function namesIn(folder: string, pattern = /./): string[] {
  return readdirSync(folder).filter((name) => pattern.test(name));
}
