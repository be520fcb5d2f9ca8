import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readdirSync, rmSync, statSync } from 'node:fs';
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
import { createKey, keyFile, readKey } from './keys.js';
import { Meta } from './meta.js';
import { privateFolder } from './private-files.js';
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
  #cipher: Cipher | undefined;

  constructor(
    readonly db: Database,
    readonly folders: Folders,
  ) {
    // The key is read when the first secret is: most commands need none.
    const cipher = (): Cipher => (this.#cipher ??= new Cipher(readKey(folders.configDir, this.meta.dataId)));
    this.meta = new Meta(db);
    this.catalog = new Catalog(db);
    this.spaces = new Spaces(db);
    this.blocks = new Blocks(db);
    this.apps = new Apps(db);
    this.configVars = new ConfigVars(db, cipher);
    this.audit = new AuditLog(db);
    this.answers = new Answers(db, cipher);
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
  const draft = `${file}.${process.pid}.draft`;
  rmSync(draft, { force: true });
  try {
    createKey(folders.configDir, dataId);
    const db = new Database(':memory:');
    createTables(db);
    db.transaction(() => seed(new Store(db, folders), dataId));
    db.copyInto(draft);
    db.close();
    linkSync(draft, file);
  } catch (error) {
    rmSync(keyFile(folders.configDir, dataId), { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  clearOldDrafts(folders.dataDir);
}

function clearOldDrafts(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = Number(/^platform\.db\.(\d+)\.draft$/.exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) rmSync(join(dataDir, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function refuseLoose(file: string): void {
  if ((statSync(file).mode & 0o077) === 0) return;
  throw new AppsApiError({
    id: 'loose_data',
    status: 503,
    message: `The platform's database ${file} can be read by other users of this machine.`,
    hint: `Close it to them: chmod 600 ${file}*`,
  });
}
