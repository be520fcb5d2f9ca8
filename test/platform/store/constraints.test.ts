import { beforeAll, describe, expect, test } from '@jest/globals';
import { flawsOf, openTemporary, type Temporary } from './temporary.js';

let platform: Temporary;

beforeAll(async () => {
  platform = openTemporary();
  const { api } = platform;
  for (const name of ['full', 'other']) {
    await api.spaces.create({ name, compliance: ['socs'], description: 'first' });
    for (const app of ['web', 'api']) await api.apps.create({ name: app, space: name });
  }
  await api.spaces.create({ name: 'empty', compliance: ['socs'] });
});

const AFTER = 'description, created_at, updated_at FROM spaces';
const COLUMNS = '(id, name, compliance, stack, description, created_at, updated_at)';

/** Every form in which SQL can put another compliance into the row of a space. */
const CHANGES = (name: string): string[] => [
  ...['', 'OR IGNORE', 'OR REPLACE', 'OR FAIL', 'OR ABORT', 'OR ROLLBACK'].map(
    (or) => `UPDATE ${or} spaces SET compliance = 'prod' WHERE name = '${name}'`,
  ),
  `UPDATE spaces SET (compliance, description) = ('prod', 'x') WHERE name = '${name}'`,
  `UPDATE spaces SET compliance = o.compliance FROM (SELECT '' AS compliance) o WHERE name = '${name}'`,
  `UPDATE spaces SET compliance = compliance || ',prod' WHERE name = '${name}'`,
  `WITH x AS (SELECT 'prod' AS c) UPDATE spaces SET compliance = (SELECT c FROM x) WHERE name = '${name}'`,
  ...['OR REPLACE', 'OR IGNORE', 'OR ROLLBACK'].flatMap((or) => [
    `INSERT ${or} INTO spaces ${COLUMNS} SELECT id, name, 'prod', stack, ${AFTER} WHERE name = '${name}'`,
    `INSERT ${or} INTO spaces ${COLUMNS} SELECT 'new id', name, 'prod', stack, ${AFTER} WHERE name = '${name}'`,
    `INSERT ${or} INTO spaces ${COLUMNS} SELECT id, 'newname', 'prod', stack, ${AFTER} WHERE name = '${name}'`,
    `INSERT ${or} INTO spaces (rowid, ${COLUMNS.slice(1)} SELECT rowid, 'new id', 'newname', 'prod', stack, ${AFTER} WHERE name = '${name}'`,
  ]),
  ...['name', 'id'].map(
    (column) =>
      `INSERT INTO spaces ${COLUMNS} SELECT id, name, 'prod', stack, ${AFTER} WHERE name = '${name}'
       ON CONFLICT (${column}) DO UPDATE SET compliance = excluded.compliance`,
  ),
];

const SETTINGS = [
  'foreign_keys = ON',
  'foreign_keys = OFF',
  'recursive_triggers = ON',
  'recursive_triggers = OFF',
];

describe.each(SETTINGS)('with %s', (setting) => {
  test.each(['full', 'empty'])('no SQL changes the compliance of space %s', async (name) => {
    const { raw, api } = platform;
    const before = await api.spaces.get({ space: name });
    raw.exec(`PRAGMA ${setting}`);
    for (const sql of CHANGES(name)) {
      expect(() => raw.exec(sql)).toThrow(/never change|never replaced/);
      expect(await api.spaces.get({ space: name })).toEqual(before);
    }
    raw.exec('PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = OFF');
    expect(flawsOf(raw)).toEqual([]);
  });

  test('audit records are only ever added at the end', async () => {
    const { raw, api } = platform;
    raw.exec(`PRAGMA ${setting}`);
    const before = await api.audits.verify();
    for (const sql of [
      'UPDATE audit SET hash = hash',
      "UPDATE OR REPLACE audit SET record = '{}' WHERE seq = 2",
      'UPDATE audit SET seq = seq + 100',
      'DELETE FROM audit',
      'DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)',
      "INSERT OR REPLACE INTO audit (seq, record, hash) VALUES (2, '{}', '')",
      "REPLACE INTO audit (seq, record, hash) SELECT max(seq), '{}', '' FROM audit",
      "INSERT INTO audit (seq, record, hash) SELECT max(seq) + 2, '{}', '' FROM audit",
      "INSERT INTO audit (seq, record, hash) VALUES (0, '{}', '')",
      "INSERT INTO audit (record, hash) VALUES ('{}', '')",
      "INSERT INTO audit (seq, record, hash) VALUES (2, '{}', '') ON CONFLICT (seq) DO UPDATE SET record = '{}'",
    ]) {
      expect(() => raw.exec(sql)).toThrow(/audit records are/);
    }
    raw.exec('PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = OFF');
    expect(await api.audits.verify()).toEqual(before);
    expect(before.ok).toBe(true);
  });

  test('an app keeps its name, space and address', async () => {
    const { raw, api } = platform;
    raw.exec(`PRAGMA ${setting}`);
    const before = await api.apps.list();
    const columns =
      '(id, name, space, organization, address, description, labels, maintenance, created_at, updated_at)';
    const rest =
      "description, labels, maintenance, created_at, updated_at FROM apps WHERE name = 'web' AND space = 'full'";
    for (const sql of [
      "UPDATE apps SET space = 'other' WHERE name = 'web' AND space = 'full'",
      "UPDATE OR REPLACE apps SET space = 'other' WHERE name = 'web' AND space = 'full'",
      "UPDATE OR IGNORE apps SET name = 'api' WHERE name = 'web'",
      'UPDATE apps SET address = address + 1',
      `INSERT OR REPLACE INTO apps ${columns} SELECT id, name, 'empty', organization, 9999, ${rest}`,
      `INSERT OR REPLACE INTO apps ${columns} SELECT 'new', name, space, organization, 9999, ${rest}`,
      `INSERT OR REPLACE INTO apps ${columns} SELECT 'new', 'newname', space, organization, address, ${rest}`,
    ]) {
      expect(() => raw.exec(sql)).toThrow(/keeps its name|never replaced/);
    }
    raw.exec('PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = OFF');
    expect(await api.apps.list()).toEqual(before);
  });
});

function insert(values: string): string {
  return `INSERT INTO spaces ${COLUMNS} VALUES ('id', ${values}, '', '', '')`;
}

describe('the schema', () => {
  test('takes no compliance but the eight sets in their order', () => {
    for (const compliance of ['prod,socs', 'hipaa', 'socs,', 'SOCS', 'socs,prod,internal,socs', ' '])
      expect(() => platform.raw.exec(insert(`'bad', '${compliance}', 'local'`))).toThrow(/CHECK/);
  });

  test('takes no space on a stack that is not there, and keeps spaces that have apps', () => {
    const { raw } = platform;
    expect(() => raw.exec(insert("'bad', '', 'nowhere'"))).toThrow(/FOREIGN KEY/);
    expect(() => raw.exec("DELETE FROM spaces WHERE name = 'full'")).toThrow(/FOREIGN KEY/);
    expect(() => raw.exec('DELETE FROM stacks')).toThrow(/FOREIGN KEY/);
    expect(() => raw.exec('DELETE FROM organizations')).toThrow(/FOREIGN KEY/);
    expect(flawsOf(raw)).toEqual([]);
  });

  test('takes a second space or app of a name under no circumstances', () => {
    const { raw } = platform;
    expect(() => raw.exec(insert("'full', 'socs', 'local'"))).toThrow(/never replaced/);
    raw.exec('BEGIN; DROP TRIGGER spaces_are_not_replaced; DROP TRIGGER apps_are_not_replaced');
    try {
      expect(() => raw.exec(insert("'full', 'socs', 'local'"))).toThrow(/UNIQUE.*spaces\.name/);
      for (const [column, value] of [
        ['name', "'new', name, space, 'main', 9999"],
        ['address', "'new', 'newname', space, 'main', address"],
      ] as const) {
        const sql = `INSERT INTO apps SELECT ${value}, '', '', 0, '', '' FROM apps WHERE name = 'web' AND space = 'full'`;
        expect(() => raw.exec(sql)).toThrow(new RegExp(`UNIQUE.*apps\\.${column}`));
      }
    } finally {
      raw.exec('ROLLBACK');
    }
  });
});
