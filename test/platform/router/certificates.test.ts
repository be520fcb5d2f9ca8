import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { openAuthority } from '../../../src/platform/router/authority.js';
import { refusal, temporaryFolder } from '../store/temporary.js';
import { get, HOST, type Ingress, newAuthority, startIngress } from './ingress.js';

const DAY = 86_400_000;
const open = (folder: string, bases = ['localhost'], now?: () => Date) =>
  openAuthority({ folder, bases, ...(now && { now }) });

/** A handshake; answers the certificate that was shown, or why it was not believed. */
function handshake(
  ingress: Ingress,
  options: ConnectionOptions,
): Promise<{ socket: TLSSocket; certificate: X509Certificate }> {
  return new Promise((resolve, reject) => {
    const ca = ingress.authority.certificate;
    const socket = connect({ host: '127.0.0.1', port: ingress.port, ca, ...options }, () => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(new Error('It showed none.'));
      else resolve({ socket, certificate });
    });
    socket.once('error', reject);
  });
}

describe('the certificate authority', () => {
  test('is made once, for nobody else to read, and for its domains only', async () => {
    const folder = join(temporaryFolder(), 'authority');
    const { certificate, file } = await open(folder);
    expect((await open(folder)).certificate).toBe(certificate);
    expect(readFileSync(file, 'utf8').trim()).toBe(certificate.trim());
    expect(readdirSync(dirname(folder))).toEqual(['authority']);
    expect([statSync(folder), statSync(join(folder, 'ca.key'))].map(({ mode }) => mode & 0o777)).toEqual([
      0o700, 0o600,
    ]);
    const parsed = new X509Certificate(certificate);
    expect([parsed.ca, parsed.publicKey.asymmetricKeyDetails?.namedCurve]).toEqual([true, 'prime256v1']);
    const text = openssl(['x509', '-noout', '-text'], certificate);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(text).toMatch(
      /Name Constraints: critical\s+Permitted:\s+DNS:localhost\s+Excluded:\s+IP:0\.0\.0\.0\/0\.0\.0\.0/,
    );
  });

  test('made by two at the same time is one', async () => {
    const folder = join(temporaryFolder(), 'authority');
    const [one, other] = await Promise.all([open(folder), open(folder)]);
    expect(other?.certificate).toBe(one?.certificate);
  });

  test('is not believed for a domain that is not its own', async () => {
    const ingress = await startIngress();
    const { chain, key } = await ingress.authority.issue(['www.example.com']);
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries({ chain, key, ca: ingress.authority.certificate }))
      writeFileSync(join(folder, name), text);
    const verify = spawnSync(
      'openssl',
      ['verify', '-x509_strict', '-CAfile', join(folder, 'ca'), join(folder, 'chain')],
      { encoding: 'utf8' },
    );
    expect(verify.stderr).toContain('permitted subtree violation');
    const { chain: own } = await ingress.authority.issue(['*.local.localhost']);
    writeFileSync(join(folder, 'chain'), own);
    expect(
      openssl(['verify', '-x509_strict', '-CAfile', join(folder, 'ca'), join(folder, 'chain')]),
    ).toContain('OK');
  });

  test.each<[string, (folder: string, other: string) => void, string]>([
    ['whose key others can read', (folder) => chmodSync(join(folder, 'ca.key'), 0o644), 'loose_authority'],
    ['whose folder others can write', (folder) => chmodSync(folder, 0o777), 'loose_folder'],
    ['whose key is damaged', (folder) => writeFileSync(join(folder, 'ca.key'), 'x'), 'unusable_authority'],
    [
      'whose certificate is damaged',
      (folder) => writeFileSync(join(folder, 'ca.pem'), 'x'),
      'unusable_authority',
    ],
    [
      'whose key is of another',
      (folder, other) => copyFileSync(join(other, 'ca.key'), join(folder, 'ca.key')),
      'unusable_authority',
    ],
    [
      'whose files are gone',
      (folder) => {
        for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '');
      },
      'unusable_authority',
    ],
  ])('%s is refused, and stays as it is', async (_, damage, id) => {
    const folder = join(temporaryFolder(), 'authority');
    const other = join(temporaryFolder(), 'authority');
    await Promise.all([open(folder), open(other)]);
    damage(folder, other);
    const before = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const error = await refusal(open(folder));
    expect(error).toMatchObject({ id, status: 503, hint: expect.stringContaining(folder) });
    expect(error.message).not.toContain('PRIVATE');
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(before);
  });

  test('that is empty, or is for other domains, is refused', async () => {
    const empty = join(temporaryFolder(), 'authority');
    mkdirSync(empty, { mode: 0o700 });
    expect(await refusal(open(empty))).toMatchObject({ id: 'unusable_authority' });
    const folder = join(temporaryFolder(), 'authority');
    await open(folder);
    expect((await refusal(open(folder, ['example.com']))).message).toContain('example.com');
  });

  test.each([
    ['expires within a year', 3300],
    ['has expired', 3700],
    ['is not valid yet, as a clock was ahead', -30],
  ])('that %s gets another certificate, and who trusts the old one believes it', async (_, days) => {
    const folder = join(temporaryFolder(), 'authority');
    const old = await open(folder);
    const now = (): Date => new Date(Date.now() + days * DAY);
    const renewed = await open(folder, ['localhost'], now);
    expect(renewed.certificate).not.toBe(old.certificate);
    const certificate = new X509Certificate(renewed.certificate);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(now().getTime());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(now().getTime() + 3600 * DAY);
    expect((await open(folder, ['localhost'], now)).certificate).toBe(renewed.certificate);
    const { chain } = await renewed.issue(['*.local.localhost']);
    const files = temporaryFolder();
    const time = String(Math.floor(now().getTime() / 1000));
    for (const [name, ca] of Object.entries({ old, renewed })) {
      writeFileSync(join(files, name), ca.certificate);
      writeFileSync(join(files, 'chain'), chain);
      const verify = [
        'verify',
        '-x509_strict',
        '-attime',
        time,
        '-CAfile',
        join(files, name),
        join(files, 'chain'),
      ];
      if (name === 'renewed' || (days > 0 && days < 3650)) expect(openssl(verify)).toContain('OK');
    }
  });

  test('gets another one also while it is open', async () => {
    let now = Date.now();
    const authority = await open(join(temporaryFolder(), 'authority'), ['localhost'], () => new Date(now));
    const old = authority.certificate;
    now += 3400 * DAY;
    const { chain, notAfter } = await authority.issue(['*.local.localhost']);
    expect(authority.certificate).not.toBe(old);
    expect(chain).toContain(authority.certificate.trim());
    expect(notAfter.getTime()).toBe(now + 30 * DAY);
  });
});

describe('certificates', () => {
  let ingress: Ingress;
  beforeAll(async () => {
    ingress = await startIngress();
    ingress.route(HOST, [await ingress.dynos.start('web.1', (_, response) => response.end('hello\n'))]);
  });

  test("are those of the name's stack, and of the first one for any other name or none", async () => {
    const local = 'DNS:*.local.localhost, DNS:*.internal.local.localhost';
    const subjects: unknown[] = [];
    for (const servername of [
      HOST,
      'x.internal.local.localhost',
      'a.edge.localhost',
      'www.example.com',
      '',
    ]) {
      const { certificate } = await handshake(ingress, { servername, checkServerIdentity: () => undefined });
      subjects.push(certificate.subjectAltName);
    }
    const edge = 'DNS:*.edge.localhost, DNS:*.internal.edge.localhost';
    expect(subjects).toEqual([local, local, edge, local, local]);
  });

  test('are issued for a stack that comes while the router runs, one for all who ask at once', async () => {
    const stacks = [{ stack: 'local', base: 'localhost' }];
    const issued: string[] = [];
    const authority = await newAuthority();
    const running = await startIngress({
      stacks: () => stacks,
      authority: {
        ...authority,
        issue: (names) => {
          issued.push(names.join());
          return authority.issue(names);
        },
      },
    });
    const shown = (servername: string) =>
      handshake(running, { servername, checkServerIdentity: () => undefined }).then(
        ({ certificate }) => certificate.subjectAltName,
      );
    expect(await shown('a.next.localhost')).toContain('local.localhost');
    stacks.push({ stack: 'next', base: 'localhost' });
    const next = 'DNS:*.next.localhost, DNS:*.internal.next.localhost';
    const names = ['a.next.localhost', 'B.NEXT.localhost', 'c.internal.next.localhost'];
    expect(await Promise.all(names.map(shown))).toEqual([next, next, next]);
    expect(await shown('a.nextlocalhost')).toContain('local.localhost');
    expect(issued).toEqual([
      '*.local.localhost,*.internal.local.localhost',
      '*.next.localhost,*.internal.next.localhost',
    ]);
  });

  test('come with their chain, and only TLS 1.2 and up', async () => {
    // Not spawnSync, for the router runs in this process.
    const shown = await output('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${ingress.port}`,
      '-servername',
      HOST,
      '-showcerts',
    ]);
    expect(shown.match(/BEGIN CERTIFICATE/g)?.length).toBe(2);
    await expect(
      handshake(ingress, { servername: HOST, maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }),
    ).rejects.toThrow();
  });

  test('are renewed while the router runs, before they expire', async () => {
    let now = Date.now();
    const clock = (): Date => new Date(now);
    const authority = await newAuthority(clock);
    const running = await startIngress({ now: clock, authority });
    const served = async (servername = HOST): Promise<string> =>
      (await handshake(running, { servername, rejectUnauthorized: false })).certificate.serialNumber;
    const first = await served();
    now += 19 * DAY;
    expect(await served()).toBe(first);
    now += 2 * DAY;
    // The one that notices is served the old one, which still holds.
    expect(await served()).toBe(first);
    let second = first;
    while (second === first) second = await served();
    expect(await served('')).toBe(second);
    // The clock was ahead all the time.
    now -= 21 * DAY;
    const { certificate: after } = await handshake(running, { servername: HOST, rejectUnauthorized: false });
    expect(Date.parse(after.validFrom)).toBeLessThan(now);
    now += 21 * DAY;
    // After a long sleep there is no old one that would do.
    now += 60 * DAY;
    const { certificate } = await handshake(running, { servername: HOST, rejectUnauthorized: false });
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(now);
  });

  test("are believed by Node, curl and Python with the authority's file", async () => {
    expect((await get(ingress)).body).toBe('hello\n');
    const { file } = ingress.authority;
    const url = `https://${HOST}:${ingress.port}/`;
    const there = `${HOST}:${ingress.port}:127.0.0.1`;
    for (const version of ['--http1.1', '--http2']) {
      expect(await output('curl', [version, '-sS', '--cacert', file, '--resolve', there, url])).toBe(
        'hello\n',
      );
    }
    expect(await output('curl', ['-sS', '-o', '/dev/null', '--resolve', there, url])).toMatch(/certificate/i);
    const python = `import socket,ssl
raw = socket.create_connection(('127.0.0.1', ${ingress.port}))
context = ssl.create_default_context(cafile='${file}')
context.verify_flags |= ssl.VERIFY_X509_STRICT
tls = context.wrap_socket(raw, server_hostname='${HOST}')
tls.sendall(b'GET / HTTP/1.1\\r\\nHost: ${HOST}\\r\\nConnection: close\\r\\n\\r\\n')
print(tls.makefile().read().split()[1])`;
    expect(await output('python3', ['-c', python])).toBe('200\n');
  });
});

function openssl(args: readonly string[], input = ''): string {
  const { stdout, stderr, error } = spawnSync('openssl', args, { input, encoding: 'utf8', timeout: 10_000 });
  if (error !== undefined) throw error;
  return stdout + stderr;
}

/** What a program prints. That it is not there fails the test: what it would have proved is not proved. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', (error) => reject(new Error(`${program} is needed for this test: ${error.message}`)));
    child.on('close', () => resolve(text));
  });
}
