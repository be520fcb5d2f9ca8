import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppsApiError } from '../../../src/contract/errors.js';
import type { Digest } from '../../../src/model/digest.js';
import { fetchSource } from '../../../src/platform/builds/fetch-source.js';
import { Uploads } from '../../../src/platform/builds/uploads.js';
import { bundled } from './bundled.js';
import { temporaryFolder } from './folders.js';

async function* stream(...chunks: string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function* broken(): AsyncGenerator<Buffer> {
  yield Buffer.from('1');
  throw new Error('the connection broke');
}

/** Fails as a write to a full disk does. */
async function* full(): AsyncGenerator<Buffer> {
  yield Buffer.from('1');
  throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}

function digestOf(text: string): Digest {
  return createHash('sha256').update(text).digest('hex') as Digest;
}

function newFolder(): string {
  return join(temporaryFolder(), 'uploads');
}

async function refusal(operation: Promise<unknown>): Promise<AppsApiError> {
  const error: unknown = await operation.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppsApiError) return error;
  throw error ?? new Error('It was not refused.');
}

describe('uploads', () => {
  test('are kept once, by their content, for nobody else', async () => {
    const folder = newFolder();
    const uploads = await Uploads.open(folder);
    const first = await uploads.add(stream('one ', 'source'));
    expect(first).toEqual({ digest: digestOf('one source'), bytes: 10 });
    expect(await uploads.add(stream('one source'), { expected: first.digest })).toEqual(first);
    expect(readdirSync(folder)).toEqual([first.digest]);
    expect(readFileSync(await uploads.file(first.digest), 'utf8')).toBe('one source');
    expect(statSync(join(folder, first.digest)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect([
      await uploads.usage(),
      await uploads.has(first.digest),
      await uploads.has(digestOf('x')),
    ]).toEqual([10, true, false]);
    expect(await refusal(uploads.file(digestOf('x')))).toMatchObject({ status: 404 });
  });

  test('that are refused or cut off leave nothing', async () => {
    const folder = newFolder();
    const uploads = await Uploads.open(folder, { bytes: 10, totalBytes: 15 });
    expect(await refusal(uploads.add(stream('12345', '678901')))).toMatchObject({ status: 413 });
    expect(await refusal(uploads.add(stream('1'), { expected: digestOf('2') }))).toMatchObject({
      status: 422,
      id: 'wrong_checksum',
    });
    await expect(uploads.add(broken())).rejects.toThrow('the connection broke');
    const stop = new AbortController();
    async function* stopped(): AsyncGenerator<Buffer> {
      yield Buffer.from('1');
      stop.abort(new Error('stopped'));
      yield Buffer.from('2');
    }
    await expect(uploads.add(stopped(), { signal: stop.signal })).rejects.toThrow('stopped');
    expect(readdirSync(folder)).toEqual([]);
    await uploads.add(stream('1234567890'));
    expect(await refusal(uploads.add(stream('another')))).toMatchObject({ status: 507 });
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('say so when the disk is full', async () => {
    const uploads = await Uploads.open(newFolder());
    const refused = await refusal(uploads.add(full()));
    expect(refused).toMatchObject({ status: 507, id: 'no_room' });
  });

  test('are pruned from the one that was not used for the longest time, but for those in use', async () => {
    const folder = newFolder();
    const uploads = await Uploads.open(folder);
    const digests: Digest[] = [];
    for (const [index, text] of ['aa', 'bb', 'cc', 'dd'].entries()) {
      const { digest } = await uploads.add(stream(text));
      utimesSync(join(folder, digest), index + 1, index + 1);
      digests.push(digest);
    }
    const [a, b, c, d] = digests as [Digest, Digest, Digest, Digest];
    await uploads.file(b);
    expect(await uploads.prune(new Set([a]), 100)).toEqual([]);
    expect(await uploads.prune(new Set([a]), 4)).toEqual([c, d]);
    expect(await uploads.prune(new Set([a, b]), 0)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual([a, b].sort());
  });

  test('that kill -9 cut off are gone when they are opened again; those of others go on', async () => {
    const folder = newFolder();
    const program = await bundled(`
      import { Uploads } from './src/platform/builds/uploads.js';
      const uploads = await Uploads.open(process.argv[2]);
      await uploads.add(process.stdin);`);
    const child = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.write('the first half');
    const draft = await drafted(folder);
    await Uploads.open(folder);
    expect(readdirSync(folder)).toEqual([draft]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const uploads = await Uploads.open(folder);
    expect(readdirSync(folder)).toEqual([]);
    expect(await uploads.usage()).toBe(0);
  });

  test('that are drafts of yesterday go, even if a process has their id', async () => {
    const folder = newFolder();
    await Uploads.open(folder);
    const draft = join(folder, `x-1.${process.pid}.draft`);
    writeFileSync(draft, '');
    utimesSync(draft, 1, 1);
    await Uploads.open(folder);
    expect(existsSync(draft)).toBe(false);
  });
});

/** The draft of which something has been written. */
async function drafted(folder: string): Promise<string> {
  for (;;) {
    const [name] = existsSync(folder) ? readdirSync(folder) : [];
    if (name !== undefined && statSync(join(folder, name)).size > 0) return name;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a source that is fetched', () => {
  const routes: Record<string, RequestListener> = {
    '/a.tgz': (_request, response) => response.end('content'),
    '/moved': (_request, response) => response.writeHead(302, { location: '/a.tgz' }).end(),
    '/circle': (_request, response) => response.writeHead(302, { location: '/circle' }).end(),
    '/elsewhere': (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    '/nowhere': (_request, response) => response.writeHead(302, { location: 'http://[' }).end(),
    '/cut': (_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x');
      response.socket?.end();
    },
    '/slow': (_request, response) => response.writeHead(200).write('x'),
    '/large': (_request, response) => response.end('x'.repeat(2000)),
  };
  const server = createServer((request, response) => {
    const route = routes[(request.url ?? '').split('?')[0] ?? ''];
    if (route === undefined) response.writeHead(404).end('what the server says');
    else route(request, response);
  });
  let origin = '';
  let folder = '';
  let uploads: Uploads;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = newFolder();
    uploads = await Uploads.open(folder, { bytes: 1000, totalBytes: 5000 });
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const here = { fromThisMachine: true };

  test.each(['/a.tgz', '/moved'])('is kept if it is what it should be: %s', async (path) => {
    const digest = digestOf('content');
    expect(await fetchSource(uploads, `${origin}${path}`, digest, here)).toEqual({ digest, bytes: 7 });
    expect(readdirSync(folder)).toEqual([digest]);
    rmSync(join(folder, digest));
  });

  test.each([
    ['/a.tgz', 'The source is not the one with the checksum'],
    ['/missing?token=secret', 'missing: the answer is 404.'],
    ['/circle', 'circle: it redirects more than 5 times.'],
    ['/elsewhere', 'file:///etc/passwd: sources are fetched by https only.'],
    ['/nowhere', 'nowhere: it redirects to no address.'],
    ['/cut', 'cut: other side closed.'],
    ['/large', 'The source has more than 1000 bytes.'],
  ])('is refused: %s', async (path, message) => {
    const error = await refusal(fetchSource(uploads, `${origin}${path}`, digestOf('other'), here));
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('secret');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is given up when it takes too long, or is stopped', async () => {
    const slow = fetchSource(uploads, `${origin}/slow`, digestOf('x'), { ...here, timeoutMs: 100 });
    expect((await refusal(slow)).message).toMatch('/slow: it took longer than 0.1 s.');
    const stop = new AbortController();
    const stopped = fetchSource(uploads, `${origin}/slow`, digestOf('x'), { ...here, signal: stop.signal });
    stop.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://0.0.0.0/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://169.254.169.254/latest',
    'https://2130706433/x',
    'https://localhost:1/x',
  ])('is not fetched from this machine: %s', async (url) => {
    const error = await refusal(fetchSource(uploads, url, digestOf('x')));
    expect(error.message).toContain('sources are not fetched from this machine itself');
  });

  test('is fetched by https only, without a password', async () => {
    expect((await refusal(fetchSource(uploads, `${origin}/a.tgz`, digestOf('x')))).message).toContain(
      'https only',
    );
    const named = fetchSource(uploads, 'https://ann:secret@example.com/x', digestOf('x'));
    expect((await refusal(named)).message).toBe(
      "The source can't be fetched from example.com: the address holds a user or password.",
    );
  });
});
