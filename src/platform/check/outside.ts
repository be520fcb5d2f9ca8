import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { connect } from 'node:tls';
import type { SpacePromise } from '../../contract/wire.js';
import { reachedAt } from '../../model/addresses.js';
import { errorCode } from '../../model/error-code.js';
import { appKey } from '../../model/names.js';
import { PROBLEMS } from '../router/pages.js';
import type { Bound } from '../router/router.js';
import type { AppRecord } from '../store/apps.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Ground } from './ground.js';
import { ASK_MS, ask, type Way } from './probe/ask.js';
import type { Outcome } from './probe/task.js';
import type { Sibling } from './siblings.js';
import { broken, kept, named, nothing } from './verdict.js';

const ANSWER_BYTES = 64 * 1024;

/** What is wrong with an app's answer over https: none came, or it is one of the router's own. */
export function problemOf(
  { maintenance }: AppRecord,
  { reached, saw, body = '' }: Outcome,
): string | undefined {
  if (!reached) return saw;
  const own = Object.values(PROBLEMS).find(
    ({ id, message }) => body === `${JSON.stringify({ id, message })}\n`,
  );
  if (own === undefined || (own === PROBLEMS.maintenance && maintenance)) return undefined;
  return `${own.status} ${own.message.replace(/\.$/, '')}`;
}

/** Asks for the domains of apps as a client of the listener that is theirs. */
export async function tryDomains(
  { addresses, certificate, session }: Ground,
  space: SpaceRecord,
  siblings: readonly Sibling[],
): Promise<SpacePromise> {
  const promise = 'domains_outside';
  const isInternal = space.compliance.includes('internal');
  const bound = isInternal ? addresses.internal : addresses.public;
  if (bound === null) return broken(promise, 'there is no listener for internal apps', 'aka platform:status');
  if (siblings.length === 0) return nothing(promise, 'no app of the space has a web dyno that is up');
  const way = wayTo(bound, certificate);
  const allowed = session.store.settings.all().internal_allow;
  if (isInternal && !isIn(allowed, way.host)) {
    return nothing(
      promise,
      `this machine is not in the networks of the internal listener: ${named(allowed)}`,
    );
  }
  const failed = await Promise.all(
    siblings.map(async ({ app, domain }) => {
      const problem = problemOf(app, await ask(`https://${domain}:${bound.port}/`, way));
      return problem === undefined ? [] : [{ app, text: `${domain}: ${problem}` }];
    }),
  );
  const [first] = failed.flat();
  const at = `${bound.host}:${bound.port}`;
  if (first === undefined) {
    return kept(promise, `verified at ${at}: ${named(siblings.map(({ domain }) => domain))}`);
  }
  const texts = failed.flat().map(({ text }) => text);
  return broken(promise, `at ${at}: ${named(texts)}`, `aka ps -a ${appKey(first.app.name, first.app.space)}`);
}

/**
 * That the public listener knows nothing of an internal space; of any other that its domains are found under plain
 * http too, and lead to https. `domains` are those of its apps, running or not.
 */
export async function tryListeners(
  ground: Ground,
  space: SpaceRecord,
  domains: readonly string[],
): Promise<SpacePromise> {
  const [domain] = domains;
  if (domain === undefined) return nothing('listeners', 'the space has no app yet');
  return space.compliance.includes('internal') ? unseen(ground, domains) : redirected(ground, domain);
}

async function unseen({ addresses, certificate }: Ground, domains: readonly string[]): Promise<SpacePromise> {
  const way = wayTo(addresses.public, certificate);
  const at = `${addresses.public.host}:${addresses.public.port}`;
  const answers = await Promise.all(
    domains.map(async (domain) => {
      // As long, and under the same zone: nothing but the name itself may make a difference.
      const unknown = domain.replace(/^[^.]+/, (label) => randomLabel(label.length));
      return { domain, known: await bytesFrom(way, domain), unknown: await bytesFrom(way, unknown) };
    }),
  );
  const seen = answers.filter(({ known, unknown }) => known === undefined || known !== unknown);
  if (seen.length === 0) {
    return kept(
      'listeners',
      `the public listener (${at}) answers for ${named(domains)} as for an unknown name`,
    );
  }
  const texts = seen.map(({ domain, known }) =>
    known === undefined ? `${domain} was not answered` : `${domain} is told apart from an unknown name`,
  );
  return broken('listeners', `on the public listener (${at}): ${named(texts)}`, 'aka platform:status');
}

async function redirected({ addresses }: Ground, domain: string): Promise<SpacePromise> {
  const [bound] = addresses.redirects;
  if (bound === undefined)
    return broken('listeners', 'nothing listens for plain http', 'aka platform:status');
  const { port } = addresses.public;
  const wanted = `https://${domain}${port === 443 ? '' : `:${port}`}/check?from=http`;
  const { saw, location } = await locationFrom(bound, domain, '/check?from=http');
  return location === wanted
    ? kept('listeners', `http at ${bound.host}:${bound.port} leads to https: ${saw}`)
    : broken(
        'listeners',
        `http at ${bound.host}:${bound.port}: ${saw}, to ${location ?? 'nowhere'}`,
        'aka platform:status',
      );
}

/** Everything the router answers for a name, certificate included, but for what differs by its nature. */
function bytesFrom({ host, port, ca }: Way, name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ca, servername: name });
    let text = '';
    const end = (answer: string | undefined): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(answer);
    };
    const late = setTimeout(() => end(undefined), ASK_MS);
    socket.setEncoding('latin1');
    socket.on('secureConnect', () => {
      text = `${socket.getPeerCertificate().fingerprint256}\n`;
      socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
    });
    socket.on('data', (bytes: string) => {
      text += bytes;
      if (text.length > ANSWER_BYTES) end(undefined);
    });
    socket.on('error', () => end(undefined));
    socket.on('end', () => end(text.replace(/^(date|x-request-id): .*$/gim, '$1')));
  });
}

function locationFrom(
  bound: Bound,
  name: string,
  path: string,
): Promise<{ saw: string; location?: string | undefined }> {
  return new Promise((resolve) => {
    const sent = request({
      host: reachedAt(bound.host),
      port: bound.port,
      path,
      agent: false,
      headers: { host: name },
    });
    const end = (saw: string, location?: string): void => {
      clearTimeout(late);
      sent.destroy();
      resolve({ saw, location });
    };
    const late = setTimeout(() => end(`no answer in ${ASK_MS / 1000} s`), ASK_MS);
    sent.on('error', (error) => end(errorCode(error) ?? error.message));
    sent.on('response', ({ statusCode, headers }) => end(`HTTP ${statusCode}`, headers.location));
    sent.end();
  });
}

function wayTo({ host, port }: Bound, ca: string): Way {
  return { host: reachedAt(host), port, ca };
}

/** A client of this machine has the address that it connects to. */
function isIn(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [net = '', bits] = network.split('/');
    list.addSubnet(net, Number(bits), isIPv6(net) ? 'ipv6' : 'ipv4');
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function randomLabel(length: number): string {
  return `x${randomBytes(length).toString('hex')}`.slice(0, length);
}
