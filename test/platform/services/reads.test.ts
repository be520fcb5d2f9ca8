import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { operations } from '../../../src/contract/endpoints.js';
import { logReads } from '../../../src/contract/streams.js';
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
  await ground(admin, (app) => temporary.built(app));
});
afterAll(() => temporary.remove());

/** What members of a path are, so that nothing but the space stands against it. */
const THERE: Readonly<Record<string, string>> = {
  space: 'shop',
  app: 'web-shop',
  type: 'worker',
  build: '1',
  release: '1',
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
      action: 'platform.read',
      outcome: 'refused',
      username: 'stella',
      space: 'shop',
      app: members.includes('app') ? 'web' : null,
    });
    expect(JSON.parse(event?.info ?? '')).toMatchObject({
      role: 'user',
      origin: 'tcp 192.0.2.7',
      details: { operation: name, id, reason: message },
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
