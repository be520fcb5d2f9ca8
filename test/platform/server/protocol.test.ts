import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { VERSION } from '../../../src/contract/version.js';
import { printable } from '../../../src/model/rule.js';
import { BODY_BYTES_MAX } from '../../../src/platform/server/body.js';
import { runsWhole } from '../../long-tests.js';
import { startServer, type TestServer } from './serving.js';
import { type Answer, dial, exchange, jsonRequest, parseAnswer, request } from './wire.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.close();
  // None of all this is a defect of the platform.
  expect(server.log).toEqual([]);
});

const send = (bytes: string | Uint8Array): Promise<Answer> => exchange(server.unix, bytes);
const idOf = ({ body }: Answer): unknown => (JSON.parse(body) as { id?: unknown }).id;
const post = (body: string, headers = {}): Promise<Answer> =>
  send(jsonRequest('POST /spaces', body, headers));

describe('every answer', () => {
  test.each([
    ['of success', request('GET /spaces'), 200],
    ['of refusal', request('GET /spaces/nope'), 404],
    ['of no such path', request('GET /nope'), 404],
    ['of no such method', request('PUT /spaces'), 405],
    ['to what is no HTTP', 'HELLO\r\n\r\n', 400],
    ['to a target that is no URL', request('OPTIONS *'), 400],
  ])('%s says what it is, by which version, and that it is not to be kept', async (_, bytes, status) => {
    const answer = await send(bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'aka-version': VERSION,
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(() => JSON.parse(answer.body) as unknown).not.toThrow();
  });
});

describe('a request line of another version', () => {
  test.each([
    ['HTTP/2.0', ''],
    ['HTTP/0.9', ''],
    ['HTTP/1.2', ''],
    ['HTTP/2.0\r\n\r\nSM', ''],
    ['HTTP/2.0', 'Connection: Upgrade\r\nUpgrade: aka-run\r\n'],
  ])('%s is refused with 505 (%j)', async (version, upgrade) => {
    const answer = await send(`POST /apps/a/dynos ${version}\r\nHost: localhost\r\n${upgrade}\r\n`);
    expect([answer.status, idOf(answer)]).toEqual([505, 'version_not_supported']);
  });
});

test('an expectation that nobody meets is refused with 417', async () => {
  const answer = await send(request('GET /spaces', { Expect: 'a' }));
  expect([answer.status, idOf(answer)]).toEqual([417, 'unknown_expectation']);
});

describe('paths and methods', () => {
  test.each([
    ['GET /spaces/', 200],
    ['GET /spaces//', 200],
    ['GET /spaces/default/', 200],
    ['GET /spaces/default/discovery', 200],
    ['GET /spaces/DEFAULT', 200],
    ['GET /spaces/d%65fault', 200],
    ['GET /spaces?limit=1', 200],
    ['GET /spaces/?limit=1', 200],
    ['GET /openapi.json', 200],
  ])('%s is answered with %d', async (line, status) => {
    expect((await send(request(line))).status).toBe(status);
  });

  test.each([
    ['GET /', 404, 'no_such_endpoint'],
    ['GET /SPACES', 404, 'no_such_endpoint'],
    ['GET //spaces', 404, 'no_such_endpoint'],
    ['GET /spaces/default/nope', 404, 'no_such_endpoint'],
    ['GET /spaces/../apps', 404, 'no_such_endpoint'],
    ['GET /v3/spaces', 404, 'no_such_endpoint'],
    ['GET /spaces/..', 404, 'not_found'],
    ['GET /spaces/%2e%2e%2fapps', 404, 'not_found'],
    ['GET /spaces/%00', 404, 'not_found'],
    ['GET /spaces/%zz', 400, 'bad_path'],
    ['GET /spaces/%ff', 400, 'bad_path'],
    ['GET /spaces/%', 400, 'bad_path'],
    ['GET /spaces?stack=%ff', 400, 'bad_path'],
    ['GET http://localhost/spaces', 400, 'bad_path'],
    ['GET /spaces?colour=red', 422, 'invalid_input'],
    ['GET /spaces?limit=1&limit=2', 422, 'invalid_input'],
    ['GET /spaces?__proto__=x', 422, 'invalid_input'],
    ['GET /spaces/default?space=other', 422, 'unexpected_member'],
    ['GET /spaces/default?x', 422, 'invalid_input'],
    ['GET /stacks?stack=local', 422, 'invalid_input'],
    ['PUT /spaces', 405, 'method_not_allowed'],
    ['DELETE /spaces', 405, 'method_not_allowed'],
    ['PURGE /spaces', 405, 'method_not_allowed'],
    ['TRACE /spaces', 405, 'method_not_allowed'],
    ['QUERY /spaces', 405, 'method_not_allowed'],
    ['POST /spaces/default', 405, 'method_not_allowed'],
    ['POST /openapi.json', 405, 'method_not_allowed'],
    ['BREW /spaces', 400, 'bad_request'],
    ['get /spaces', 400, 'bad_request'],
  ])('%s is answered with %d %s', async (line, status, id) => {
    const answer = await send(request(line));
    expect([answer.status, idOf(answer)]).toEqual([status, id]);
  });

  test('a request of the wrong form is told where the forms are, and a call in process is not', async () => {
    expect((await send(request('GET /spaces?colour=red'))).body).toContain('/openapi.json');
    const called = server.api.spaces.list({ limit: 0 });
    await expect(called).rejects.toMatchObject({ id: 'invalid_input', hint: undefined });
  });

  test('a refusal names the member, or the methods there are', async () => {
    expect((await send(request('GET /spaces?colour=red'))).body).toContain('colour');
    expect((await send(request('PUT /spaces'))).headers.allow).toBe('GET, POST, HEAD, OPTIONS');
    expect((await send(request('PURGE /spaces/x'))).headers.allow).toBe('GET, PATCH, DELETE, HEAD, OPTIONS');
    expect((await send(request('GET /apps/x/config-vars/'))).status).toBe(404);
  });

  test('HEAD is answered as GET, without the body', async () => {
    const head = await send(request('HEAD /spaces'));
    expect(head).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect((await send(request('HEAD /spaces/nope'))).status).toBe(404);
  });

  test('OPTIONS tells the methods', async () => {
    expect(await send(request('OPTIONS /spaces'))).toMatchObject({
      status: 204,
      body: '',
      headers: { allow: 'GET, POST, HEAD, OPTIONS' },
    });
    expect((await send(request('OPTIONS /nope'))).status).toBe(404);
  });

  test('the check of the audit log is not taken for an audit record', async () => {
    expect(JSON.parse((await send(request('GET /audits/verify'))).body)).toMatchObject({ ok: true });
    expect(JSON.parse((await send(request('GET /audits'))).body)).toBeInstanceOf(Array);
  });

  test('a page tells where the next one begins, in a header', async () => {
    await server.api.spaces.create({ name: 'paged' });
    const { headers, body } = await send(request('GET /spaces?limit=1'));
    expect(JSON.parse(body)).toHaveLength(1);
    const next = await send(request(`GET /spaces?limit=1&cursor=${headers['next-cursor']}`));
    expect(JSON.parse(next.body)).toMatchObject([{ name: 'paged' }]);
    expect(next.headers).not.toHaveProperty('next-cursor');
  });

  test('creating is answered with 201, all else with 200', async () => {
    expect((await post('{"name":"created"}')).status).toBe(201);
    expect((await send(jsonRequest('PATCH /spaces/created', '{"description":"d"}'))).status).toBe(200);
    expect((await send(request('DELETE /spaces/created'))).status).toBe(200);
  });

  test('requests on one connection are answered in order', async () => {
    const wire = dial(server.unix);
    const first = request('GET /spaces/default').replace('Connection: close\r\n', '');
    wire.write(first + first + request('GET /regions/nope'));
    const text = await wire.ended();
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '200',
      '200',
      '404',
    ]);
  });

  test('a heap of requests on one connection ends it, instead of being kept until somebody reads', async () => {
    const wire = dial(server.unix);
    wire.write(request('GET /spaces/default').replace('Connection: close\r\n', '').repeat(200));
    const text = await wire.ended();
    expect([...text.matchAll(/HTTP\/1\.1 /g)].length).toBeLessThanOrEqual(16);
    expect((await send(request('GET /spaces/default'))).status).toBe(200);
  });
});

const type = (value: string) => ({ 'Content-Type': value });

/** The id of the error that a PATCH with this body is answered with. */
async function patch(body: string): Promise<unknown> {
  const length = String(body.length);
  return idOf(await send(jsonRequest('PATCH /spaces/default', body, { 'Content-Length': length })));
}

describe('bodies', () => {
  test.each([
    '{"name":"twice","compliance":["socs"],"compliance":[]}',
    '{"name":"twice","na\\u006de":"other"}',
  ])('with one member twice are refused, for either could be meant: %s', async (body) => {
    const answer = await post(body);
    expect([answer.status, JSON.parse(answer.body).id]).toEqual([400, 'double_member']);
    expect((await send(request('GET /spaces/twice'))).status).toBe(404);
  });

  test('may have a name in several objects, and as a value', async () => {
    const body = '{"name":"once","description":"\\"name\\": {name, name}","compliance":["socs","socs"]}';
    expect((await post(body)).status).toBe(201);
  });

  test('may have no type, as clients of Akkeris send them', async () => {
    expect((await send(request('POST /spaces', {}, '{"name":"untyped"}'))).status).toBe(201);
  });

  test.each([
    ['of an empty type', request('POST /spaces', type(''), '{"name":"x1"}')],
    ['of plain text', request('POST /spaces', type('text/plain'), '{"name":"x1"}')],
    ['of a form', request('POST /spaces', type('application/x-www-form-urlencoded'), 'name=x1')],
    ['in latin1', request('POST /spaces', type('application/json; charset=iso-8859-1'), '{"name":"x1"}')],
    [
      'of JSON that is compressed',
      jsonRequest('POST /spaces', '{"name":"x1"}', { 'Content-Encoding': 'gzip' }),
    ],
  ])('%s are not supported', async (_, bytes) => {
    const answer = await send(bytes);
    expect([answer.status, idOf(answer)]).toEqual([415, 'unsupported_media_type']);
  });

  test.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['Application/JSON;charset="UTF-8"'],
  ])('of type %s are read', async (value) => {
    const answer = await send(request('POST /spaces', type(value), '{"name":"!"}'));
    expect([answer.status, idOf(answer)]).toEqual([422, 'invalid_space_name']);
  });

  test.each([
    ['', 400, 'empty_body'],
    ['{', 400, 'malformed_json'],
    ['{"name":"x1"}}', 400, 'malformed_json'],
    ["{'name':'x1'}", 400, 'malformed_json'],
    ['NaN', 400, 'malformed_json'],
    ['['.repeat(200_000), 400, 'malformed_json'],
    [`${'['.repeat(200_000)}${']'.repeat(200_000)}`, 422, 'invalid_input'],
    ['null', 422, 'invalid_input'],
    ['[]', 422, 'invalid_input'],
    ['[{"name":"x1"}]', 422, 'invalid_input'],
    ['"x1"', 422, 'invalid_input'],
    ['7', 422, 'invalid_input'],
    ['{}', 422, 'invalid_input'],
    ['{"name":null}', 422, 'invalid_input'],
    ['{"name":"x1","__proto__":{"compliance":["socs"]}}', 422, 'invalid_input'],
    ['{"name":"x1","constructor":1}', 422, 'invalid_input'],
  ])('%.40s on POST are answered with %d %s', async (body, status, id) => {
    const answer = await post(body, { 'Content-Length': String(body.length) });
    expect([answer.status, idOf(answer)]).toEqual([status, id]);
  });

  test('are needed on PATCH too, and may say of what is in the path only the same', async () => {
    expect(await patch('')).toBe('empty_body');
    expect(await patch('null')).toBe('invalid_input');
    expect(await patch('{"space":"other"}')).toBe('unexpected_member');
    expect(await patch('{"space":"default","colour":"red"}')).toBe('invalid_input');
  });

  test('have no query beside them', async () => {
    const answer = await send(jsonRequest('POST /spaces?name=x1', '{}'));
    expect([answer.status, idOf(answer)]).toEqual([422, 'unexpected_member']);
  });

  test('that are not UTF-8 are refused; a byte order mark is not', async () => {
    const head = jsonRequest('POST /spaces', '', { 'Content-Length': '14' });
    expect(
      idOf(await send(Buffer.concat([Buffer.from(head), Buffer.from('{"name":"\xff!"} ', 'latin1')]))),
    ).toBe('malformed_json');
    expect(idOf(await post('\ufeff{"name":"!"}'))).toBe('invalid_space_name');
  });

  test('are never repeated in an error, since they may hold secrets', async () => {
    for (const body of [
      '{"name":"x1","password":"hunter2hunter2"',
      'hunter2hunter2',
      '{"name":["hunter2hunter2"]}',
    ]) {
      expect((await post(body)).body).not.toContain('hunter2');
    }
  });

  test('may have 1 MiB, counted in bytes', async () => {
    const start = '{"name":"x1","description":"';
    const body = (bytes: number) => `${start}${'ü'.repeat((bytes - start.length - 2) / 2)}"}`;
    expect(Buffer.byteLength(body(BODY_BYTES_MAX))).toBe(BODY_BYTES_MAX);
    expect((await post(body(BODY_BYTES_MAX))).status).toBe(422);
    const answer = await post(body(BODY_BYTES_MAX + 2));
    expect([answer.status, idOf(answer)]).toEqual([413, 'body_too_large']);
  });

  test('that are too large are refused also without a length, and before they are whole', async () => {
    const wire = dial(server.unix);
    wire.write(jsonRequest('POST /spaces', '', { 'Transfer-Encoding': 'chunked' }));
    const chunk = `${(65_536).toString(16)}\r\n${' '.repeat(65_536)}\r\n`;
    for (let sent = 0; sent <= BODY_BYTES_MAX; sent += 65_536) wire.write(chunk);
    expect(parseAnswer(await wire.ended()).status).toBe(413);
  });

  test('with a length or chunks that lie are refused', async () => {
    const chunked = { 'Transfer-Encoding': 'chunked' };
    const tooShort = await post('{"name":"x1"}', { 'Content-Length': '5' });
    expect([tooShort.status, idOf(tooShort), tooShort.headers.connection]).toEqual([
      400,
      'malformed_json',
      'close',
    ]);
    expect(idOf(await post('{"name":"x1"}', { ...chunked, 'Content-Length': '13' }))).toBe('bad_request');
    expect(idOf(await post('zz\r\n{"name":"x1"}\r\n0\r\n\r\n', { ...chunked }))).toBe('bad_request');
    const twice = jsonRequest('POST /spaces', '{"name":"x1"}').replace('Host:', 'Content-Length: 1\r\nHost:');
    expect(idOf(await send(twice))).toBe('bad_request');
  });

  test('that are cut off have no effect, and the server goes on', async () => {
    const wire = dial(server.unix);
    wire.write(jsonRequest('POST /spaces', '{"name":"cut"', { 'Content-Length': '14' }));
    wire.socket.end();
    await wire.ended();
    expect((await send(request('GET /spaces/cut'))).status).toBe(404);
  });
});

describe('headers', () => {
  test('of a request before nonsense lead to its answer first', async () => {
    const text = request('GET /spaces/default').replace('Connection: close\r\n', '');
    const wire = dial(server.unix);
    wire.write(`${text}NONSENSE\r\n\r\n`);
    expect(parseAnswer(await wire.ended())).toMatchObject({ status: 200, headers: { connection: 'close' } });
  });

  test('that are too large are refused', async () => {
    const answer = await send(request('GET /spaces', { 'X-Large': 'x'.repeat(20_000) }));
    expect([answer.status, idOf(answer)]).toEqual([431, 'headers_too_large']);
  });

  test('must name a host', async () => {
    const answer = await send('GET /spaces HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect([answer.status, idOf(answer)]).toEqual([400, 'bad_request']);
  });

  test('hand an idempotency key to POST, and to nothing else', async () => {
    const key = { 'Idempotency-Key': 'one' };
    const first = await post('{"name":"keyed"}', key);
    expect(await post('{"name":"keyed"}', key)).toMatchObject({ status: 201, body: first.body });
    expect(idOf(await post('{"name":"other"}', key))).toBe('idempotency_key_reused');
    expect((await send(jsonRequest('PATCH /spaces/keyed', '{"description":"d"}', key))).status).toBe(200);
  });
});

test('nothing that is sent makes it fail, hang, or answer with control characters', async () => {
  const methods = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS');
  const word = fc.oneof(
    fc.constantFrom(
      'spaces',
      'apps',
      'config-vars',
      'audits',
      'default',
      'discovery',
      '..',
      '%00',
      '?',
      'limit=0',
      '\u001b[2J',
    ),
    fc.string(),
    fc.string({ unit: 'binary' }),
  );
  const paths = fc
    .array(word, { maxLength: 4 })
    .map((words) => `/${words.map((each) => encodeURI(Buffer.from(each).toString())).join('/')}`);
  const bodies = fc.oneof(
    fc.json(),
    fc.json().map((json) => `{"name":${json}}`),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(methods, paths, bodies, async (method, path, body) => {
      const length = String(Buffer.byteLength(body));
      const answer = await send(jsonRequest(`${method} ${path}`, body, { 'Content-Length': length }));
      expect(answer.status).toBeLessThan(500);
      if (answer.status < 400 || method === 'HEAD') return;
      const { message } = JSON.parse(answer.body) as { message: string };
      expect(printable(message)).toBe(message);
    }),
    { numRuns: runsWhole('fuzz') ? 20_000 : 400 },
  );
}, 300_000);
