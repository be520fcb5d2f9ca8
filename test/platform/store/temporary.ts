import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { AppsApiError } from '../../../src/contract/errors.js';
import type { Caller } from '../../../src/platform/caller.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { Database } from '../../../src/platform/store/database.js';
import { databaseFile, type Folders } from '../../../src/platform/store/store.js';

export const ADMIN: Caller = { name: 'ann', role: 'admin', origin: 'cli' };
export const USER: Caller = { name: 'bob', role: 'user', origin: 'cli' };

/** A file system in memory where there is one: these tests are about what is written, not how fast a disk is. */
const ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const made: string[] = [];
const open: { close(): void }[] = [];
afterAll(() => {
  for (const each of open) each.close();
  for (const each of made) rmSync(each, { recursive: true, force: true });
});

/** A new folder that goes when the file's tests are over. */
export function temporaryFolder(name = 'aka-test-'): string {
  const folder = mkdtempSync(join(ROOT, name));
  made.push(folder);
  return folder;
}

/** Folders of a platform that is not there yet. */
export function temporaryFolders(): Folders {
  const folder = temporaryFolder();
  return { dataDir: join(folder, 'data'), configDir: join(folder, 'config') };
}

export interface Temporary {
  readonly folders: Folders;
  readonly api: AppsApi;
  readonly as: (caller: Caller) => AppsApi;
  /** Another connection to its database, for what no service does. */
  readonly raw: Database;
  readonly close: () => void;
}

/** A platform, new unless the folders have one. */
export function openTemporary(folders = temporaryFolders(), now?: () => Date): Temporary {
  const platform = openPlatform({ ...folders, ...(now === undefined ? {} : { now }) });
  const raw = new Database(databaseFile(folders.dataDir));
  let closed = false;
  const temporary = {
    folders,
    api: platform.as(ADMIN),
    as: (caller: Caller) => platform.as(caller),
    raw,
    close() {
      if (closed) return;
      closed = true;
      raw.close();
      platform.close();
    },
  };
  open.push(temporary);
  return temporary;
}

/** A new platform with another pool than the default one, which has what the default space takes already. */
export function openWithPool(pool: string): Temporary {
  const first = openTemporary();
  first.raw.run("UPDATE meta SET value = ? WHERE name = 'pool'", pool);
  // The default space has as little as such a pool gives.
  first.raw.run('DELETE FROM blocks WHERE number > 0');
  first.close();
  return openTemporary(first.folders);
}

/** The error an operation is refused with. Fails if it is done, or breaks in any other way. */
export async function refusal(operation: Promise<unknown>): Promise<AppsApiError> {
  try {
    await operation;
  } catch (error) {
    if (error instanceof AppsApiError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

/** Everything that must always be true of a platform's data; the list of what is not. */
export function flawsOf(raw: Database): string[] {
  const flaws: string[] = [];
  const check = (what: string, sql: string): void => {
    for (const row of raw.all(sql)) flaws.push(`${what}: ${JSON.stringify(row)}`);
  };
  check('damaged', "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
  check('dangling', 'SELECT * FROM pragma_foreign_key_check');
  check(
    'space without a block',
    'SELECT name FROM spaces WHERE name NOT IN (SELECT space FROM blocks WHERE space IS NOT NULL)',
  );
  check(
    'app outside of the blocks of its space',
    'SELECT a.name, a.space FROM apps a LEFT JOIN blocks b ON b.number = a.address >> 8 WHERE b.space IS NOT a.space',
  );
  check(
    'block taken for nothing',
    `SELECT number, space FROM blocks b WHERE space IS NOT NULL
       AND number <> (SELECT min(number) FROM blocks WHERE space = b.space)
       -- Neighbours are its subnet.
       AND NOT EXISTS (SELECT 1 FROM blocks n WHERE n.space = b.space AND abs(n.number - b.number) = 1)
       AND NOT EXISTS (SELECT 1 FROM apps WHERE address >> 8 = b.number)`,
  );
  check(
    'credential where it must not be',
    `SELECT c.name, a.name AS app FROM attachments t JOIN credentials c ON c.id = t.credential
       JOIN apps a ON a.id = t.app JOIN spaces s ON s.name = a.space
     WHERE c.plan LIKE '%production' AND s.compliance NOT LIKE '%prod%'`,
  );
  check('address not for an app', 'SELECT name, address FROM apps WHERE address & 255 NOT BETWEEN 2 AND 127');
  for (const [noun, table] of [
    ['space', 'spaces'],
    ['app', 'apps'],
  ] as const) {
    check(
      `${noun} without a record`,
      `SELECT id FROM ${table} WHERE ${table === 'spaces' ? "name <> 'default' AND" : ''} id NOT IN (
         SELECT json_extract(record, '$.details.id') FROM audit
         WHERE json_extract(record, '$.action') = '${noun}.create' AND json_extract(record, '$.outcome') = 'done')`,
    );
    check(
      `record without its ${noun}`,
      `SELECT record FROM audit a WHERE json_extract(record, '$.action') = '${noun}.create'
         AND json_extract(record, '$.outcome') = 'done'
         AND json_extract(record, '$.details.id') NOT IN (SELECT id FROM ${table})
         AND NOT EXISTS (SELECT 1 FROM audit d WHERE json_extract(d.record, '$.action') = '${noun}.destroy'
           AND json_extract(d.record, '$.details.id') = json_extract(a.record, '$.details.id'))`,
    );
  }
  return flaws;
}
