import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { AuditVerdict } from '../../../src/contract/wire.js';
import { link } from '../../../src/platform/audit/chain.js';
import { makeBackup } from '../../../src/platform/backup/make.js';
import { openBackup } from '../../../src/platform/backup/restore.js';
import { CHECKS, examine } from '../../../src/platform/doctor/doctor.js';
import { Database } from '../../../src/platform/store/database.js';
import { keepRestoredHead } from '../../../src/platform/store/kept-head.js';
import { databaseFile, type Folders } from '../../../src/platform/store/store.js';
import { bundledProgram } from '../../bundled-program.js';
import { runsWhole } from '../../long-tests.js';
import { CALLER, inSession } from '../sample.js';
import { openTemporary, temporaryFolder, temporaryFolders } from '../store/temporary.js';

/** A platform with a few records; answers how many. */
async function written(
  folders: Folders = temporaryFolders(),
): Promise<{ folders: Folders; records: number }> {
  const { api, close } = openTemporary(folders);
  await api.spaces.create({ name: 'shop', compliance: ['socs'] });
  for (let n = 0; n < 5; n++) await api.spaces.update({ space: 'shop', description: `Number ${n}` });
  const { records } = await api.audits.verify();
  close();
  return { folders, records };
}

async function verdictOf(folders: Folders): Promise<AuditVerdict> {
  const { api, close } = openTemporary(folders);
  const verdict = await api.audits.verify();
  close();
  return verdict;
}

async function change(folders: Folders): Promise<void> {
  const { api, close } = openTemporary(folders);
  await api.spaces.update({ space: 'shop', description: 'Later' });
  close();
}

/** Tampers with the log as whoever can write the database does, and puts its guards back. */
function tamper({ dataDir }: Folders, work: (db: Database) => void): void {
  const db = new Database(databaseFile(dataDir));
  const guards = db.all<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'",
  );
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
  work(db);
  for (const { sql } of guards) db.exec(sql);
  db.close();
}

function cutAfter(folders: Folders, seq: number): void {
  tamper(folders, (db) => db.run('DELETE FROM audit WHERE seq > ?', seq));
}

/** Says of one record something else, and links all after it anew: a chain that is whole in itself. */
function rewriteFrom(folders: Folders, seq: number): void {
  tamper(folders, (db) => {
    const before = db.get<{ hash: string }>('SELECT hash FROM audit WHERE seq = ?', seq - 1);
    let head = before?.hash ?? '';
    const rows = db.all<{ seq: number; record: string }>('SELECT seq, record FROM audit WHERE seq >= ?', seq);
    for (const row of rows) {
      const record = row.seq === seq ? row.record.replace('ann', 'bob') : row.record;
      head = link(head, record);
      db.run('UPDATE audit SET record = ?, hash = ? WHERE seq = ?', record, head, row.seq);
    }
  });
}

function headFileOf({ configDir }: Folders): string {
  const folder = join(configDir, 'heads');
  const [name = ''] = readdirSync(folder);
  return join(folder, name);
}

async function doctorOf(folders: Folders) {
  const checks = CHECKS.filter(({ name }) => name === 'audit log');
  return (await examine({ ...folders, env: process.env }, checks)).checks[0];
}

function restore(folders: Folders, file: string): void {
  const backup = openBackup(file, folders);
  backup.restore(CALLER, new Date());
  backup.close();
}

test('a log that was cut off is found by default, also after further changes', async () => {
  const { folders, records } = await written();
  cutAfter(folders, records - 3);
  const reason = `records ${records - 2} to ${records} are missing, the config folder has the head of record ${records}`;
  expect(await verdictOf(folders)).toMatchObject({ ok: false, broken: { seq: records - 2, reason } });
  expect(await doctorOf(folders)).toMatchObject({ state: 'problem', says: expect.stringContaining(reason) });
  for (let n = 0; n < 5; n++) await change(folders);
  expect(await verdictOf(folders)).toMatchObject({ ok: false, broken: { seq: records } });
});

test('so is the last record alone, and a log that was rewritten', async () => {
  const cut = await written();
  cutAfter(cut.folders, cut.records - 1);
  expect(await verdictOf(cut.folders)).toMatchObject({ ok: false, broken: { seq: cut.records } });
  const rewritten = await written();
  rewriteFrom(rewritten.folders, 3);
  const { records } = rewritten;
  expect(await verdictOf(rewritten.folders)).toMatchObject({
    ok: false,
    broken: { seq: records, reason: 'its hash is not the head that the config folder has' },
  });
});

test('where the config folder has no head, the last digest has one', async () => {
  const { folders } = await written();
  const { api, close } = openTemporary(folders);
  await api.platform.configure({
    smtp_host: '127.0.0.1',
    smtp_port: 1,
    smtp_tls: 'none',
    mail_from: 'aka@example.com',
    mail_to: ['ann@example.com'],
  });
  const { records } = await api.audits.verify();
  await api.digests.send({ space: 'shop' });
  close();
  rmSync(join(folders.configDir, 'heads'), { recursive: true });
  expect(await verdictOf(folders)).toMatchObject({ ok: true });
  cutAfter(folders, records - 1);
  const broken = { seq: records, reason: expect.stringContaining('the last digest has the head') };
  expect(await verdictOf(folders)).toMatchObject({ ok: false, broken });
  // A change must not make the shorter log the one to compare with.
  await change(folders);
  expect(await verdictOf(folders)).toMatchObject({ ok: false });
});

test('a crash before the head is written leaves an older one, which fits', async () => {
  const { folders } = await written();
  const file = headFileOf(folders);
  const older = readFileSync(file);
  await change(folders);
  for (const content of [older, '', '{"head":', 'null']) {
    writeFileSync(file, content);
    expect({ content: String(content), ...(await verdictOf(folders)) }).toMatchObject({ ok: true });
  }
  await change(folders);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    head: { hash: (await verdictOf(folders)).head },
  });
});

test('a restore goes back to an older head, on the record, and so accepts a log that was cut off', async () => {
  const { folders, records } = await written();
  const file = join(temporaryFolder(), 'a.backup');
  inSession(folders, (session) => makeBackup(session, file, { replace: false }));
  for (let n = 0; n < 5; n++) await change(folders);
  restore(folders, file);
  const verdict = await verdictOf(folders);
  expect(verdict).toMatchObject({ ok: true, records: records + 2 });
  cutAfter(folders, records);
  expect(await verdictOf(folders)).toMatchObject({ ok: false });
  inSession(folders, (session) => makeBackup(session, file, { replace: true }));
  restore(folders, file);
  expect(await verdictOf(folders)).toMatchObject({ ok: true });
  expect(await doctorOf(folders)).toMatchObject({ state: 'ok' });
  await change(folders);
  expect(await verdictOf(folders)).toMatchObject({ ok: true });
});

test('a restore that is killed before its commit, or right after it, is taken for what it is', async () => {
  const { folders } = await written();
  const headFile = headFileOf(folders);
  const file = join(temporaryFolder(), 'a.backup');
  inSession(folders, (session) => makeBackup(session, file, { replace: false }));
  await change(folders);
  const db = new Database(databaseFile(folders.dataDir));
  expect(() =>
    db.transaction(() => {
      db.run(
        "INSERT INTO audit (seq, record, hash) SELECT seq + 1, '{}', 'x' FROM audit ORDER BY seq DESC LIMIT 1",
      );
      keepRestoredHead(db, folders);
      throw new Error('killed');
    }),
  ).toThrow('killed');
  db.close();
  expect(readFileSync(headFile, 'utf8')).toContain('restoring');
  expect(await verdictOf(folders)).toMatchObject({ ok: true });
  const { head: before } = JSON.parse(readFileSync(headFile, 'utf8')) as { head: object };
  restore(folders, file);
  const { head: restoring } = JSON.parse(readFileSync(headFile, 'utf8')) as { head: object };
  writeFileSync(headFile, JSON.stringify({ head: before, restoring }));
  expect(await verdictOf(folders)).toMatchObject({ ok: true });
});

test('a backup restored into another folder has a head of its own there', async () => {
  const { folders } = await written();
  const file = join(temporaryFolder(), 'a.backup');
  inSession(folders, (session) => makeBackup(session, file, { replace: false }));
  const elsewhere = { ...folders, dataDir: temporaryFolders().dataDir };
  restore(elsewhere, file);
  await change(elsewhere);
  await change(folders);
  expect(await verdictOf(folders)).toMatchObject({ ok: true });
  expect(await verdictOf(elsewhere)).toMatchObject({ ok: true });
});

test('two processes that change it and are killed at any point leave a log that fits its head', async () => {
  const { folders } = await written();
  const writer = bundledProgram(join(import.meta.dirname, 'writer.ts'));
  const kills = runsWhole('kills') ? 100 : 5;
  for (let n = 0; n < kills; n++) {
    const writers = [0, 1].map(() =>
      spawn(process.execPath, [writer, folders.dataDir, folders.configDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const ends = writers.map(async (child) => {
      await once(child.stdout, 'data');
      // Not at a change's end but anywhere in one.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      child.stdout.resume();
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    await Promise.all(ends);
    expect(await verdictOf(folders)).toMatchObject({ ok: true });
  }
}, 120_000);
