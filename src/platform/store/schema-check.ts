import { AppsApiError } from '../../contract/errors.js';
import { Database } from './database.js';
import { createTables } from './migrations.js';

/** A table, an index or a trigger, and the statement that makes it. */
export type SchemaObject = { type: string; name: string; sql: string };

/** Returns everything in a database's schema but the mark of a backup. */
export function schemaOf(db: Database, schema: 'main' | 'restored' = 'main'): SchemaObject[] {
  return db.all<SchemaObject>(
    `SELECT type, name, sql FROM ${schema}.sqlite_schema
     WHERE tbl_name <> 'backup' AND sql IS NOT NULL ORDER BY type, name`,
  );
}

/**
 * Returns what differs between the schema of a database and that of its version, such as `trigger x is missing`. A
 * trigger more or less changes the rules of the platform without a word: some keep audit records and compliance as
 * they are.
 */
export function schemaDifferences(db: Database, version: number): string[] {
  const model = new Database(':memory:');
  createTables(model, version);
  const [wanted, found] = [namedOf(schemaOf(model)), namedOf(schemaOf(db))];
  model.close();
  return [
    ...[...wanted.keys()].filter((name) => !found.has(name)).map((name) => `${name} is missing`),
    ...[...found].flatMap(([name, sql]) =>
      wanted.get(name) === sql
        ? []
        : [`${name} ${wanted.has(name) ? 'is changed' : 'does not belong there'}`],
    ),
  ];
}

/** Throws an AppsApiError (503) if the schema of a database is not that of its version. */
export function checkSchema(db: Database, version: number): void {
  const differences = schemaDifferences(db, version);
  if (differences.length === 0) return;
  throw new AppsApiError({
    id: 'changed_schema',
    status: 503,
    message: `${db.file} was changed by another program: ${differences.join(', ')}.`,
    hint: 'Restore a backup: aka platform:restore FILE',
  });
}

function namedOf(objects: readonly SchemaObject[]): ReadonlyMap<string, string> {
  return new Map(objects.map(({ type, name, sql }) => [`${type} ${name}`, sql]));
}
