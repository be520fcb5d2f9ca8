import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Credentials } from '../../../src/client/credentials.js';
import { httpApi } from '../../../src/client/http-api.js';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { operations, pathMembers } from '../../../src/contract/endpoints.js';
import { logReads } from '../../../src/contract/streams.js';
import { refused } from '../../contract/suite/answers.js';
import { startServer, type TestServer } from './serving.js';

const app = 'web-vault';
const report = { app, build: '1', context: `app/${app}`, state: 'success' } as const;

let server: TestServer;
let api: AppsApi;
beforeAll(async () => {
  server = await startServer();
  await server.api.spaces.create({ name: 'vault', compliance: ['socs'] });
  for (const name of ['web', 'api']) await server.api.apps.create({ name, space: 'vault' });
  const { checksum } = await server.api.sources.upload(Readable.from([Buffer.from('a source')]));
  const commit = { repo: 'https://github.com/acme/shop', sha: 'a'.repeat(40) };
  for (const name of [app, 'api-vault']) {
    await server.as('bob').builds.create({ app: name, checksum, ...commit });
  }
  const { secret = '' } = await server.api.checks.add({
    context: report.context,
    kind: 'token',
    name: 'scanner',
  });
  const { host, port } = server.tcp;
  api = httpApi({ url: `http://${host}:${port}`, credentials: Credentials.bearer(secret) });
});
afterAll(async () => {
  await api.close();
  await server.close();
});

test('the token of a reporter opens nothing but the report of its check', async () => {
  const given: Record<string, unknown> = {
    space: 'vault',
    app,
    build: '1',
    type: 'web',
    dyno: 'web.1',
    port: '80',
    vars: {},
  };
  const refusal = { id: 'reports_only', status: 403 };
  for (const { name, endpoint, of } of operations) {
    // Who they are they may be told.
    if (name === 'builds.report' || name === 'account.get') continue;
    const members = [...pathMembers(endpoint), ...(endpoint.body === undefined ? [] : [endpoint.body])];
    const named = members.map((member) => [member, given[member] ?? 'x']);
    const error = await refused(of(api)(Object.fromEntries(named) as Record<string, unknown>));
    expect({ name, ...error }).toMatchObject({ name, ...refusal });
    const [record] = await server.api.audits.list({ size: 1 });
    expect(record).toMatchObject({ action: 'access.refuse', username: 'scanner', outcome: 'refused' });
    expect(JSON.parse(record?.info ?? '{}')).toMatchObject({ details: { look: name, id: 'reports_only' } });
    if (members.includes('app')) expect(record).toMatchObject({ app: 'web', space: 'vault' });
  }
  for (const { of } of logReads) {
    const read = async (): Promise<unknown> => of(api)({ app, space: 'vault', build: '1' });
    expect(await refused(read())).toMatchObject(refusal);
  }
  expect(await refused(api.sources.upload(Readable.from([Buffer.from('x')])))).toMatchObject({
    id: 'reports_only',
  });
});

test('it tells who has it', async () => {
  expect(await api.account.get()).toMatchObject({ name: 'scanner', elevated_access: false });
});

test('it reports of its check, under its name, and hears of no other build', async () => {
  for (const other of [
    { ...report, app: 'api-vault', context: 'app/api-vault' },
    { ...report, app: 'api-vault' },
    { ...report, context: 'source/github.com/acme/shop' },
    { ...report, app: 'nope-nowhere' },
    { ...report, build: '7' },
  ]) {
    expect(await refused(api.builds.report(other))).toMatchObject({ id: 'not_your_check', status: 403 });
  }
  expect(await api.builds.report(report)).toMatchObject({ by: 'scanner', passed: true });
  const [record] = await server.api.audits.list({ space: 'vault', size: 1 });
  expect(record).toMatchObject({ action: 'build.status', username: 'scanner', outcome: 'done' });
});

test('it opens nothing once it is removed', async () => {
  await server.api.checks.remove({ reporter: 'scanner' });
  expect(await refused(api.builds.report(report))).toMatchObject({ id: 'unauthorized', status: 401 });
});
