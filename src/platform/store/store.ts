import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { Answers } from './answers.js';
import { Apps } from './apps.js';
import { AuditLog } from './audit-log.js';
import { Blocks } from './blocks.js';
import { Catalog } from './catalog.js';
import { Cipher } from './cipher.js';
import { ConfigVars } from './config-vars.js';
import { createTables, Database, migrate } from './database.js';
import { clearOldDrafts, draftOf } from './drafts.js';
import { createKey, keyFile, readKey } from './keys.js';
import { Meta } from './meta.js';
import { isLoose, privateFolder, syncFolder } from './private-files.js';
import { seed } from './seed.js';
import { Spaces } from './spaces.js';

export interface Folders {
  readonly dataDir: string;
  readonly configDir: string;
}

/** Everything the platform keeps: a repository a noun, and transactions over all of them. */
export class Store {
  readonly meta: Meta;
  readonly catalog: Catalog;
  readonly spaces: Spaces;
  readonly blocks: Blocks;
  readonly apps: Apps;
  readonly configVars: ConfigVars;
  readonly audit: AuditLog;
  readonly answers: Answers;
  #sealing: { readonly keyId: string; readonly cipher: Cipher } | undefined;

  constructor(
    readonly db: Database,
    readonly folders: Folders,
  ) {
    const cipher = (): Cipher => this.#cipher();
    this.meta = new Meta(db);
    this.catalog = new Catalog(db);
    this.spaces = new Spaces(db);
    this.blocks = new Blocks(db);
    this.apps = new Apps(db);
    this.configVars = new ConfigVars(db, cipher);
    this.audit = new AuditLog(db);
    this.answers = new Answers(db, cipher);
  }

  /** The key is read when the first secret is, for most commands need none, and again when another took its place. */
  #cipher(): Cipher {
    const { dataId, keyId } = this.meta;
    if (this.#sealing?.keyId !== keyId) {
      this.#sealing = { keyId, cipher: new Cipher(readKey(this.folders.configDir, { dataId, keyId })) };
    }
    return this.#sealing.cipher;
  }
}

/** The database of a platform with this data folder. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, 'platform.db');
}

/** Opens the platform's data, making it (with its key) if this is the first time. */
export function openStore(folders: Folders): Store {
  const file = databaseFile(folders.dataDir);
  privateFolder(folders.dataDir);
  if (!existsSync(file)) createDatabase(file, folders);
  // One killed right after it put its data in place has left the draft, which is the same file by another name.
  else if (statSync(file).nlink > 1) clearOldDrafts(file);
  refuseLoose(file);
  const db = new Database(file);
  try {
    migrate(db);
  } catch (error) {
    db.close();
    throw error;
  }
  return new Store(db, folders);
}

/**
 * Makes new data in memory, writes it into a draft and links that into its place: of several processes that do so
 * at once, one wins and the others use what it made; a killed one leaves a draft, which the next one clears away.
 */
function createDatabase(file: string, folders: Folders): void {
  const dataId = randomUUID();
  const draft = draftOf(file);
  rmSync(draft, { force: true });
  const keyId = createKey(folders.configDir, dataId);
  try {
    const db = new Database(':memory:');
    createTables(db);
    db.transaction(() => seed(new Store(db, folders), { dataId, keyId }));
    db.copyInto(draft);
    db.close();
    linkSync(draft, file);
    syncFolder(folders.dataDir);
  } catch (error) {
    rmSync(keyFile(folders.configDir, { dataId, keyId }), { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  clearOldDrafts(file);
}

function refuseLoose(file: string): void {
  if (!isLoose(file)) return;
  throw new AppsApiError({
    id: 'loose_data',
    status: 503,
    message: `The platform's database ${file} can be read by other users of this machine.`,
    hint: `Close it to them: chmod 600 ${file}*`,
  });
}
