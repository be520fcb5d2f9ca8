import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../model/error-code.js';
import { clearOldDrafts, draftOf } from '../files/drafts.js';
import { privateFolder, refuseLoose, syncFolder } from '../files/private-files.js';
import { AllowedHosts } from './allowed-hosts.js';
import { Answers } from './answers.js';
import { Apps } from './apps.js';
import { AuditLog } from './audit-log.js';
import { Blocks } from './blocks.js';
import { BuildChecks } from './build-checks.js';
import { Builds } from './builds.js';
import { Catalog } from './catalog.js';
import { Cipher } from './cipher.js';
import { ConfigVars } from './config-vars.js';
import { Credentials } from './credentials.js';
import { Database } from './database.js';
import { Digests } from './digests.js';
import { Dynos } from './dynos.js';
import { Favorites } from './favorites.js';
import { Formations } from './formations.js';
import { Hooks } from './hooks.js';
import { createKey, keyFile, readKey } from './keys.js';
import { LeftAddresses } from './left-addresses.js';
import { Meta } from './meta.js';
import { createTables, migrate } from './migrations.js';
import { Pipelines } from './pipelines.js';
import { Places } from './places.js';
import { Promotions } from './promotions.js';
import { ReleaseStatuses } from './release-statuses.js';
import { Releases } from './releases.js';
import { Reporters } from './reporters.js';
import { SealedSettings } from './sealed-settings.js';
import { seed } from './seed.js';
import { Sessions } from './sessions.js';
import { SettingsTable } from './settings.js';
import { Slugs } from './slugs.js';
import { Spaces } from './spaces.js';
import { Tokens } from './tokens.js';

/** Where a platform keeps its data, and the keys to it. */
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
  readonly credentials: Credentials;
  readonly favorites: Favorites;
  readonly formations: Formations;
  readonly places: Places;
  readonly builds: Builds;
  readonly buildChecks: BuildChecks;
  readonly reporters: Reporters;
  readonly slugs: Slugs;
  readonly releases: Releases;
  readonly pipelines: Pipelines;
  readonly promotions: Promotions;
  readonly releaseStatuses: ReleaseStatuses;
  readonly dynos: Dynos;
  readonly leftAddresses: LeftAddresses;
  readonly settings: SettingsTable;
  readonly sealedSettings: SealedSettings;
  readonly allowedHosts: AllowedHosts;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly audit: AuditLog;
  readonly digests: Digests;
  readonly hooks: Hooks;
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
    this.credentials = new Credentials(db, cipher);
    this.favorites = new Favorites(db);
    this.formations = new Formations(db);
    this.places = new Places(db);
    this.builds = new Builds(db);
    this.buildChecks = new BuildChecks(db);
    this.reporters = new Reporters(db, cipher);
    this.slugs = new Slugs(db);
    this.releases = new Releases(db, cipher);
    this.pipelines = new Pipelines(db);
    this.promotions = new Promotions(db);
    this.releaseStatuses = new ReleaseStatuses(db);
    this.dynos = new Dynos(db);
    this.leftAddresses = new LeftAddresses(db);
    this.settings = new SettingsTable(db);
    this.sealedSettings = new SealedSettings(db, cipher);
    this.allowedHosts = new AllowedHosts(db);
    this.tokens = new Tokens(db);
    this.sessions = new Sessions(db);
    this.audit = new AuditLog(db);
    this.digests = new Digests(db);
    this.hooks = new Hooks(db, cipher);
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

/** The socket on which the router hands on what is for the host of the console. No longer than that of the API. */
export function consoleSocketOf(dataDir: string): string {
  return join(dataDir, 'web.sock');
}

/** Whether there is a platform with these folders. */
export function platformExists({ dataDir }: Folders): boolean {
  return existsSync(databaseFile(dataDir));
}

/** Opens the platform's data, making it (with its key) as of `now` if this is the first time. */
export function openStore(folders: Folders, now = new Date()): Store {
  const file = databaseFile(folders.dataDir);
  privateFolder(folders.dataDir);
  if (!existsSync(file)) createDatabase(file, folders, now);
  // One killed right after it put its data in place has left the draft, which is the same file by another name.
  else if (statSync(file).nlink > 1) clearOldDrafts(file);
  refuseLooseData(file);
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
function createDatabase(file: string, folders: Folders, now: Date): void {
  const dataId = randomUUID();
  const draft = draftOf(file);
  rmSync(draft, { force: true });
  const keyId = createKey(folders.configDir, dataId);
  try {
    const db = new Database(':memory:');
    createTables(db);
    db.transaction(() => seed(new Store(db, folders), { dataId, keyId }, now));
    db.copyInto(draft);
    db.close();
    linkSync(draft, file);
    syncFolder(folders.dataDir);
  } catch (error) {
    rmSync(keyFile(folders.configDir, { dataId, keyId }), { force: true });
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  clearOldDrafts(file);
}

/** Throws an AppsApiError (503) if other users can read the database. */
export function refuseLooseData(file: string): void {
  const hint = `Close it to them: chmod 600 ${file}*`;
  refuseLoose(file, "The platform's database", { id: 'loose_data', hint });
}
