import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { anyOf } from '../../../src/platform/server/reporter-tokens.js';
import { type Serving, serve } from '../../../src/platform/server/serve.js';
import { bearerTokens, storedTokens } from '../../../src/platform/server/tokens.js';
import { type TemporaryPlatform, temporaryPlatform } from '../platforms.js';
import type { Exchange } from './exchanges.js';

/** What our server answers. */
export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

const USERS = [
  { name: 'dev', role: 'user', secret: 'the-token-of-the-developer-in-the-recording' },
  { name: 'admin', role: 'admin', secret: 'the-token-of-its-administrator-in-the-recording' },
] as const;
const [DEV, ADMIN] = USERS.map(({ secret }) => secret) as [string, string];

/** What was done to the recorded installation by other ways than the recorded requests. */
export interface Past {
  /** Before all of them. */
  settle(here: Here): Promise<void>;
  /** Before the one of this name: what was not recorded, or what only ours has done undone. */
  before(name: string, here: Here): Promise<void>;
  /** After all of them. */
  end?(): void;
}

/** The platform that recorded requests are sent to. */
export interface Here {
  readonly api: AppsApi;
  readonly temporary: TemporaryPlatform;
  /** Says what an id, or another text, of the recording is here. */
  readonly know: (theirs: string, ours: string) => void;
}

/** Our server, over TCP, with what the recorded installation had. */
export class Replay {
  /** Ids of the recording, and what they are here. */
  readonly #ids = new Map<string, string>();

  private constructor(
    private readonly past: Past,
    private readonly temporary: TemporaryPlatform,
    private readonly server: Serving,
    private readonly trusted: string,
  ) {}

  static async open(past: Past): Promise<Replay> {
    const temporary = temporaryPlatform();
    const { platform } = temporary;
    const session = platform.session(DAEMON);
    const at = { createdAt: session.now().toISOString(), updatedAt: session.now().toISOString() };
    for (const [index, name] of ['test', 'alamo'].entries()) {
      session.store.catalog.insertOrganization({ id: `${index}`.repeat(8), name, ...at });
    }
    const api = platform.as({ name: 'adam', role: 'admin', origin: 'cli' });
    await settleRegions(api);
    const { secret } = await api.tokens.create({ name: 'controller', role: 'admin', trusted: true });
    const server = await serve(platform, {
      listen: {
        host: '127.0.0.1',
        port: 0,
        tokens: anyOf([bearerTokens(USERS), storedTokens(session)]),
      },
    });
    const replay = new Replay(past, temporary, server, secret);
    await past.settle(replay.#here());
    return replay;
  }

  /** Sends what a client sent then, with credentials and ids of now. */
  async send({ name, request: { method, path, headers, body } }: Exchange): Promise<Answer> {
    await this.past.before(name, this.#here());
    const hasBody = body !== null;
    const sent = Object.entries({ 'content-type': hasBody ? 'application/json' : null, ...headers });
    return this.ask(
      method,
      this.#translated(path),
      Object.fromEntries(
        sent.flatMap(([header, value]) =>
          value === null ? [] : [[header, this.#credentials(header, value)]],
        ),
      ),
      hasBody ? this.#translated(typeof body === 'string' ? body : JSON.stringify(body)) : undefined,
    );
  }

  /** Sends a request as a trusted caller who is elevated. */
  async asked(method: string, path: string): Promise<Answer> {
    const headers = {
      authorization: this.trusted,
      'x-username': 'test',
      'x-elevated-access': 'true',
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    };
    return this.ask(method, path, headers, method === 'GET' ? undefined : '{}');
  }

  /** Learns which id of the recording is which here, from where they are in both answers. */
  learn(theirs: unknown, ours: unknown): void {
    if (typeof theirs === 'string' && typeof ours === 'string') {
      if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(theirs)) this.#ids.set(theirs, ours);
    } else if (typeof theirs === 'object' && theirs !== null && typeof ours === 'object' && ours !== null) {
      // The items of lists need not be the same ones.
      if (Array.isArray(theirs)) return;
      for (const [member, value] of Object.entries(theirs)) {
        this.learn(value, (ours as Record<string, unknown>)[member]);
      }
    }
  }

  async close(): Promise<void> {
    this.past.end?.();
    await this.server.close();
    this.temporary.remove();
  }

  #here(): Here {
    const { temporary } = this;
    return {
      api: temporary.platform.as({ name: 'adam', role: 'admin', origin: 'cli' }),
      temporary,
      know: (theirs, ours) => this.#ids.set(theirs, ours),
    };
  }

  #credentials(header: string, value: string): string {
    if (header !== 'authorization') return value;
    return value
      .replace(/^(Bearer )?hello$/, `$1${this.trusted}`)
      .replace('Bearer dev-token', `Bearer ${DEV}`)
      .replace('Bearer admin-token', `Bearer ${ADMIN}`)
      .replace('Basic eDpkZXYtdG9rZW4=', `Basic ${Buffer.from(`x:${DEV}`).toString('base64')}`);
  }

  #translated(said: string): string {
    return [...this.#ids].reduce((text, [theirs, ours]) => text.replaceAll(theirs, ours), said);
  }

  private async ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> {
    const { hostname, port } = new URL(this.server.addresses[0] ?? '');
    const asking = request({ agent: false, hostname, port, method, path, headers });
    asking.end(body);
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 0,
      type: answer.headers['content-type'],
      text: await textOf(answer),
    };
  }
}

async function settleRegions({ regions, stacks }: AppsApi): Promise<void> {
  const amazon = { name: 'amazon-web-services', region: 'r', availability_zones: ['a', 'b'] };
  for (const [name, country, capable] of [
    ['us-seattle', 'United States', true],
    ['eu-ireland', 'Ireland', false],
  ] as const) {
    const facts = { description: name, country, locale: 'here', provider: amazon };
    await regions.create({ name, ...facts, private_capable: capable });
  }
  const seattle = { region: { id: 'us-seattle' } };
  await stacks.create({ name: 'maru', ...seattle, default: true });
  await stacks.create({ name: 'beta1', ...seattle, state: 'beta' });
  await stacks.create({ name: 'old1', ...seattle, state: 'deprecated' });
  await stacks.create({ name: 'eu1', region: { id: 'eu-ireland' } });
}
