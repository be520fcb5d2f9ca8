import { afterEach, describe, expect, test } from '@jest/globals';
import { tryDigests } from '../../../src/platform/check/digests.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import type { Platform } from '../../../src/platform/platform.js';
import { makeDueDigests } from '../../../src/platform/services/digests.js';
import { deliver } from '../../../src/platform/services/outbox.js';
import { spaceFor } from '../../../src/platform/services/spaces.js';
import { ADMIN, temporaryFolders } from '../store/temporary.js';

const HOUR = 60 * 60 * 1000;

let platform: Platform;
let now = new Date('2026-11-02T09:00:00Z');
const open = async (): Promise<void> => {
  platform = openPlatform({ ...temporaryFolders(), now: () => now });
  const api = platform.as(ADMIN);
  await api.spaces.create({ name: 'vault', compliance: ['socs'] });
  await api.spaces.create({ name: 'shop', compliance: ['prod'] });
};
afterEach(() => platform.close());

const configure = () =>
  platform.as(ADMIN).platform.configure({
    smtp_host: 'mail.example.com',
    mail_from: 'aka@example.com',
    mail_to: ['ann@example.com'],
  });
const later = (ms: number): void => {
  now = new Date(now.getTime() + ms);
};
const check = (space = 'vault') => {
  const session = platform.session(ADMIN);
  return tryDigests(session, spaceFor(session.store, space))[0];
};

describe('that digests reach administrators', () => {
  test('is promised for socs spaces only', async () => {
    await open();
    expect(check('shop')).toBeUndefined();
  });

  test('fails while mail is not set, with the command that mends it', async () => {
    await open();
    expect(check()).toMatchObject({
      state: 'failed',
      hint: 'aka platform:configure --smtp-host HOST --mail-from ADDRESS --mail-to ADDRESS',
    });
    await configure();
    expect(check()).toMatchObject({
      state: 'ok',
      evidence: expect.stringMatching(/^every 7 days to 1 address, first at /),
    });
  });

  test('fails when one could not be mailed for a day, without what the mail server said, which may name addresses', async () => {
    await open();
    await configure();
    later(7 * 24 * HOUR);
    const session = platform.session(ADMIN);
    await makeDueDigests(session);
    await deliver(session, async () => ({ reached: [], answered: true, answer: '451 later' }));
    later(24 * HOUR);
    expect(check()).toMatchObject({ state: 'ok' });
    later(1);
    expect(check()).toMatchObject({
      state: 'failed',
      evidence: expect.stringMatching(/^1 in the outbox since \S+$/),
      hint: 'aka platform:configure --smtp-test',
    });
    await deliver(session, async (_, __, to) => ({ reached: to, answered: true, answer: '250 ok' }));
    expect(check()).toMatchObject({ state: 'ok', evidence: expect.stringMatching(/last at /) });
  });

  test('fails when nobody made one for a day', async () => {
    await open();
    await configure();
    later(8 * 24 * HOUR + 1);
    expect(check()).toMatchObject({ state: 'failed', evidence: expect.stringMatching(/was not made$/) });
  });
});
