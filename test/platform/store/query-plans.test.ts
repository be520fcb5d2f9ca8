import { expect, test } from '@jest/globals';
import { pipelinesService } from '../../../src/platform/services/pipelines.js';
import { spacesService } from '../../../src/platform/services/spaces.js';
import { Database, type Row, type Value } from '../../../src/platform/store/database.js';
import { databaseFile, Store } from '../../../src/platform/store/store.js';
import { ADMIN, openTemporary } from './temporary.js';

/** A database that remembers what it was asked. */
class Asked extends Database {
  readonly questions: { readonly sql: string; readonly values: Value[] }[] = [];

  override get<R extends Row>(sql: string, ...values: Value[]): R | undefined {
    this.questions.push({ sql, values });
    return super.get<R>(sql, ...values);
  }

  override all<R extends Row>(sql: string, ...values: Value[]): R[] {
    this.questions.push({ sql, values });
    return super.all<R>(sql, ...values);
  }

  override each<R extends Row>(sql: string, ...values: Value[]): IterableIterator<R> {
    this.questions.push({ sql, values });
    return super.each<R>(sql, ...values);
  }

  /** How SQLite finds what it was asked last. */
  plan(): string {
    const { sql = '', values = [] } = this.questions.at(-1) ?? {};
    return super
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
      .map(({ detail }) => detail)
      .join('\n');
  }
}

/** What there may be very many of is found by an index, and not by reading all of it. */
test.each<readonly [string, (store: Store) => unknown, RegExp]>([
  ['records since a time', ({ audit }) => audit.firstSince('2026'), /audit_by_time/],
  [
    'the digest of a space',
    ({ audit }) => [...audit.ofSpaceAndPlatform('shop', 1, 9)],
    /audit_of_space[^]*audit_of_space/,
  ],
  ['the creation of a space', ({ audit }) => audit.ofSpaceAt('shop', '2026'), /audit_by_time/],
  [
    'builds that wait for a check',
    ({ buildChecks }) => buildChecks.waitingFor('app/a-b', 'f'),
    /builds_to_do/,
  ],
  ['apps of a pipeline', ({ pipelines }) => pipelines.couplings({ pipeline: 'a' }), /SEARCH couplings/],
  ['pipelines of an app', ({ pipelines }) => pipelines.couplings({ app: 'a' }), /couplings_of_app/],
  [
    'the next digest to be mailed',
    ({ digests }) => digests.take('2026', { leasedUntil: '2027', ahead: '2028' }),
    /digests_waiting/,
  ],
  [
    'the outbox of a space',
    ({ digests }) => digests.outbox('a'),
    /digests_of_space.*\n.*\n.*digests_of_space/,
  ],
  ['the outbox', ({ digests }) => digests.outbox(), /digests_waiting/],
  ['the hooks of an app', ({ hooks }) => hooks.of('a'), /hooks_of_app/],
  ['hooks to be called', ({ hooks }) => hooks.due('2026', '2027'), /hook_deliveries_next/],
  ['the next call of a hook', ({ hooks }) => hooks.next('a', '2026', '2027'), /hook_deliveries_next/],
  ['the calls of a hook', ({ hooks }) => hooks.deliveries('a', 10), /hook_deliveries_of_hook/],
  ['the last call of a hook', ({ hooks }) => hooks.lastTried('a'), /hook_deliveries_of_hook/],
  ['calls that wait', ({ hooks }) => hooks.waiting(), /hook_deliveries_next/],
  ['when the last digest went out', ({ digests }) => digests.lastSentAt(), /digests_sent/],
])('%s: an index finds them', (_, ask, how) => {
  const { folders } = openTemporary();
  const asked = new Asked(databaseFile(folders.dataDir));
  try {
    ask(new Store(asked, folders));
    expect(asked.plan()).toMatch(how);
  } finally {
    asked.close();
  }
});

test('a list of spaces asks for settings as often as for one of them', async () => {
  const { folders, api } = openTemporary();
  const countOf = async (): Promise<number> => {
    const asked = new Asked(databaseFile(folders.dataDir));
    try {
      const session = { store: new Store(asked, folders), caller: ADMIN, now: () => new Date() };
      await spacesService(session).list();
      return asked.questions.filter(({ sql }) => /FROM (?:settings|meta)/.test(sql)).length;
    } finally {
      asked.close();
    }
  };
  const compliance = ['socs', 'internal'];
  await api.spaces.create({ name: 'one', compliance });
  const once = await countOf();
  for (const name of ['two', 'three', 'four']) await api.spaces.create({ name, compliance });
  expect(await countOf()).toBe(once);
});

test('a list of pipelines takes one question of whoever may use every space', async () => {
  const { folders, api } = openTemporary();
  await api.apps.create({ name: 'web', space: 'default' });
  for (const name of ['one', 'two', 'three']) {
    await api.pipelines.create({ name });
    await api.pipelineCouplings.create({ app: 'web-default', pipeline: name, stage: 'staging' });
  }
  const asked = new Asked(databaseFile(folders.dataDir));
  try {
    const session = { store: new Store(asked, folders), caller: ADMIN, now: () => new Date() };
    expect(await pipelinesService(session).list()).toHaveLength(3);
    expect(asked.questions).toHaveLength(1);
  } finally {
    asked.close();
  }
});
