import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { AuditEvent } from '../../../src/contract/wire.js';
import { verifyExport } from '../../../src/platform/audit/exported.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { smtp } from '../../../src/platform/mail/smtp.js';
import { makeDueDigests } from '../../../src/platform/services/digests.js';
import { deliver, pauseAfter } from '../../../src/platform/services/outbox.js';
import { rotateKey } from '../../../src/platform/services/rotation.js';
import type { Session } from '../../../src/platform/services/session.js';
import type { Folders } from '../../../src/platform/store/store.js';
import { ADMIN, refusal, temporaryFolders, USER } from '../store/temporary.js';
import { certificate, type Mail, MailServer, type ServerOptions } from './mail-server.js';
import { runMailer } from './mailer-process.js';
import { bodyOf, readMail } from './mime.js';

const START = '2026-11-02T09:00:00.000Z';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LOGIN = { user: 'aka', password: 'correct-horse-battery' };
const TO = ['ann@example.com', 'bob@example.com'];
const POST = smtp({ whole: 5000, step: 5000 });

/** A platform whose clock only the test moves, and the mail server that it knows. */
interface World {
  readonly folders: Folders;
  readonly server: MailServer;
  readonly api: AppsApi;
  readonly user: AppsApi;
  readonly session: Session;
  readonly now: () => string;
  readonly later: (ms: number) => void;
  /** Makes and mails what is to be, as the daemon does when it looks. */
  readonly look: () => Promise<void>;
  /** The actions about the space, oldest first. */
  readonly recorded: () => Promise<AuditEvent[]>;
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function world(options: ServerOptions = {}): Promise<World> {
  const server = await MailServer.start({ secure: true, ...LOGIN, ...options });
  const folders = temporaryFolders();
  let now = new Date(START);
  const platform = openPlatform({ ...folders, now: () => now });
  open.push(platform);
  const api = platform.as(ADMIN);
  const session = platform.session(DAEMON);
  await api.platform.configure(await settingsFor(server));
  await api.spaces.create({ name: 'vault', compliance: ['socs'] });
  return {
    folders,
    server,
    api,
    user: platform.as(USER),
    session,
    now: () => now.toISOString(),
    later(ms) {
      now = new Date(now.getTime() + ms);
    },
    async look() {
      await makeDueDigests(session);
      for (;;) if (!/sent|refused/.test(await deliver(session, POST))) return;
    },
    recorded: async () => (await api.audits.list({ space: 'vault', size: 100 })).toReversed(),
  };
}

async function settingsFor({ port }: MailServer) {
  return {
    smtp_host: 'localhost',
    smtp_port: port,
    smtp_ca: (await certificate()).ca,
    smtp_user: LOGIN.user,
    smtp_password: LOGIN.password,
    mail_from: 'aka@example.com',
    mail_to: TO,
  };
}

function idOf({ source }: Mail): string | undefined {
  return readMail(source).headers['message-id'];
}

const outboxOf = ({ session }: World) => session.store.digests.outbox();

const textOf = (mail: Mail | undefined): string => bodyOf(readMail(mail?.source ?? ''), 'text/plain');

describe('the recipients of digests', () => {
  test('are told by the former server when digests go to others, with the change and who made it', async () => {
    const there = await world();
    await there.api.platform.configure({ mail_to: ['eve@example.com'] });
    const [notice, ...more] = await there.server.mailed(1);
    expect(more).toEqual([]);
    expect(notice?.to).toEqual(TO);
    expect(textOf(notice)).toContain(`${ADMIN.name} (`);
    expect(textOf(notice)).toContain(`Recipients  ${TO.join(', ')} -> eve@example.com`);
    const [record] = await there.api.audits.list({ size: 1 });
    expect(record?.action).toBe('mail.notice');
    expect(JSON.parse(record?.info ?? '')).toMatchObject({ details: { recipients: 2, reached: 2 } });
  });

  test('are told when digests are not mailed any longer, and not when nothing of it changes', async () => {
    const there = await world();
    await there.api.platform.configure({ mail_period_hours: 24, mail_to: TO.toReversed() });
    expect(there.server.mails).toEqual([]);
    await there.api.platform.configure({ smtp_host: null, smtp_user: null });
    expect(textOf((await there.server.mailed(1))[0])).toContain('Digests are not mailed any longer.');
  });

  test('can be changed also while the former server is gone', async () => {
    const there = await world();
    await there.server.kill();
    await there.api.platform.configure({ mail_to: ['eve@example.com'] });
    expect((await there.api.platform.settings()).mail_to).toEqual(['eve@example.com']);
    const [record] = await there.api.audits.list({ size: 1 });
    expect(record?.action).toBe('mail.notice');
    expect(JSON.parse(record?.info ?? '')).toMatchObject({ details: { recipients: 2, reached: 0 } });
  });
});

describe('digests of a socs space', () => {
  test('tell of the whole platform what concerns every space, to administrators only', async () => {
    const there = await world();
    await there.api.platform.configure({ redact_exceptions: ['DB_PASSWORD'] });
    await there.api.tokens.create({ name: 'ci', role: 'user', spaces: ['vault'] });
    await there.api.pipelines.create({ name: 'ladder' });
    await there.api.spaces.create({ name: 'zebra', compliance: [] });
    there.later(7 * DAY);
    await there.look();
    const told = textOf((await there.server.mailed(1))[0]);
    for (const action of ['platform.configure', 'token.create', 'pipeline.create'])
      expect(told).toContain(action);
    expect(told).toContain('DB_PASSWORD');
    expect(told).not.toContain('zebra');
    const { text } = await there.user.digests.get({ space: 'vault', since: START });
    expect(text).toContain('space.create');
    expect(text).not.toMatch(/platform\.configure|token\.create/);
  });

  test('come once a period, each from where the one before ended', async () => {
    const there = await world();
    await there.look();
    there.later(7 * DAY - 1);
    await there.look();
    expect(there.server.mails).toEqual([]);
    there.later(1);
    await there.look();
    await there.look();
    expect(there.server.mails).toHaveLength(1);
    await there.api.apps.create({ name: 'web', space: 'vault' });
    there.later(7 * DAY);
    await there.look();
    const texts = (await there.server.mailed(2)).map(({ source }) => bodyOf(readMail(source), 'text/plain'));
    expect(texts[0]).toMatch(/space\.create/);
    expect(texts[0]).toMatch(/From 2026-11-02 09:00 to 2026-11-09 09:00 UTC/);
    expect(texts[1]).toMatch(/app\.create/);
    expect(texts[1]).not.toMatch(/space\.create/);
    expect(texts[1]).toMatch(/From 2026-11-09 09:00 to 2026-11-16 09:00 UTC/);
    expect(new Set(there.server.mails.map(idOf)).size).toBe(2);
  });

  test('come once for all the time that nobody mailed any', async () => {
    const there = await world();
    there.later(52 * 7 * DAY);
    await there.look();
    expect(there.server.mails).toHaveLength(1);
    expect(readMail(there.server.mails[0]?.source ?? '').headers.subject).toMatch(/2026-11-02 to 2027-11-01/);
  });

  test('are of socs spaces only, one a space', async () => {
    const there = await world();
    await there.api.spaces.create({ name: 'shop', compliance: ['prod'] });
    await there.api.spaces.create({ name: 'bank', compliance: ['socs', 'internal'] });
    there.later(7 * DAY);
    await there.look();
    const subjects = there.server.mails.map(({ source }) => readMail(source).headers.subject ?? '');
    expect(subjects.map((subject) => /space (\w+)/.exec(subject)?.[1]).sort()).toEqual(['bank', 'vault']);
  });

  test('of very many spaces at once let others have their turn', async () => {
    const there = await world();
    for (const name of ['bank', 'safe']) await there.api.spaces.create({ name, compliance: ['socs'] });
    there.later(7 * DAY);
    const making = makeDueDigests(there.session);
    const waiting: number[] = [];
    for (; waiting.at(-1) !== 3; await turn()) waiting.push(outboxOf(there).waiting);
    expect(waiting).toEqual(expect.arrayContaining([1, 2]));
    expect(await making).toBe(3);
  });

  test('wait while mail is not set, and then tell all', async () => {
    const there = await world();
    await there.api.platform.configure({ smtp_host: null, smtp_user: null });
    expect((await there.api.spaces.get({ space: 'vault' })).digests).toMatchObject({ mailed: false });
    there.later(30 * DAY);
    await there.look();
    await there.api.platform.configure(await settingsFor(there.server));
    await there.look();
    const [notice, digest, ...more] = await there.server.mailed(2);
    expect(textOf(notice)).toMatch(/not mailed any longer/);
    expect(textOf(digest)).toMatch(/space\.create/);
    expect(more).toEqual([]);
  });

  test('come a last time when the space is destroyed, and tell that', async () => {
    const there = await world();
    await there.api.spaces.destroy({ space: 'vault' });
    await there.look();
    expect(there.server.mails).toHaveLength(1);
    there.later(70 * DAY);
    await there.look();
    expect(there.server.mails).toHaveLength(1);
    const text = bodyOf(readMail(there.server.mails[0]?.source ?? ''), 'text/plain');
    expect(text).toMatch(/space\.destroy/);
  });

  test('have nothing of an earlier space of the same name', async () => {
    const there = await world();
    await there.api.apps.create({ name: 'old', space: 'vault' });
    await there.api.apps.destroy({ app: 'old-vault' });
    await there.api.spaces.destroy({ space: 'vault' });
    await there.api.spaces.create({ name: 'vault', compliance: ['socs'] });
    const { text } = await there.api.digests.get({ space: 'vault' });
    expect(text).toMatch(/space\.create/);
    expect(text).not.toMatch(/app\.create/);
  });

  test('are recorded when they are made and when they are taken', async () => {
    const there = await world();
    there.later(7 * DAY);
    await there.look();
    const records = (await there.recorded()).slice(1);
    expect(records.map(({ action, username }) => [action, username])).toEqual([
      ['digest.send', 'aka'],
      ['digest.deliver', 'aka'],
    ]);
    const { details } = JSON.parse(records[1]?.info ?? '') as { details: object };
    expect(details).toEqual({
      message_id: idOf(there.server.mails[0] as Mail)?.slice(1, -1),
      recipients: 2,
      attempts: 1,
    });
  });

  test('have the same id when they are made again of the same, as after a restore', async () => {
    const there = await world();
    there.later(7 * DAY);
    const { db } = there.session.store;
    const marks = db.all<Record<string, string>>('SELECT since, after FROM digest_marks');
    await there.look();
    db.run('UPDATE digest_marks SET since = ?, after = ?', marks[0]?.since ?? '', marks[0]?.after ?? 0);
    db.run('DELETE FROM digests');
    there.later(DAY);
    await there.look();
    expect(there.server.mails).toHaveLength(2);
    expect(new Set(there.server.mails.map(idOf)).size).toBe(1);
  });

  test('have their records with them, which can be checked against their head', async () => {
    const there = await world();
    await there.api.spaces.create({ name: 'secret-plans' });
    await there.api.apps.create({ name: 'web', space: 'vault' });
    there.later(7 * DAY);
    await there.look();
    const read = readMail(there.server.mails[0]?.source ?? '');
    const head = /Head: ([0-9a-f]{64})/.exec(bodyOf(read, 'text/plain'))?.[1];
    const attached = bodyOf(read, 'application/x-ndjson');
    const verify = (text: string) =>
      verifyExport(
        (async function* () {
          yield Buffer.from(text);
        })(),
        head,
      );
    expect(await verify(attached)).toMatchObject({ ok: true, against: { found: true } });
    expect(await verify(attached.replace('app.create', 'app.update'))).toMatchObject({ ok: false });
    expect(await verify(attached.split('\n').slice(0, -2).join('\n'))).toMatchObject({ ok: false });
    expect(attached).toMatch(/app\.create/);
    expect(attached).not.toMatch(/secret-plans/);
  });
});

describe('what the mail server does not take', () => {
  test('is tried again after pauses that grow, as the same mail', async () => {
    const there = await world({ data: '451 later' });
    there.later(7 * DAY);
    await there.look();
    expect(there.server.connections).toBe(1);
    expect(outboxOf(there)).toMatchObject({ waiting: 1, answer: expect.stringContaining('later') });
    there.later(MINUTE - 1);
    await there.look();
    expect(there.server.connections).toBe(1);
    there.later(1);
    await there.look();
    expect(there.server.connections).toBe(2);
    there.later(MINUTE);
    await there.look();
    expect(there.server.connections).toBe(2);
    await there.server.behave({});
    there.later(MINUTE);
    await there.look();
    expect(there.server.mails).toHaveLength(1);
    expect(outboxOf(there).waiting).toBe(0);
  });

  test('waits at most four hours, however often it was tried', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (attempts) => {
        const pause = pauseAfter(attempts);
        expect(pause).toBeGreaterThanOrEqual(MINUTE);
        expect(pause).toBeLessThanOrEqual(4 * 60 * MINUTE);
        expect(pauseAfter(attempts + 1)).toBeGreaterThanOrEqual(pause);
      }),
    );
  });

  test('is not lost while the server is dead', async () => {
    const there = await world();
    await there.server.kill();
    there.later(7 * DAY);
    await there.look();
    await there.look();
    expect(outboxOf(there)).toMatchObject({ waiting: 1, answer: expect.stringMatching(/ECONNREFUSED/) });
    const again = await MailServer.start({ secure: true, ...LOGIN, port: there.server.port });
    there.later(MINUTE);
    await there.look();
    expect(again.mails).toHaveLength(1);
  });

  test('is sent again if the server died before it said that it took it, under the same id', async () => {
    const there = await world({ die: 'read' });
    there.later(7 * DAY);
    await there.look();
    await there.server.ended();
    const again = await MailServer.start({ secure: true, ...LOGIN, port: there.server.port });
    there.later(MINUTE);
    await there.look();
    expect(again.mails.map(idOf)).toEqual(there.server.mails.map(idOf));
    expect(again.mails.map(({ source }) => readMail(source).parts)).toEqual(
      there.server.mails.map(({ source }) => readMail(source).parts),
    );
  });

  test('reaches the others once where one recipient is refused, who has it when that is mended', async () => {
    const there = await world({ refuse: { 'ann@example.com': '550 no such user' } });
    there.later(7 * DAY);
    await there.look();
    there.later(MINUTE);
    await there.look();
    expect(there.server.mails.map(({ to }) => to)).toEqual([['bob@example.com']]);
    expect((await there.api.spaces.get({ space: 'vault' })).digests).toMatchObject({
      waiting: 1,
      answer: expect.stringContaining('no such user'),
    });
    await there.server.behave({});
    there.later(2 * MINUTE);
    await there.look();
    expect(there.server.mails.map(({ to }) => to)).toEqual([['bob@example.com'], ['ann@example.com']]);
    expect(new Set(there.server.mails.map(idOf)).size).toBe(1);
    expect(outboxOf(there).waiting).toBe(0);
  });

  test('is done with when who was refused is an administrator no more', async () => {
    const there = await world({ refuse: { 'ann@example.com': '550 no such user' } });
    there.later(7 * DAY);
    await there.look();
    await there.api.platform.configure({ mail_to: ['bob@example.com'] });
    await there.look();
    const subjects = there.server.mails.map(({ source }) => readMail(source).headers.subject ?? '');
    expect(subjects.filter((subject) => subject.includes('space vault'))).toHaveLength(1);
    expect(outboxOf(there).waiting).toBe(0);
  });

  test('is tried at once when settings of mail change, and a digest that is refused keeps no other', async () => {
    const there = await world({ data: '554 never' });
    await there.api.spaces.create({ name: 'bank', compliance: ['socs'] });
    there.later(7 * DAY);
    await there.look();
    expect(there.server.connections).toBe(2);
    for (let n = 0; n < 4; n += 1) {
      there.later(DAY);
      await there.look();
    }
    await there.server.behave({});
    await there.look();
    expect(there.server.mails).toEqual([]);
    await there.api.platform.configure({ mail_period_hours: 24 * 14 });
    await there.look();
    expect(there.server.mails).toHaveLength(2);
  });

  test('is mailed by one process at a time', async () => {
    const there = await world();
    there.later(7 * DAY);
    await makeDueDigests(there.session);
    await Promise.all(Array.from({ length: 4 }, () => deliver(there.session, POST)));
    expect(there.server.mails).toHaveLength(1);
  });
});

describe('a clock that was years ahead, and is set right again', () => {
  const AHEAD = 4 * 365 * DAY;

  test('keeps no digest in the outbox for years', async () => {
    const there = await world({ data: '451 later' });
    there.later(AHEAD);
    await there.look();
    expect(outboxOf(there).waiting).toBe(1);
    there.later(-AHEAD);
    await there.server.behave({});
    await there.look();
    // The one that waited, and one of what was recorded since.
    expect(new Set(there.server.mails.map(idOf)).size).toBe(2);
    expect(outboxOf(there).waiting).toBe(0);
  });

  test('loses nothing of a process that was killed meanwhile', async () => {
    const there = await world();
    there.later(AHEAD);
    await runMailer(there.folders, there.now(), 'before mailing');
    there.later(-AHEAD);
    await there.look();
    expect(new Set(there.server.mails.map(idOf)).size).toBe(2);
    expect(outboxOf(there).waiting).toBe(0);
  });

  test('has the next digest come a period later, and tell all that happened', async () => {
    const there = await world();
    there.later(AHEAD);
    await there.look();
    await there.api.apps.create({ name: 'web', space: 'vault' });
    there.later(-AHEAD);
    await there.api.apps.create({ name: 'api', space: 'vault' });
    await there.look();
    await there.look();
    expect(there.server.mails).toHaveLength(2);
    expect(bodyOf(readMail(there.server.mails[1]?.source ?? ''), 'text/plain')).toMatch(/web[^]*api/);
    there.later(7 * DAY - 1);
    await there.look();
    expect(there.server.mails).toHaveLength(2);
    there.later(1);
    await there.look();
    expect(there.server.mails).toHaveLength(3);
    expect(new Set(there.server.mails.map(idOf)).size).toBe(3);
  });
});

describe('a daemon that is killed', () => {
  test.each(['before making', 'after making', 'before mailing', 'after mailing', 'after all'])(
    '%s loses no digest, and makes none twice',
    async (step) => {
      const there = await world();
      there.later(7 * DAY);
      await runMailer(there.folders, there.now(), step);
      // Longer than a process that died could have been at it.
      there.later(10 * MINUTE);
      await runMailer(there.folders, there.now());
      const ids = there.server.mails.map(idOf);
      expect(ids).toHaveLength(step === 'after mailing' ? 2 : 1);
      expect(new Set(ids).size).toBe(1);
      expect(outboxOf(there).waiting).toBe(0);
      const actions = (await there.recorded()).map(({ action }) => action);
      expect(actions).toEqual(['space.create', 'digest.send', 'digest.deliver']);
      expect(await there.api.audits.verify()).toMatchObject({ ok: true });
    },
  );
});

describe('a digest that somebody asks for', () => {
  test('is mailed at once, and the next one begins after it', async () => {
    const there = await world();
    there.later(DAY);
    const sent = await there.api.digests.send({ space: 'vault' });
    expect(sent).toMatchObject({ state: 'sent', reached: 2, recipients: 2, attempts: 1, next_at: null });
    expect(idOf(there.server.mails[0] as Mail)).toBe(`<${sent.message_id}>`);
    there.later(7 * DAY - 1);
    await there.look();
    expect(there.server.mails).toHaveLength(1);
    there.later(1);
    await there.look();
    expect(there.server.mails).toHaveLength(2);
    expect(bodyOf(readMail(there.server.mails[1]?.source ?? ''), 'text/plain')).not.toMatch(/space\.create/);
  });

  test('is one besides where it says since when', async () => {
    const there = await world();
    there.later(5 * DAY);
    await there.api.apps.create({ name: 'web', space: 'vault' });
    await there.api.digests.send({ space: 'vault', since: '2d' });
    const [first] = there.server.mails;
    expect(bodyOf(readMail(first?.source ?? ''), 'text/plain')).not.toMatch(/space\.create/);
    there.later(2 * DAY);
    await there.look();
    expect(bodyOf(readMail(there.server.mails[1]?.source ?? ''), 'text/plain')).toMatch(/space\.create/);
  });

  test('is made once for a repeated request', async () => {
    const there = await world();
    const options = { idempotencyKey: 'one' };
    const first = await there.api.digests.send({ space: 'vault' }, options);
    await turn();
    expect(await there.api.digests.send({ space: 'vault' }, options)).toEqual(first);
    expect(there.server.mails).toHaveLength(1);
  });

  test('waits in the outbox if the server does not take it', async () => {
    const there = await world({ data: '451 later' });
    expect(await there.api.digests.send({ space: 'vault' })).toMatchObject({
      state: 'waiting',
      reached: 0,
      attempts: 1,
      answer: expect.stringContaining('later'),
    });
    await there.server.behave({});
    there.later(MINUTE);
    await there.look();
    expect(there.server.mails).toHaveLength(1);
  });

  test('is for administrators to have mailed, and of no space that is not socs', async () => {
    const there = await world();
    await there.api.spaces.create({ name: 'shop' });
    expect(await refusal(there.user.digests.send({ space: 'vault' }))).toMatchObject({ status: 403 });
    expect(await refusal(there.api.digests.get({ space: 'shop' }))).toMatchObject({ id: 'not_socs' });
    expect(await refusal(there.api.digests.get({ space: 'vault', since: '2030-01-01' }))).toMatchObject({
      status: 422,
    });
    expect(there.server.connections).toBe(0);
  });
});

describe('the password of the mail server', () => {
  test('survives a rotation of the key, and is in no file', async () => {
    const there = await world();
    expect(rotateKey(there.session)).toMatchObject({ settings: 1 });
    expect(await there.api.platform.testMail()).toMatchObject({ ok: true, reached: TO });
    const rows = there.session.store.db.all<{ v: Uint8Array }>('SELECT value AS v FROM sealed_settings');
    expect(Buffer.from(rows[0]?.v ?? []).includes(LOGIN.password)).toBe(false);
    expect(JSON.stringify(await there.api.platform.settings())).not.toContain(LOGIN.password);
    expect(JSON.stringify(await there.api.audits.list({ size: 100 }))).not.toContain(LOGIN.password);
  });

  test.each([
    [{ smtp_host: '127.0.0.1' }],
    [{ smtp_port: 2525 }],
    [{ smtp_user: 'other' }],
    [{ smtp_ca: null }],
    [{ smtp_tls: 'starttls' as const }],
  ])('is not sent elsewhere by a change to %j', async (change) => {
    const there = await world();
    expect(await refusal(there.api.platform.configure(change))).toMatchObject({ id: 'smtp_password_needed' });
    const { smtp_password: password } = await there.api.platform.configure({ ...change, smtp_password: 'x' });
    expect(password).toBe('set');
  });

  test('goes with its user', async () => {
    const there = await world();
    expect(await there.api.platform.configure({ smtp_user: null })).toMatchObject({ smtp_password: 'unset' });
    expect(await refusal(there.api.platform.configure({ smtp_password: 'x' }))).toMatchObject({
      status: 422,
    });
  });
});
