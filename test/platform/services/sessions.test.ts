import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AppName } from '../../../src/model/names.js';
import type { Caller } from '../../../src/platform/caller.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import type { Platform } from '../../../src/platform/platform.js';
import type { Session } from '../../../src/platform/services/session.js';
import {
  nextSecret,
  openSession,
  openSessionNamed,
  sessionBySecret,
} from '../../../src/platform/services/sessions.js';
import { ADMIN, temporaryFolders } from '../store/temporary.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let time: number;
let platform: Platform;
let session: Session;
beforeEach(() => {
  time = Date.parse('2026-11-01T09:00:00Z');
  platform = openPlatform({ ...temporaryFolders(), now: () => new Date(time) });
  session = platform.session(ADMIN);
});
afterEach(() => platform.close());

const by = (caller: Caller = ADMIN) => openSession(platform.session(caller));
const opens = (secret: string) => sessionBySecret(session, secret) !== undefined;

test('a session ends after 12 hours, whatever it is used for', () => {
  const { secret } = by();
  time += 12 * HOUR - 1;
  expect(opens(secret)).toBe(true);
  time += 1;
  expect(opens(secret)).toBe(false);
});

test('a browser gets another secret every hour, and the one before ends once it has sent that', () => {
  const { opened, secret } = by();
  time += HOUR - 1;
  expect(nextSecret(session, opened)).toBeUndefined();
  time += 1;
  const next = nextSecret(session, opened) ?? '';
  expect(next).toMatch(/^[\w-]{43}$/);
  // One of several requests gets it.
  expect(nextSecret(session, opened)).toBeUndefined();
  // An answer that is lost logs nobody out.
  time += 30 * MINUTE;
  expect([opens(secret), opens(next)]).toEqual([true, true]);
  time += MINUTE - 1;
  expect(opens(secret)).toBe(true);
  time += 1;
  expect([opens(secret), opens(next)]).toEqual([false, true]);
});

test('the session of a token ends when that expires', async () => {
  await platform.as(ADMIN).tokens.create({ name: 'ci', role: 'admin', expires_in: 3600 });
  const { opened, secret } = by({ name: 'ci', role: 'admin', token: 'ci', origin: 'tcp 127.0.0.1' });
  time += HOUR - 1;
  expect(opens(secret)).toBe(true);
  time += 1;
  expect(opens(secret)).toBe(false);
  expect(openSessionNamed(session, opened.name)).toBeUndefined();
  expect((await platform.as(ADMIN).tokens.list()).map(({ kind }) => kind)).toEqual(['token']);
});

test('somebody has so many sessions and codes at once, of which the oldest end', async () => {
  const sessions = [];
  for (let n = 0; n < 21; n++) {
    time += 1;
    sessions.push(by());
    await platform.as(ADMIN).console.createCode();
  }
  expect(sessions.map(({ secret }) => opens(secret))).toEqual([false, ...Array(20).fill(true)]);
  expect(session.store.sessions.codes(new Date(time).toISOString())).toHaveLength(20);
});

test('a login link is of the host of the console, with its code behind the path', async () => {
  const { code, url, expires_at } = await platform.as(ADMIN).console.createCode();
  expect(url).toBe(`https://console.local.localhost:8443/console/#login=${code}`);
  expect(Date.parse(expires_at) - time).toBe(MINUTE);
});

test('there is no code where an app of earlier times has the domain of the console', async () => {
  await platform.as(ADMIN).apps.create({ name: 'web', space: 'default' });
  const { apps, db } = session.store;
  const web = apps.byName('web', 'default');
  if (web === undefined) throw new Error('It was not created.');
  db.transaction(() =>
    apps.insert({ ...web, id: 'console', name: 'console' as AppName, address: web.address + 1 }),
  );
  await expect(platform.as(ADMIN).console.createCode()).rejects.toMatchObject({
    id: 'console_host_taken',
    status: 409,
  });
});
