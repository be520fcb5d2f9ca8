import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { Credentials } from '../../src/client/credentials.js';
import { httpApi } from '../../src/client/http-api.js';
import type { Bounds } from '../../src/client/transport.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError, ChangeMade, Unsupported } from '../../src/contract/errors.js';
import { printable } from '../../src/model/rule.js';
import { finallyDo, httpHost, nowhere, rawHost, WAYS } from './hostile.js';

const TOKEN = 'a-secret/token-of-the-client-tests';

function clientOf(url: string, bounds: Partial<Bounds> = {}): AppsApi {
  const api = httpApi({ url, credentials: Credentials.bearer(TOKEN) }, { bounds, retries: { attempts: 1 } });
  finallyDo(() => api.close());
  return api;
}

async function failure(call: Promise<unknown>): Promise<AppsApiError> {
  const error: unknown = await call.then(
    (result) => new Error(`It went well: ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppsApiError)) throw error;
  const said = `${error.message}\n${error.hint ?? ''}\n${JSON.stringify(error.details) ?? ''}`;
  expect(printable(said)).toBe(said);
  expect(said).not.toContain(TOKEN);
  expect(said.length).toBeLessThan(2000);
  return error;
}

describe.each(WAYS)('over %s', (way) => {
  /** What becomes of an answer to `GET /spaces/shop`. */
  async function outcomeOf(status: number, body: string, headers: Record<string, string> = {}) {
    const host = await httpHost(way, (_, response) => response.writeHead(status, headers).end(body));
    return failure(clientOf(host.url).spaces.get({ space: 'shop' }));
  }

  test.each([
    [409, 'The specified space already exists.', 'exists', 'There is a space of that name already.'],
    [404, 'The specified space x does not exist.', 'not_found', 'There is no space x.'],
    [422, 'First line.\nSecond line.', 'invalid', 'First line.'],
    [
      400,
      'SyntaxError: Unexpected end of JSON input',
      'bad_request',
      'SyntaxError: Unexpected end of JSON input',
    ],
    [500, 'Internal Server Error', 'platform_failed', expect.stringContaining('Internal Server Error')],
    [503, 'Service Unavailable Error', 'unavailable', expect.stringContaining('Service Unavailable')],
    [418, 'I am a teapot', 'refused', 'I am a teapot'],
    [401, '', 'unauthorized', expect.stringMatching(/ needs a valid token\.$/)],
    [403, '', 'forbidden', expect.stringMatching(/ does not allow this\.$/)],
    [404, '<!doctype html><h1>Not Found</h1>', 'not_found', expect.stringMatching(/ does not have this\.$/)],
    [
      502,
      '<html><body>Bad Gateway</body></html>',
      'bad_gateway',
      expect.stringMatching(/does not answer\.$/),
    ],
    [504, '{"message":"Endpoint request timed out"}', 'timeout', expect.stringMatching(/in time\.$/)],
    [500, `${'x'.repeat(501)}`, 'platform_failed', expect.stringMatching(/ answered with status 500\.$/)],
    [500, '{"id":1,"message":[]}', 'platform_failed', expect.stringMatching(/ answered with status 500\.$/)],
    [599, '', 'platform_failed', expect.stringMatching(/ answered with status 599\.$/)],
  ])('%d with %j becomes %s', async (status, body, id, message) => {
    expect(await outcomeOf(status, body)).toMatchObject({ status, id, message });
  });

  test('an error of the contract keeps all it says', async () => {
    const said = {
      id: 'space_in_use',
      message: 'Space shop still has 2 apps.',
      hint: 'Destroy them.',
      details: { apps: ['a', 'b'] },
    };
    expect(await outcomeOf(409, JSON.stringify({ ...said, extra: 1 }))).toMatchObject({
      status: 409,
      ...said,
    });
    expect(await outcomeOf(501, '{"id":"unsupported","message":"This platform can\'t."}')).toMatchObject({
      status: 501,
      id: 'unsupported',
      message: "This platform can't.",
    });
  });

  test('what could move a cursor is escaped', async () => {
    for (const body of [
      '\u001b[2Jgone\u0007',
      JSON.stringify({
        id: 'x\u001b',
        message: 'a\u001b[2J\u202e',
        hint: '\u009b',
        details: { a: ['\u0000'] },
      }),
    ]) {
      const { message } = await outcomeOf(409, body);
      expect(message).toContain('\\u001b[2J');
    }
  });

  test('who is not known is told how to come in from here, whatever the server says to others', async () => {
    const body = JSON.stringify({ id: 'unauthorized', message: 'No.', hint: 'Send a bearer token.' });
    expect(await outcomeOf(401, body)).toMatchObject({
      message: 'No.',
      hint: expect.stringContaining('aka auth:login'),
    });
    expect(await outcomeOf(403, body)).toMatchObject({ hint: 'Send a bearer token.' });
  });

  test('a token that is repeated is taken out', async () => {
    for (const body of [
      `Token ${TOKEN} is bad`,
      JSON.stringify({ id: 'x', message: `Bearer ${TOKEN}`, details: { TOKEN } }),
      // As some servers write every slash, and may write anything.
      JSON.stringify({ id: 'x', message: `Token ${TOKEN} is bad` }).replaceAll('/', '\\/'),
      JSON.stringify({ id: 'x', message: `Token ${TOKEN} is bad` }).replace('a-secret', '\\u0061-secret'),
    ]) {
      const host = await httpHost('tcp', (_, response) => response.writeHead(403).end(body));
      const { message } = await failure(clientOf(host.url).spaces.list());
      expect(message).toContain('[redacted]');
      expect(message).not.toContain(TOKEN);
    }
  });

  test('a wait that nobody waits is not counted', async () => {
    const host = await httpHost('tcp', (_, response) =>
      response.writeHead(429, { 'retry-after': '9'.repeat(400) }).end(),
    );
    expect((await failure(clientOf(host.url).spaces.list())).hint).toBe('Try again later.');
  });

  test.each([
    ['404 with nothing', 404, ''],
    ['405', 405, 'Method Not Allowed'],
    ['501', 501, 'Not Implemented Error'],
    ['the id for it', 404, '{"id":"no_such_endpoint","message":"There is no such path."}'],
  ])('%s means that the platform can not do it', async (_, status, body) => {
    const host = await httpHost(way, (__, response) => response.writeHead(status).end(body));
    const api = clientOf(host.url);
    const error = await failure(api.spaces.update({ space: 'shop', description: '' }));
    expect(error).toBeInstanceOf(Unsupported);
    expect(error).toMatchObject({
      status: 501,
      message: expect.stringContaining("can't change the description of a space"),
    });
    expect(error.message).toContain('no PATCH /spaces/{space}');
    expect((await failure(api.spaces.list({ limit: 1 }))).hint).toContain('filters');
  });

  test.each([
    [301, 'https://elsewhere.example/x?token=1', 'elsewhere.example'],
    [302, '/login', 'Apps API'],
    [304, '', 'Apps API'],
  ])('a redirect (%d to %j) is not followed', async (status, location, hint) => {
    const host = await httpHost(way, (_, response) => response.writeHead(status, { location }).end());
    const error = await failure(clientOf(host.url).spaces.get({ space: 'shop' }));
    expect(error).toMatchObject({ id: 'bad_answer', status: 502, hint: expect.stringContaining(hint) });
    expect(error.hint).not.toContain('token=1');
    expect(host.got).toHaveLength(1);
  });

  test.each([
    ['nothing', 200, ''],
    ['no content', 204, ''],
    ['half of it', 200, '{"id":"1","na'],
    ['a page', 200, '<html>Welcome</html>'],
    ['null', 200, 'null'],
    ['a list', 200, '[]'],
    ['an object without a name', 200, '{"id":"1"}'],
  ])('success with %s is a bad answer', async (_, status, body) => {
    const error = await outcomeOf(status, body);
    expect(error).toMatchObject({ id: 'bad_answer', status: 502 });
    expect(error.message).toContain('GET /spaces/{space}');
  });

  test.each([
    ['nothing', 201, ''],
    ['text', 200, 'OK'],
    ['a list', 200, '[]'],
    ['an object without a name', 201, '{"id":"1"}'],
    ['more than is read', 201, `{"id":"${'x'.repeat(1000)}"}`],
  ])('a change that succeeded with %s was made: that is no failure', async (_, status, body) => {
    const host = await httpHost(way, (__, response) => response.writeHead(status).end(body));
    const api = clientOf(host.url, { answerBytes: 1000 });
    for (const change of [
      () => api.spaces.create({ name: 'shop' }),
      () => api.spaces.destroy({ space: 'shop' }),
    ]) {
      const error = await failure(change());
      expect(error).toBeInstanceOf(ChangeMade);
      expect(error.message).toMatch(/^The change was made .*, but its answer /);
    }
    expect(host.got).toHaveLength(2);
  });

  test('a page in place of an answer to a change says that nobody knows', async () => {
    const host = await httpHost(way, (_, response) => response.writeHead(200).end('<html>Welcome</html>'));
    expect(await failure(clientOf(host.url).spaces.destroy({ space: 'shop' }))).toMatchObject({
      id: 'bad_answer',
      message: expect.stringContaining('whether the change was made is not known'),
    });
  });

  test('a member that is missing is named', async () => {
    expect((await outcomeOf(200, '{"id":"1","name":"shop"}')).message).toMatch(
      /has no usable (region|stack|state)/,
    );
  });

  test.each([
    ['with a length', (response: ServerResponse) => response.end('x'.repeat(1001))],
    ['without a length', (response: ServerResponse) => drip(response)],
  ])('an answer %s that is too large is given up', async (_, answer) => {
    const host = await httpHost(way, (__, response) => answer(response.writeHead(200)));
    const error = await failure(clientOf(host.url, { answerBytes: 1000 }).spaces.list());
    expect(error).toMatchObject({ id: 'bad_answer', status: 502, hint: 'It is larger than 1000 bytes.' });
  });

  test.each([
    ['a cut before anything', ''],
    ['a cut in the headers', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['a cut in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id":'],
    ['a cut in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"id":'],
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a status that is no number', 'HTTP/1.1 abc\r\n\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`],
  ])('%s is told as such, and for a change that it may have happened', async (_, bytes) => {
    const { url } = await rawHost(way, (socket) => socket.end(bytes));
    const api = clientOf(url);
    const reading = await failure(api.spaces.get({ space: 'shop' }));
    expect(reading).toMatchObject({ id: 'unreachable', status: 0 });
    expect(reading.message).toContain(url.replace('http://', ''));
    expect(reading.message).not.toContain('not known');
    expect((await failure(api.spaces.destroy({ space: 'shop' }))).message).toContain(
      'Whether it was done is not known.',
    );
  });

  test('nobody there is told, with the address and what to do', async () => {
    const url = await nowhere(way);
    const error = await failure(clientOf(url).spaces.destroy({ space: 'shop' }));
    expect(error).toMatchObject({ id: 'unreachable', status: 0 });
    expect(error.message).toContain(url.replace('http://', ''));
    expect(error.message).not.toContain('not known');
    expect(error.hint).toMatch(way === 'unix' ? /aka platform:start/ : /address/);
  });

  test.each<[string, Partial<Bounds>, string]>([
    ['never answers', { headers: 50 }, 'no answer in 0.05 s'],
    ['is not done when the time of the call is', { call: 50 }, 'the time for the call is over'],
  ])('a server that %s is given up', async (_, bounds, reason) => {
    const { url } = await rawHost(way, () => {});
    const error = await failure(clientOf(url, bounds).spaces.list());
    expect(error).toMatchObject({ id: 'timeout', status: 0, message: expect.stringContaining(reason) });
  });

  test.each<[string, Partial<Bounds>, string]>([
    ['stops in the middle', { body: 50 }, 'no more of the answer in 0.05 s'],
    ['goes on for ever', { call: 100 }, 'the time for the call is over'],
  ])('an answer that %s is given up', async (what, bounds, reason) => {
    const host = await httpHost(way, (_, response) => {
      response.writeHead(200).write('[');
      if (what === 'goes on for ever') drip(response);
    });
    const error = await failure(clientOf(host.url, bounds).spaces.list());
    expect(error).toMatchObject({ id: 'timeout', status: 0, message: expect.stringContaining(reason) });
  });
});

test('a name that nobody has is told', async () => {
  const error = await failure(clientOf('https://nobody.invalid').spaces.list());
  expect(error).toMatchObject({ id: 'unreachable', status: 0 });
  expect(error.message).toMatch(/^nobody\.invalid can't be reached: /);
});

test('a server without TLS behind https is told', async () => {
  const { url } = await rawHost('tcp', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const error = await failure(clientOf(url.replace('http:', 'https:')).spaces.destroy({ space: 'shop' }));
  expect(error).toMatchObject({ id: 'unreachable', status: 0 });
});

/** Writes without end, as long as somebody reads. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '.repeat(100)), 1);
  response.once('close', () => clearInterval(timer));
}
