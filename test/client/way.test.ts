import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import nodeTls, { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readCertificates } from '../../src/client/certificates.js';
import { Credentials } from '../../src/client/credentials.js';
import { platformApi } from '../../src/client/platform-api.js';
import { boundsIn, proxiesIn } from '../../src/client/surroundings.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { openAuthority } from '../../src/platform/router/authority.js';
import { FakeAkkeris, TOKEN } from '../contract/akkeris/fake.js';
import { finallyDo, newFolder } from './hostile.js';

/*
 * The way to a platform elsewhere: which certificates are accepted, which versions of TLS, and proxies. The name of the
 * host leads nowhere; only the proxy knows where it is.
 */

const HOST = 'apps.example.test';

let tls: { ca: string; cert: string; key: string };

beforeAll(async () => {
  const folder = newFolder();
  const authority = await openAuthority({ folder: join(folder, 'ca'), bases: ['example.test'] });
  const { chain, key } = await authority.issue([HOST]);
  tls = { ca: authority.certificate, cert: chain, key };
});

/** A file with what the authority's certificate proves. */
function certificates(text = tls.ca): string {
  const file = join(newFolder(), 'ca.pem');
  writeFileSync(file, text);
  return file;
}

interface Proxy {
  readonly url: string;
  /** Where it was asked to lead to. */
  readonly asked: string[];
  /** What it was told to prove who asks. */
  readonly proofs: (string | undefined)[];
}

/** A proxy that leads every name to a port of this machine. */
async function proxyTo(port: number): Promise<Proxy> {
  const [asked, proofs, sockets] = [[] as string[], [] as (string | undefined)[], new Set<Socket>()];
  const server: Server = createServer();
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    proofs.push(request.headers['proxy-authorization']);
    const there = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(there).pipe(client);
    });
    for (const socket of [client, there]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  finallyDo(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, proofs };
}

async function installation(): Promise<FakeAkkeris> {
  const akkeris = await FakeAkkeris.start(tls);
  finallyDo(() => akkeris.close());
  return akkeris;
}

function dial(env: Record<string, string>, ca?: string): AppsApi {
  const target = { url: `https://${HOST}`, credentials: Credentials.bearer(TOKEN), ca };
  const api = platformApi(target, { env, retries: { attempts: 1 }, bounds: { connect: 5000 } });
  finallyDo(() => api.close());
  return api;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

describe('a platform behind a proxy', () => {
  test.each(['https_proxy', 'HTTPS_PROXY'])('is reached through the one that %s names', async (variable) => {
    const proxy = await proxyTo(portOf((await installation()).url));
    const api = dial({ [variable]: `http://${proxy.url}` }, certificates());
    expect((await api.spaces.list()).items.length).toBeGreaterThan(0);
    expect(proxy.asked).toEqual([`${HOST}:443`]);
  });

  test('is not reached through it where NO_PROXY says so', async () => {
    const proxy = await proxyTo(portOf((await installation()).url));
    for (const list of ['example.test', ' other.test,.EXAMPLE.test. ']) {
      const api = dial({ HTTPS_PROXY: proxy.url, NO_PROXY: list }, certificates());
      await expect(api.spaces.list()).rejects.toMatchObject({ id: 'unreachable' });
    }
    expect(proxy.asked).toEqual([]);
  });

  test('is told to who has the password of the proxy, and who it is there is told to nobody else', async () => {
    const proxy = await proxyTo(portOf((await installation()).url));
    const api = dial({ HTTPS_PROXY: `http://ann:hunter22@${proxy.url}` }, certificates());
    await api.spaces.list();
    expect(proxy.proofs).toEqual([`Basic ${Buffer.from('ann:hunter22').toString('base64')}`]);
  });

  test('that is not there is said to be out of reach, without the password of the proxy', async () => {
    const api = dial({ HTTPS_PROXY: 'http://ann:hunter22@127.0.0.1:9' }, certificates());
    const error: Error = await api.spaces.list().then(
      () => new Error('It went well.'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ id: 'unreachable' });
    expect(JSON.stringify(error) + error.message).not.toContain('hunter22');
  });

  test('on this machine is never one', async () => {
    const akkeris = await FakeAkkeris.start();
    finallyDo(() => akkeris.close());
    const proxy = await proxyTo(portOf(akkeris.url));
    const api = platformApi(
      { url: akkeris.url, credentials: Credentials.bearer(TOKEN) },
      { env: { http_proxy: proxy.url, https_proxy: proxy.url } },
    );
    finallyDo(() => api.close());
    await api.spaces.list();
    expect(proxy.asked).toEqual([]);
  });
});

describe('certificates', () => {
  test('of an authority that nobody here knows are not accepted unless a file has it', async () => {
    const proxy = await proxyTo(portOf((await installation()).url));
    await expect(dial({ HTTPS_PROXY: proxy.url }).spaces.list()).rejects.toMatchObject({
      id: 'unreachable',
      message: expect.stringContaining('its certificate is not accepted'),
    });
    await dial({ HTTPS_PROXY: proxy.url }, certificates()).spaces.list();
  });

  test('are for one name', async () => {
    const akkeris = await installation();
    const api = platformApi({ url: akkeris.url, ca: certificates() }, { retries: { attempts: 1 } });
    finallyDo(() => api.close());
    await expect(api.spaces.list()).rejects.toMatchObject({
      message: expect.stringContaining('its certificate is not accepted'),
    });
  });

  test.each([
    ['not there', () => join(newFolder(), 'nothing.pem')],
    ['a folder', () => newFolder()],
    ['without any', () => certificates('hunter22')],
    ['too large', () => certificates('x'.repeat(1024 * 1024 + 1))],
  ])('in a file that is %s are a mistake that names it', (_, file) => {
    const path = file();
    expect(() => readCertificates(path)).toThrow(
      expect.objectContaining({ id: 'invalid_certificates', message: expect.stringContaining(path) }),
    );
  });

  test('in a file may be several, with anything between them', () => {
    expect(readCertificates(certificates(`# ours\n${tls.ca}\n\n# theirs\n${tls.ca}`))).toHaveLength(2);
  });
});

test('TLS older than 1.2 is not spoken, whatever the machine allows', async () => {
  const server = createTlsServer({
    ...tls,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  });
  const allowed = {
    DEFAULT_MIN_VERSION: nodeTls.DEFAULT_MIN_VERSION,
    DEFAULT_CIPHERS: nodeTls.DEFAULT_CIPHERS,
  };
  Object.assign(nodeTls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: 'ALL:@SECLEVEL=0' });
  finallyDo(() => Object.assign(nodeTls, allowed));
  const spoken: TLSSocket[] = [];
  server.on('secureConnection', (socket) => spoken.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  finallyDo(() => server.close());
  const proxy = await proxyTo((server.address() as AddressInfo).port);
  await expect(dial({ HTTPS_PROXY: proxy.url }, certificates()).spaces.list()).rejects.toMatchObject({
    id: 'unreachable',
  });
  expect(spoken).toEqual([]);
});

test.each(['socks5://127.0.0.1:1', 'http://', 'a b'])('%j is no proxy, and is not repeated', (value) => {
  const env = { HTTPS_PROXY: value };
  expect(() => proxiesIn(env)).toThrow(expect.objectContaining({ id: 'invalid_proxy' }));
  expect(() => proxiesIn(env)).not.toThrow(value);
});

test('AKA_TIMEOUT bounds a call, in seconds', () => {
  expect(boundsIn({})).toEqual({});
  expect(boundsIn({ AKA_TIMEOUT: '2.5' })).toMatchObject({ call: 2500, connect: 2500 });
  expect(boundsIn({ AKA_TIMEOUT: '600' })).toMatchObject({ call: 600_000, headers: 600_000, body: 30_000 });
  for (const wrong of ['0', '-1', '1e3', 'soon', '4000', ' 1']) {
    expect(() => boundsIn({ AKA_TIMEOUT: wrong })).toThrow(
      expect.objectContaining({ id: 'invalid_timeout' }),
    );
  }
});
