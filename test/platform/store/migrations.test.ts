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
// From version 3 on, what a socs space releases has passed its checks.
CONTENTS[3] = `${CONTENTS[2].replace('INSERT INTO releases', "INSERT INTO passed_slugs VALUES ('a1', 'd1', 't');\n      INSERT INTO releases")}
      INSERT INTO reporters VALUES ('p1', 'ci', 'app/web-shop', 'token', x'64', NULL, NULL, NULL, 'u', 't');
      INSERT INTO commit_states VALUES ('p1', 's', 'success', '', '', 't', 't');
      INSERT INTO build_checks VALUES ('b1', 'app/web-shop', 'k1', 'success', '', '', '', '', 'p1', 'ci', NULL, NULL, 't', 't');
      INSERT INTO pipelines VALUES ('l1', 'shop', 'd', 't', 't');
      INSERT INTO couplings VALUES ('c1', 'l1', 'a1', 'production', '["ci/tests"]', 't', 't');
      INSERT INTO release_statuses VALUES ('rs1', 'v1', 'ci/tests', 'success', '', '', '', '', 'u', 't', 't');
      INSERT INTO promotions VALUES ('q1', 'a1', 'v1', 'b1', 'shop', 'web-dev', 3, 't');
      INSERT INTO credentials VALUES ('c1', 'pay', 'credentials:production', 'a1', 'socs,prod', 't', 't');
      INSERT INTO credential_vars VALUES ('c1', 'TOKEN', x'01');
      INSERT INTO attachments VALUES ('t1', 'c1', 'a1', 'PAY', 't');
      INSERT INTO tokens VALUES ('ci', 'user', x'01', 'ann', 't', NULL, NULL);
      INSERT INTO token_spaces VALUES ('ci', 'shop');
      INSERT INTO token_makers VALUES ('ci', 'ann');
      INSERT INTO places VALUES ('a1', 'web', 1, 't', 'evicted', 'r', 't'), ('a1', 'web', 2, 't', NULL, NULL, NULL);
      INSERT INTO sealed_settings VALUES ('smtp_password', x'01');
      INSERT INTO digest_marks VALUES ('p1', 'shop', 't', 0, NULL);
      INSERT INTO digests VALUES ('m1', 'p1', 'shop', 't', 't', 0, 1, '{}', '[]', 0, 't', NULL, NULL, NULL);`;
CONTENTS[4] = `${CONTENTS[3].replace("'ann', 't', NULL, NULL)", "'ann', 't', NULL, NULL, 1)")}
      INSERT INTO favorites VALUES ('ann', 'a1', 'fv1', 't');`;
CONTENTS[5] = `${CONTENTS[4]}
      INSERT INTO hooks VALUES ('h1', 'a1', x'01', x'02', '["build"]', 1, 'any', 't', 't', NULL);
      INSERT INTO hook_deliveries VALUES (1, 'd1', 'h1', 'build', '{}', 'pending', 't', '[]', NULL, 't', 't');`;
CONTENTS[6] = `${CONTENTS[5].replace("0, 't', 0, 't', 't');", "0, 't', 0, 't', 't', 7);")}
      INSERT INTO left_addresses VALUES (3, 'shop', 'db', 't', 7);`;
CONTENTS[7] = CONTENTS[6].replace("'ci', NULL, NULL, 't', 't')", "'ci', NULL, NULL, 't', 't', 'sha256:0')");
CONTENTS[8] = CONTENTS[7].replace("5000, '/', 't', 't')", "5000, '/', 't', 't', 30)");
CONTENTS[9] = `${CONTENTS[8]}
      INSERT INTO sessions VALUES ('session-1', 'ann', 'user', 'ci', 't', 't', NULL);
      INSERT INTO session_secrets VALUES (x'01', 'session-1', 't', 't', 1);
      INSERT INTO login_codes VALUES (x'01', 'ann', 'admin', NULL, 't');`;

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
      const places = version >= 2 ? [1, 2] : [];
      expect(old.all('SELECT number FROM places').map(({ number }) => number)).toEqual(places);
      expect(() => old.exec("UPDATE spaces SET compliance = ''")).toThrow(/never change/);
    }
    old.close();
    fresh.close();
  });
});

test('builds of a socs space that had to pass nothing are asked for anew', () => {
  const old = new Database(':memory:');
  createTables(old, 2);
  old.exec(`${CONTENTS[2]}
      INSERT INTO spaces VALUES ('p2', 'demo', 'prod', 'local', 'd', 't', 't');
      INSERT INTO apps VALUES ('a2', 'web', 'demo', 'main', 3, 'd', 'l', 0, 't', 't');
      INSERT INTO builds VALUES ('b2', 'a1', 2, 'queued', NULL, '{}', 'u', NULL, NULL, 't', 't');
      INSERT INTO builds VALUES ('b3', 'a1', 3, 'pending', NULL, '{}', 'u', NULL, NULL, 't', 't');
      INSERT INTO builds VALUES ('b4', 'a2', 1, 'queued', NULL, '{}', 'u', NULL, NULL, 't', 't');`);
  migrate(old);
  expect(old.all('SELECT id, status FROM builds ORDER BY id')).toEqual([
    { id: 'b1', status: 'succeeded' },
    { id: 'b2', status: 'failed' },
    { id: 'b3', status: 'failed' },
    { id: 'b4', status: 'queued' },
  ]);
  old.close();
});

function raise(message: string): never {
  throw new Error(message);
}
