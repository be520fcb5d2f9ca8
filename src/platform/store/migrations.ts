import { AppsApiError } from '../../contract/errors.js';
import { type Database, notOurData } from './database.js';
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from './schema.js';

/** The version of an open database, checked to be one of ours and not newer than this program. Errors call it `name`. */
export function schemaVersion(db: Database, name = db.file): number {
  const application = Number(db.get('PRAGMA application_id')?.application_id ?? 0);
  const version = Number(db.get('PRAGMA user_version')?.user_version ?? 0);
  if (application !== APPLICATION_ID) throw notOurData(name);
  if (version > SCHEMA_VERSION) {
    throw new AppsApiError({
      id: 'newer_data',
      status: 503,
      message: `${name} was written by a newer aka (data version ${version}, this one knows ${SCHEMA_VERSION}).`,
      hint: 'Upgrade aka to the version that was used last.',
    });
  }
  return version;
}

/** Brings an open database up to this program's version; several processes may do so at once. */
export function migrate(db: Database): void {
  if (schemaVersion(db) === SCHEMA_VERSION) return;
  db.transaction(() => {
    const steps = MIGRATIONS.slice(schemaVersion(db));
    for (const step of steps) db.exec(step);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

/** Lays the tables of a version, this program's unless told, into an empty database and makes it ours. */
export function createTables(db: Database, version = SCHEMA_VERSION): void {
  db.transaction(() => {
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${version}`);
  });
}
