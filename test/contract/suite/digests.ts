import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

/** A mail server that is not there, on a port that nothing listens on. */
const MAIL = {
  smtp_host: '127.0.0.1',
  smtp_port: 1,
  smtp_tls: 'none',
  mail_from: 'aka@example.com',
  mail_to: ['ann@example.com'],
} as const;

export function digestsSuite(given: Given): void {
  const configure = () => given.api.platform.configure({ ...MAIL, mail_to: [...MAIL.mail_to] });
  const vault = () => given.spaceWith(['web'], { name: 'vault', compliance: ['socs'] });

  describe('digests', () => {
    test('tell of every change and every refusal in the space, and of no other', async () => {
      await vault();
      await given.spaceWith(['api']);
      await refused(given.user.apps.destroy({ app: 'web-vault' }));
      const digest = await given.user.digests.get({ space: 'vault' });
      const verdict = await given.api.audits.verify();
      expect(digest).toMatchObject({
        space: 'vault',
        records: 3,
        counts: [
          { action: 'app.create', done: 1, refused: 0 },
          { action: 'app.destroy', done: 0, refused: 1 },
          { action: 'space.create', done: 1, refused: 0 },
        ],
        chain: { records: verdict.records, head: verdict.head },
        refusals: { entries: [{ app: 'web', username: 'ursula', action: 'app.destroy' }], more: 0 },
      });
      expect(digest.changes.entries.map(({ action }) => action)).toEqual(['space.create', 'app.create']);
      for (const said of [digest.text, digest.html]) {
        expect(said).toContain('only administrators delete');
        expect(said).toContain(verdict.head);
        expect(said).not.toContain('shop');
      }
    });

    test('begin where they are asked to', async () => {
      await vault();
      const { records } = await given.api.digests.get({ space: 'vault', since: '2000-01-01' });
      // With the making of the platform, which is of no space.
      expect(records).toBe(3);
      for (const since of ['yesterday', '2999-01-01']) {
        expect(await refused(given.api.digests.get({ space: 'vault', since }))).toMatchObject({
          status: 422,
        });
      }
    });

    test('are of socs spaces', async () => {
      await given.spaceWith([]);
      expect(await refused(given.api.digests.get({ space: 'shop' }))).toMatchObject({
        id: 'not_socs',
        status: 409,
      });
    });

    test('are mailed by administrators, where mail is set', async () => {
      await vault();
      const before = await given.records();
      expect(await refused(given.api.digests.send({ space: 'vault' }))).toMatchObject({
        id: 'mail_not_set',
        status: 409,
        hint: expect.stringContaining('aka platform:configure --smtp-host'),
      });
      await configure();
      expect((await refused(given.user.digests.send({ space: 'vault' }))).status).toBe(403);
      expect((await refused(given.user.platform.testMail())).status).toBe(403);
      expect(await given.records()).toBe(before + 4);
    });

    test('are mailed where only administrators are told', async () => {
      await vault();
      await configure();
      await given.api.digests.send({ space: 'vault' });
      const secrets = /ann@example|127\.0\.0\.1:1\b|ECONNREFUSED|aka@example/;
      const guest = await given.guest('guest', ['vault']);
      for (const api of [given.user, guest]) {
        const { smtp_host, mail_to, mail_from, smtp_password } = await api.platform.settings();
        expect([smtp_host, mail_to, mail_from, smtp_password]).toEqual([null, [], null, 'unset']);
        const space = await api.spaces.get({ space: 'vault' });
        expect(space.digests).toMatchObject({ mailed: true, waiting: 1 });
        expect(JSON.stringify([space, await api.audits.list({ space: 'vault' })])).not.toMatch(secrets);
      }
      const { digests } = await given.api.spaces.get({ space: 'vault' });
      expect(digests?.answer).not.toMatch(/administrators/);
      expect(await given.api.platform.settings()).toMatchObject({ mail_to: ['ann@example.com'] });
    });

    test('wait in the outbox while the mail server is not there', async () => {
      await vault();
      await configure();
      const sent = await given.api.digests.send({ space: 'vault' });
      expect(sent).toMatchObject({
        space: 'vault',
        state: 'waiting',
        reached: 0,
        recipients: 1,
        attempts: 1,
        answer: expect.stringContaining('ECONNREFUSED'),
      });
      expect((await given.api.spaces.get({ space: 'vault' })).digests).toMatchObject({
        mailed: true,
        recipients: 1,
        waiting: 1,
        waiting_since: sent.until,
        answer: sent.answer,
      });
      expect(await given.api.platform.testMail()).toMatchObject({
        ok: false,
        server: '127.0.0.1:1',
        reached: [],
        answer: expect.stringContaining('ECONNREFUSED'),
      });
    });
  });

  describe('settings of mail', () => {
    test('are shown, but for the password, and recorded without it', async () => {
      await configure();
      const secret = 'correct-horse-battery';
      const settings = await given.api.platform.configure({ smtp_user: 'aka', smtp_password: secret });
      expect(settings).toMatchObject({ ...MAIL, smtp_user: 'aka', smtp_password: 'set' });
      expect(await given.api.platform.settings()).toEqual(settings);
      const [record] = await given.api.audits.list({ size: 1 });
      expect(JSON.parse(record?.info ?? '')).toMatchObject({
        action: 'platform.configure',
        details: { smtp_user: 'aka', smtp_password: 'set' },
      });
      expect(JSON.stringify([settings, record])).not.toContain(secret);
    });

    test.each([
      [{ mail_from: 'ann@example.com\r\nBcc: eve@example.com' }],
      [{ mail_to: ['ann@example.com, eve@example.com'] }],
      [{ mail_to: ['ann@example.com', 'ann@example.com'] }],
      [{ mail_period_hours: 0 }],
      [{ mail_period_hours: 1000 }],
      [{ smtp_host: 'mail.example.com' }],
      [{ smtp_host: 'two words', smtp_tls: 'implicit' as const }],
      [{ smtp_ca: 'no certificate' }],
      [{ smtp_user: 'aka' }],
      [{ smtp_password: 'without a user' }],
    ])('can not be %j', async (change) => {
      const before = await configure();
      expect((await refused(given.api.platform.configure(change))).status).toBe(422);
      expect(await given.api.platform.settings()).toEqual(before);
    });
  });
}
