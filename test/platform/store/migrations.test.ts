import { describe, expect, test } from '@jest/globals';
import { Database } from '../../../src/platform/store/database.js';
import { createTables, migrate } from '../../../src/platform/store/migrations.js';
import { SCHEMA_VERSION } from '../../../src/platform/store/schema.js';

function schemaOf(db: Database): unknown {
  return {
    version: db.get('PRAGMA user_version'),
    application: db.get('PRAGMA application_id'),
    tables: db.all('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name'),
  };
}

/** What was in a database of each version, put there as that version did; a new step adds the rows that it must carry over. */
const CONTENTS: Record<number, string> = {
  0: '',
  1: `INSERT INTO regions VALUES ('r1', 'local', '{}', 1, 't', 't');
      INSERT INTO stacks VALUES ('s1', 'local', 'local', 'localhost', 'public', 1, 't', 't');
      INSERT INTO organizations VALUES ('o1', 'main', 't', 't');
      INSERT INTO spaces VALUES ('p1', 'shop', 'socs,prod', 'local', 'd', 't', 't');
      INSERT INTO blocks VALUES (0, 'shop');
      INSERT INTO apps VALUES ('a1', 'web', 'shop', 'main', 2, 'd', 'l', 0, 't', 't');
      INSERT INTO config_vars VALUES ('a1', 'KEY', x'01');
      INSERT INTO audit (seq, record, hash) VALUES (1, '{"seq":1,"space":"shop"}', 'h');`,
};
CONTENTS[2] = `${CONTENTS[1]}
      INSERT INTO settings VALUES ('egress', 'open');
      INSERT INTO formations VALUES ('f1', 'a1', 'web', NULL, 2, 'gp1', 5000, '/', 't', 't');
      INSERT INTO slugs VALUES ('d1', '{}', 't');
      INSERT INTO builds VALUES ('b1', 'a1', 1, 'succeeded', NULL, '{}', 'u', 'm', 'd1', 't', 't');
      INSERT INTO releases VALUES ('v1', 'a1', 1, 'succeeded', NULL, '', 'b1', 'd1', x'01', 'u', 't', 't');
      INSERT INTO dynos VALUES ('y1', 'a1', 'v1', 'web', 1, 'up', NULL, 128, 5000, 'gp1', 'c', 0, 't', 0, 't', 't');
      INSERT INTO allowed_hosts VALUES ('shop', 5432, 'db', 't');`;
CONTENTS[3] = `${CONTENTS[2]}
      INSERT INTO sealed_settings VALUES ('smtp_password', x'01');
      INSERT INTO digest_marks VALUES ('p1', 'shop', 't', 0, NULL);
      INSERT INTO digests VALUES ('m1', 'p1', 'shop', 't', 't', 0, 1, '{}', '[]', 0, 't', NULL, NULL, NULL);`;

const VERSIONS = Array.from({ length: SCHEMA_VERSION + 1 }, (_, version) => version);

describe('the database of every version there has been', () => {
  test.each(VERSIONS)('%i becomes one of this version, with what was in it', (version) => {
    const [old, fresh] = [new Database(':memory:'), new Database(':memory:')];
    createTables(old, version);
    old.exec(CONTENTS[version] ?? raise(`There are no contents for version ${version} in this test.`));
    migrate(old);
    createTables(fresh);
    expect(schemaOf(old)).toEqual(schemaOf(fresh));
    expect(old.all('PRAGMA foreign_key_check')).toEqual([]);
    if (version >= 1) {
      expect(old.all('SELECT name, compliance FROM spaces')).toEqual([
        { name: 'shop', compliance: 'socs,prod' },
      ]);
      expect(old.all('SELECT name, address FROM apps')).toEqual([{ name: 'web', address: 2 }]);
      expect(old.all('SELECT seq, space FROM audit')).toEqual([{ seq: 1, space: 'shop' }]);
      expect(() => old.exec("UPDATE spaces SET compliance = ''")).toThrow(/never change/);
    }
    old.close();
    fresh.close();
  });
});

function raise(message: string): never {
  throw new Error(message);
}
