import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { operations } from '../../../src/contract/endpoints.js';
import type { AppsApiError } from '../../../src/contract/errors.js';
import { logReads } from '../../../src/contract/streams.js';
import type { Caller } from '../../../src/platform/caller.js';
import { reading } from '../../../src/platform/services/reads.js';
import { spaceOf } from '../../../src/platform/services/spaces.js';
import { temporaryPlatform } from '../../contract/platforms.js';
import { ground } from '../../contract/suite/changes.js';
import { refusal } from '../store/temporary.js';

const STRANGER = { name: 'stella', role: 'user', spaces: ['other'], origin: 'tcp 192.0.2.7' } as const;

let temporary: ReturnType<typeof temporaryPlatform>;
let admin: AppsApi;
let stranger: AppsApi;
beforeAll(async () => {
  temporary = temporaryPlatform();
  admin = temporary.platform.as({ name: 'ann', role: 'admin', origin: 'cli' });
  stranger = temporary.platform.as(STRANGER);
  const user = temporary.platform.as({ name: 'ursula', role: 'user', origin: 'cli' });
  await ground(admin, user, (app) => temporary.built(app));
});
afterAll(() => temporary.remove());

/** What members of a path are, so that nothing but the space stands against it. */
const THERE: Readonly<Record<string, string>> = {
  space: 'shop',
  app: 'web-shop',
  type: 'worker',
  build: '1',
  release: '1',
  addon: 'map',
  attachment: 'map',
  feature: 'http2',
  hook: '1',
  result: '1',
  status: '1',
};

type Read = (api: AppsApi) => (input: Record<string, string>) => Promise<unknown>;

const reads = [
  ...operations
    .filter(({ endpoint }) => endpoint.method === 'GET')
    .map(({ name, endpoint, of }) => ({ name, path: endpoint.path, of: of as Read })),
  ...logReads.map(({ verb, endpoint, of }) => ({
    name: `logs.${verb}`,
    path: endpoint.path,
    of: of as unknown as Read,
  })),
  { name: 'audits.export', path: '/{space}', of: ((api) => (input) => api.audits.export(input)) as Read },
].flatMap(({ name, path, of }) => {
  const members = [...path.matchAll(/\{(\w+)\}/g)].map(([, member = '']) => member);
  const isOfSpace = members.includes('space') || members.includes('app');
  return isOfSpace ? [{ name, members, of }] : [];
});

test.each(reads)(
  '$name of a space that somebody may not use is refused, and recorded',
  async ({ name, members, of }) => {
    const input = Object.fromEntries(members.map((member) => [member, THERE[member] ?? '']));
    const { id, status, message } = await refusal(of(stranger)(input));
    expect(status).toBe(403);
    const [event] = await admin.audits.list({ size: 1 });
    expect(event).toMatchObject({
      action: 'access.refuse',
      outcome: 'refused',
      username: 'stella',
      space: 'shop',
      app: members.includes('app') ? 'web' : null,
    });
    expect(JSON.parse(event?.info ?? '')).toMatchObject({
      role: 'user',
      origin: 'tcp 192.0.2.7',
      details: { look: name, id, reason: message },
    });
  },
);

test('what is read, or is not there, leaves no record', async () => {
  const { records } = await admin.audits.verify();
  await admin.spaces.get({ space: 'shop' });
  await admin.apps.get({ app: 'web-shop' });
  await refusal(admin.spaces.get({ space: 'nowhere' }));
  expect((await admin.audits.verify()).records).toBe(records);
});

test('who is refused again and again fills no log, nor keeps others from anything', async () => {
  let time = Date.parse('2030-01-01T00:00:00Z');
  const { store } = temporary.platform.session(STRANGER);
  const as = (caller: Caller) => async (): Promise<AppsApiError> => {
    const session = { store, caller, now: () => new Date(time) };
    return refusal(reading(session, 'spaces.get', {}, () => spaceOf(session, 'shop')));
  };
  const flood = as({ ...STRANGER, name: 'flood' });
  const recorded = (): number => store.audit.number();
  const before = recorded();
  const ids = new Map<string, number>();
  for (let n = 0; n < 400; n++) {
    const { id } = await flood();
    ids.set(id, (ids.get(id) ?? 0) + 1);
  }
  expect([...ids]).toEqual([
    ['not_your_space', 300],
    ['too_many_refusals', 100],
  ]);
  expect(recorded()).toBe(before + 300);
  expect((await as({ ...STRANGER, name: 'other' })()).id).toBe('not_your_space');
  // Whoever asks for what they may is answered.
  expect(await temporary.platform.as({ ...STRANGER, name: 'flood' }).account.get()).toMatchObject({
    name: 'flood',
  });
  time += 5_999;
  expect(await flood()).toMatchObject({ id: 'too_many_refusals', status: 429 });
  time += 1;
  expect((await flood()).id).toBe('not_your_space');
  expect(JSON.parse(store.audit.last()?.record ?? '')).toMatchObject({ details: { unrecorded: 101 } });
  expect((await flood()).id).toBe('too_many_refusals');
});
