import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { answered, laterExchanges, recorded } from './exchanges.js';

/** A space as the controller has it; several may have one name. */
export interface SpaceRow {
  id: string;
  name: string;
  compliance: string[];
  created_at: string;
  updated_at: string;
  region: { id: string; name: string };
  stack: { id: string; name: string };
  state: string;
  apps?: string;
}

interface AppRow {
  id: string;
  name: string;
  simple_name: string;
  space: { id: string; name: string; compliance: string };
  web_url: string;
}

/** An answer as it goes over the wire. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is done to a request in place of answering it; undefined answers it. `answer` is what it would be. */
export type Fault = (
  request: { readonly method: string; readonly path: string },
  response: ServerResponse,
  answer: () => Answer,
) => true | undefined;

/** The tokens that its gateway knows. */
export const TOKEN = 'dev-token-of-the-fake-installation';

const JSON_HEADERS = { 'content-type': 'application/json', 'ratelimit-remaining': '2400' };
const GATEWAY_HEADERS = { 'content-type': 'text/plain; charset=utf-8' };

/**
 * An Akkeris installation that is none: it answers what was recorded of a real one, has its defects, and can be made to
 * fail in any way.
 */
export class FakeAkkeris {
  readonly spaces: SpaceRow[];
  readonly apps: AppRow[] = [];
  readonly config = new Map<string, Record<string, unknown>>();
  /** Every request that was let in, method and path. */
  readonly requests: string[] = [];
  /** What was sent with each that changes something. */
  readonly bodies: unknown[] = [];
  /** What log sessions tell, one after the other; the last one goes on until the client has enough. */
  readonly logs: string[] = [];
  /** What it answers to a request, method and path, before all else. */
  readonly answers = new Map<string, Answer>();
  /** What the cluster says to a space: what fails here was written down before. */
  clusterFails = false;
  /** Whether a space is created a second time by somebody else who asks at the same moment. */
  rivals = false;
  /** What the controller makes of the compliance that it is sent. */
  stores: (compliance: readonly string[]) => string[] = (compliance) => [...compliance];
  fault: Fault | undefined;
  /** Whether the last log session is to go on. */
  #isTailed = false;
  readonly #server: Server;
  readonly #scheme: string;

  private constructor(server: Server, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
    this.spaces = answered<SpaceRow[]>('spaces-list').map((row) => ({ ...row }));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#take(request, response);
    });
  }

  /** One that listens on this machine; with a certificate, by TLS. */
  static async start(tls?: { readonly cert: string; readonly key: string }): Promise<FakeAkkeris> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const fake = new FakeAkkeris(server, tls === undefined ? 'http' : 'https');
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return fake;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every changing request that was let in. */
  get changes(): string[] {
    return this.requests.filter((request) => !request.startsWith('GET '));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Adds a space that somebody made before, in whatever way. */
  addSpace(name: string, compliance: readonly string[] = [], stack = 'maru'): SpaceRow {
    const at = new Date().toISOString();
    const stacks =
      answered<{ id: string; name: string; region: { id: string; name: string } }[]>('get-stacks');
    const on = stacks.find((each) => each.name === stack);
    if (on === undefined) throw new Error(`There is no stack ${stack}.`);
    const row: SpaceRow = {
      compliance: [...compliance],
      created_at: at,
      id: randomUUID(),
      name,
      region: on.region,
      stack: { id: on.id, name: on.name },
      state: 'allocated',
      updated_at: at,
    };
    this.spaces.push(row);
    return row;
  }

  /** Adds an app, with the domain that the controller computes. */
  addApp(name: string, space: SpaceRow, config: Readonly<Record<string, unknown>> = {}): AppRow {
    const tags = space.compliance.map((tag) => `compliance=${tag}`).join(',');
    const internal = space.compliance.some((tag) => tag.toLowerCase() === 'internal');
    const row = {
      ...answered<AppRow>('app-create-minimal'),
      id: randomUUID(),
      name: `${name}-${space.name}`,
      key: `${name}-${space.name}`,
      simple_name: name,
      space: { id: space.id, name: space.name, compliance: tags },
      web_url: `https://${name}-${space.name}.${internal ? 'internal.' : ''}maru.example.test`.replaceAll(
        '-default',
        '',
      ),
    };
    this.apps.push(row);
    this.config.set(row.id, { PORT: '9000', ...config });
    return row;
  }

  /** Adds the apps of the second recording, with all that it answers of them. */
  addRecorded(): void {
    const space = this.addSpace('rone');
    for (const [name, id] of [
      ['web', '17106071-6068-4520-a356-07ba49a178ba'],
      ['api', 'cf98a50f-1e11-4525-88f9-e5eea79a6bfe'],
      ['prod1', '5013176e-868d-4526-a82c-1cee9f685b7c'],
    ] as const) {
      const row = this.addApp(name, space, answered('confnotes-remove-required'));
      this.config.set(id, this.config.get(row.id) ?? {});
      row.id = id;
    }
    for (const { request, response } of laterExchanges) {
      if (request.method !== 'GET' && response.status >= 300) continue;
      const route = `${request.method} ${request.path}`;
      const isBetter = response.status < 300 || !this.answers.has(route);
      if (isBetter && response.status !== 401) {
        this.answers.set(route, { status: response.status, body: response.bodyText });
      }
    }
    for (const build of answered<{ id: string }[]>('builds-all')) {
      this.answer(`GET /apps/web-rone/builds/${build.id}`, build);
    }
    const pipeline = answered<{ id: string }>('pipelines-one');
    this.answer(`GET /pipelines/${pipeline.id}`, pipeline);
    this.answers.set(`GET /pipelines/${pipeline.id}/pipeline-couplings`, replay('couplings-of-pipeline'));
    // These it has itself.
    for (const route of [
      'POST /apps',
      'GET /apps',
      'POST /apps/web-rone/log-sessions',
      'PATCH /apps/web-rone/config-vars',
    ])
      this.answers.delete(route);
  }

  /** Answers a request, method and path, with a value. */
  answer(route: string, value: unknown, status = 200): void {
    this.answers.set(route, { status, body: JSON.stringify(value) });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [method = '', path = ''] = [request.method, request.url];
    if (path.startsWith('/log-sessions/')) return this.#tellLog(request, response);
    const answer = (): Answer => {
      if (request.headers.authorization !== `Bearer ${TOKEN}`) {
        return { status: 401, body: 'Unauthorized', headers: GATEWAY_HEADERS };
      }
      this.requests.push(`${method} ${path}`);
      const body = Buffer.concat(chunks).toString();
      if (method !== 'GET') this.bodies.push(body === '' ? undefined : JSON.parse(body));
      return this.answers.get(`${method} ${path}`) ?? this.#answer(method, path, body);
    };
    if (this.fault?.({ method, path }, response, answer) === true) return;
    const { status, body, headers = JSON_HEADERS } = answer();
    response.writeHead(status, headers).end(body);
  }

  /** A log server is another one: nobody's credentials are for it. */
  #tellLog({ headers }: IncomingMessage, response: ServerResponse): void {
    if (headers.authorization !== undefined) {
      response.writeHead(400).end('These credentials are not for a log server.');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain' }).write(this.logs.shift() ?? '');
    if (this.logs.length > 0 || !this.#isTailed) response.end();
  }

  #answer(method: string, path: string, body: string): Answer {
    const [, noun = '', key = '', part = '', item = ''] = path.split('?', 1)[0]?.split('/') ?? [];
    if (['builds', 'releases'].includes(part) && item !== '') return replay('releases-one-by-version');
    if (part === 'formation' && item !== '')
      return text(404, `The specified formation ${item} was not found.`);
    const route = `${method} /${noun}${key === '' ? '' : '/:key'}${part === '' ? '' : `/${part}`}`;
    // Its routes end where the URL does; only these take a query.
    if (path.includes('?') && !['apps', 'audits'].includes(noun)) return NO_ROUTE;
    if (path.endsWith('/')) return NO_ROUTE;
    switch (route) {
      case 'GET /spaces':
        return found(this.spaces.map((row) => this.#counted(row)));
      case 'POST /spaces':
        return this.#createSpace(JSON.parse(body) as { name: string; compliance?: string[]; stack?: string });
      case 'GET /spaces/:key': {
        const rows = this.spaces.filter(({ id, name }) => id === key || name === key);
        // Two of one name are none.
        return rows.length === 1
          ? found(this.#counted(rows[0] as SpaceRow))
          : text(404, `The specified space ${key} does not exist.`);
      }
      case 'GET /apps':
        return found(this.apps);
      case 'POST /apps':
        return this.#createApp(JSON.parse(body) as { name: string; space?: string; org?: string });
      case 'GET /apps/:key': {
        const app = this.#app(key);
        return app === undefined ? text(404, `The specified application ${key} does not exist.`) : found(app);
      }
      case 'GET /apps/:key/dynos':
      case 'GET /apps/:key/releases':
      case 'GET /apps/:key/formation':
        return found([]);
      case 'GET /apps/:key/pipeline-couplings':
        return replay('couplings-of-app-none');
      case 'GET /apps/:key/config-vars':
      case 'PATCH /apps/:key/config-vars': {
        const app = this.#app(key);
        if (app === undefined) return text(404, `The specified application ${key} does not exist.`);
        const vars = { ...this.config.get(app.id) };
        const given = method === 'PATCH' ? (JSON.parse(body) as Record<string, unknown>) : {};
        for (const [name, value] of Object.entries(given)) {
          if (value !== null) vars[name] = value;
          // An empty one is not there for it, and stays for ever.
          else if ((vars[name] ?? '') === '')
            return text(409, `The environment variable ${name} does not exist and cannot be removed.`);
          else delete vars[name];
        }
        this.config.set(app.id, vars);
        return found(vars);
      }
      case 'POST /apps/:key/log-sessions': {
        this.#isTailed = (JSON.parse(body) as { tail: boolean }).tail;
        return { ...found({ id: 'session', logplex_url: `${this.url}/log-sessions/session` }), status: 201 };
      }
      case 'GET /audits':
        return text(501, 'Not Implemented Error');
      case 'GET /account':
        return replay('gw-account');
      case 'GET /stacks':
        return replay('get-stacks');
      case 'GET /regions':
        return replay('get-regions');
      case 'GET /stacks/:key':
        return one('get-stacks', key) ?? text(404, `The specified stack ${key} was not found.`);
      case 'GET /regions/:key':
        return one('get-regions', key) ?? text(404, `The specified region ${key} was not found.`);
      case 'GET /organizations':
        return replay('get-organizations');
      case 'GET /sizes':
        return replay('get-sizes');
      case 'GET /pipelines':
        return found([]);
      default:
        return NO_ROUTE;
    }
  }

  #createSpace(wanted: { name: string; compliance?: string[] | null; stack?: string }): Answer {
    const name = wanted.name.toLowerCase();
    if (this.spaces.some((row) => row.name === name)) return replay('space-create-duplicate');
    const stored = this.addSpace(name, this.stores(wanted.compliance ?? []), wanted.stack);
    if (this.rivals) this.addSpace(name);
    return this.clusterFails ? replay('region-create-fails') : found(stored);
  }

  #createApp({ name, space = '', org }: { name: string; space?: string; org?: string }): Answer {
    if (org === undefined) return replay('app-create-no-org');
    if (`${name}-${space}`.length >= 25) return replay('app-create-too-long-25');
    const row = this.spaces.find((each) => each.name === space);
    if (row === undefined) return text(404, `The specified space ${space} does not exist.`);
    if (this.#app(`${name}-${space}`) !== undefined) return replay('app-create-duplicate');
    return { ...found(this.addApp(name, row)), status: 201 };
  }

  #app(key: string): AppRow | undefined {
    return this.apps.find(({ id, name }) => id === key || name === key);
  }

  #counted(row: SpaceRow): SpaceRow {
    return { ...row, apps: String(this.apps.filter(({ space }) => space.id === row.id).length) };
  }
}

/** What there is no route for: nothing at all. */
const NO_ROUTE: Answer = { status: 404, body: '', headers: {} };

function found(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

function text(status: number, body: string): Answer {
  return { status, body };
}

/** One of a list that was recorded. */
function one(list: string, key: string): Answer | undefined {
  const row = answered<{ id: string; name: string }[]>(list).find(
    ({ id, name }) => id === key || name === key,
  );
  return row && found(row);
}

/** What was recorded, as it was. */
function replay(name: string): Answer {
  const { status, bodyText, headers } = recorded(name).response;
  const type = headers['content-type'];
  return { status, body: bodyText, ...(type !== undefined && { headers: { 'content-type': type } }) };
}

/** An answer as bytes on the wire: in chunks, as the controller sends all of its own, or of a length that is said. */
export function onTheWire({ status, body, headers = JSON_HEADERS }: Answer, chunked = true): Buffer {
  const bytes = Buffer.from(body);
  const framing = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bytes.length) };
  const lines = Object.entries({ ...headers, ...framing }).map(([name, value]) => `${name}: ${value}`);
  const head = Buffer.from([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n'));
  if (!chunked) return Buffer.concat([head, bytes]);
  const middle = bytes.length >> 1;
  const chunks = [bytes.subarray(0, middle), bytes.subarray(middle)].filter(({ length }) => length > 0);
  const framed = chunks.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']);
  return Buffer.concat([head, ...[...framed, '0\r\n\r\n'].map((part) => Buffer.from(part as string))]);
}
