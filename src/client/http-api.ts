import type { AppsApi, AuditLines, CallOptions, LogLines, PlatformEvents } from '../contract/apps-api.js';
import { apiOf, type Endpoint, hasBody } from '../contract/endpoints.js';
import { AppsApiError, ruleBroken } from '../contract/errors.js';
import { partsOf } from '../contract/requests.js';
import {
  auditExport,
  EVENTS_TYPE,
  eventStream,
  LINES_TYPE,
  logsOf,
  sourceUpload,
} from '../contract/streams.js';
import { VERSION } from '../contract/version.js';
import type * as wire from '../contract/wire.js';
import { checkIdempotencyKey } from '../model/idempotency.js';
import { printable, RuleError } from '../model/rule.js';
import { badAnswer, type Called, noAnswer, resultOf } from './answers.js';
import { type ApiAddress, parseApiAddress } from './api-address.js';
import type { Credentials } from './credentials.js';
import type { Elsewhere } from './elsewhere.js';
import { documentsIn } from './lines.js';
import { RETRIES, type Retries, sendRepeatedly } from './retries.js';
import { eventsIn } from './server-sent-events.js';
import { storedOtherwise } from './stored.js';
import { type TcpOptions, tcpTransport } from './tcp-transport.js';
import {
  type Answering,
  BOUNDS,
  type Bounds,
  type Incoming,
  type Outgoing,
  type Transport,
  TransportError,
  whole,
} from './transport.js';
import { underWay } from './under-way.js';

/** Where an Apps API is, and what opens it. */
export interface HttpTarget {
  readonly url: string;
  readonly credentials?: Credentials | undefined;
  /** A file with certificates that are accepted there besides those that Node.js knows. */
  readonly ca?: string | undefined;
}

export interface HttpApiOptions {
  /**
   * Takes what the user should know but what is no error, once each; and of what a create was asked for, the member
   * that was stored otherwise, if that is it.
   */
  readonly onWarning?: (message: string, storedOtherwise?: string) => void;
  readonly bounds?: Partial<Bounds>;
  readonly retries?: Partial<Retries>;
  /** Hears, once that can be told, whether an Akkeris installation answers. */
  readonly onServer?: (isAkkeris: boolean) => void;
  /** Where proxies are named; none unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Calls an operation that need not be one of the Apps API. Rejects as those do. */
export type CallEndpoint = <Result>(endpoint: Endpoint<unknown, Result>, input: Input) => Promise<Result>;

/** An Apps API over HTTP, and what else is at its address. */
export interface HttpPlatform {
  readonly api: AppsApi;
  readonly call: CallEndpoint;
  /** Reads what it names a URL for, without its credentials. */
  readonly read: (what: Elsewhere, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/**
 * An Apps API that keeps the contract, at an address, over HTTP. Nothing is sent, and nothing loaded, before the first call.
 *
 * Throws a RuleError for an address that can't be one, and an {@link AppsApiError} for a token that would travel in
 * clear to another machine.
 */
export function httpApi(target: HttpTarget, options: HttpApiOptions = {}): AppsApi {
  return httpPlatform(target, options).api;
}

/** As {@link httpApi}, with a way to call what is no operation of the Apps API. */
export function httpPlatform(target: HttpTarget, options: HttpApiOptions = {}): HttpPlatform {
  const address = parseApiAddress(target.url);
  const credentials = credentialsFor(address, target.credentials);
  const connection = new Connection(address, credentials, target.ca, options);
  const call: CallEndpoint = async <Result>(endpoint: Endpoint<unknown, Result>, input: Input) =>
    (await connection.call(endpoint, input, {})) as Result;
  return {
    api: apiAt(connection),
    call,
    read: (what, signal) => elsewhere(what, { ...options, ca: target.ca }, signal),
  };
}

async function* elsewhere(
  what: Elsewhere,
  options: TcpOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { readElsewhere } = await import('./elsewhere.js');
  yield* readElsewhere(what, options, signal);
}

function apiAt(connection: Connection): AppsApi {
  const api = apiOf(
    ({ endpoint }) =>
      (input = {}, callOptions = {}) =>
        connection.call(endpoint, input, callOptions),
  );
  return {
    ...api,
    logs: logsOf(
      ({ endpoint }) =>
        (filter, signal) =>
          connection.lines(endpoint, filter as Input, signal) as Promise<LogLines>,
    ),
    audits: {
      ...api.audits,
      export: (filter = {}, signal) => connection.lines(auditExport, filter, signal) as Promise<AuditLines>,
    },
    events: {
      read: (filter = {}, signal) => connection.lines(eventStream, filter, signal) as Promise<PlatformEvents>,
    },
    sources: {
      upload: (content, given = {}, signal) => connection.upload(content, given, signal),
    },
    close: () => connection.close(),
  };
}

type Input = Readonly<Record<string, unknown>>;
/** The credentials that are sent to an address. Throws an {@link AppsApiError} if they would travel in clear. */
export function credentialsFor(
  address: ApiAddress,
  credentials: Credentials | undefined,
): Credentials | undefined {
  // Nobody but this user can be behind a unix socket of theirs: a token is not needed there.
  if (credentials === undefined || address.kind === 'unix') return undefined;
  if (!address.confidential) throw inClear(address.shown);
  return credentials;
}

/** One server, and what was learnt about it. */
class Connection {
  readonly #address: ApiAddress;
  readonly #credentials: Credentials | undefined;
  readonly #ca: string | undefined;
  readonly #options: HttpApiOptions;
  readonly #bounds: Bounds;
  readonly #retries: Retries;
  #transport: Promise<Transport> | undefined;
  /** The version it says it has: such a server honours idempotency keys. */
  #serverVersion: string | undefined;
  /** Whether what answers is an Akkeris installation; undefined while that can't be told. */
  #isAkkeris: boolean | undefined;

  constructor(
    address: ApiAddress,
    credentials: Credentials | undefined,
    ca: string | undefined,
    options: HttpApiOptions,
  ) {
    this.#address = address;
    this.#credentials = credentials;
    this.#ca = ca;
    this.#options = options;
    this.#bounds = { ...BOUNDS, ...options.bounds };
    this.#retries = { ...RETRIES, ...options.retries };
  }

  async call(endpoint: Endpoint, input: Input, options: CallOptions): Promise<unknown> {
    const parts = partsOf(endpoint, input);
    const called = this.#called(endpoint, parts.query);
    const keyed = endpoint.method === 'POST' ? await withKey(options) : options;
    const request = {
      ...this.#outgoing(endpoint, parts, keyed),
      ...(parts.body !== undefined && { body: parts.body }),
    };
    const answered = this.#resultOf(called, input, async () =>
      sendRepeatedly(
        async (outgoing, signal) => whole(await this.#send(outgoing, signal), this.#bounds),
        request,
        this.#retries,
        AbortSignal.timeout(this.#bounds.call),
        () => this.#serverVersion !== undefined,
      ),
    );
    const result = await (endpoint.method === 'GET' ? answered : underWay(answered));
    if (endpoint.method === 'POST') {
      for (const { member, says } of storedOtherwise(input, result as Record<string, unknown>)) {
        this.#options.onWarning?.(`${called.at} did something else: ${says}.`, member);
      }
    }
    return result;
  }

  /** Sends bytes, once: they can't be had again. However long that takes, it goes on as long as some arrive. */
  async upload(
    content: AsyncIterable<Uint8Array>,
    given: Input,
    signal = new AbortController().signal,
  ): Promise<wire.Source> {
    const parts = partsOf(sourceUpload, given);
    const called = this.#called(sourceUpload, parts.query);
    let broken: { readonly error: unknown } | undefined;
    const body = (async function* () {
      try {
        yield* content;
      } catch (error) {
        broken = { error };
        throw error;
      }
    })();
    const request = { ...this.#outgoing(sourceUpload, parts), body };
    const result = await this.#resultOf(called, given, async () =>
      whole(await this.#send(request, signal), this.#bounds),
    ).catch((error: unknown) => {
      // That it ended is no fault of the way.
      throw broken === undefined ? error : broken.error;
    });
    return result as wire.Source;
  }

  /** Reads lines for as long as they come; `signal` ends them without an error. */
  async lines(
    endpoint: Endpoint,
    input: Input,
    signal = new AbortController().signal,
  ): Promise<AsyncIterable<unknown>> {
    const parts = partsOf(endpoint, input);
    const called = this.#called(endpoint, parts.query);
    const request = this.#outgoing(endpoint, parts);
    let answer: Answering;
    try {
      answer = await this.#send(request, signal);
    } catch (error) {
      if (signal.aborted) return nothing();
      throw error instanceof TransportError ? noAnswer(called, error) : error;
    }
    if (answer.status < 200 || answer.status > 299) {
      await this.#resultOf(called, input, () => whole(answer, this.#bounds));
    }
    return linesOf(called, answer, signal);
  }

  async close(): Promise<void> {
    await (await this.#transport)?.close();
  }

  #called(endpoint: Endpoint, query: string): Called {
    const isAkkeris = (): boolean => this.#isAkkeris === true;
    return { endpoint, at: this.#address.shown, filtered: query !== '', isAkkeris };
  }

  #outgoing(endpoint: Endpoint, parts: ReturnType<typeof partsOf>, options: CallOptions = {}): Outgoing {
    return {
      method: endpoint.method,
      path: `${this.#address.base}${parts.path}${parts.query}`,
      headers: this.#headers(endpoint, options),
    };
  }

  /** What an answer says. Throws an AppsApiError that holds no credentials if it says no, or none comes. */
  async #resultOf(called: Called, input: Input, exchange: () => Promise<Incoming>): Promise<unknown> {
    const answer = await exchange().catch((error: unknown) => {
      throw error instanceof TransportError ? noAnswer(called, error) : error;
    });
    const conceal = (text: string): string => this.#credentials?.conceal(text) ?? text;
    if (this.#isAkkeris !== true) return resultOf(called, answer, { conceal });
    const { endpoint } = called;
    const [{ shaped }, { reworded }] = await Promise.all([
      import('./akkeris/shapes.js'),
      import('./akkeris/refusals.js'),
    ]);
    return resultOf(called, answer, {
      conceal,
      shape: (value) => shaped(endpoint, value, input),
      reword: (error, text) => reworded(error, text, { endpoint, input }),
    });
  }

  async #send(request: Outgoing, signal: AbortSignal): Promise<Answering> {
    this.#transport ??= this.#open();
    const answer = await (await this.#transport).open(request, signal);
    this.#learn(answer);
    return answer;
  }

  async #open(): Promise<Transport> {
    if (this.#address.kind === 'unix') {
      const { socketTransport } = await import('./socket-transport.js');
      return socketTransport(this.#address.socket, this.#bounds);
    }
    return tcpTransport(this.#address, this.#bounds, { ...this.#options, ca: this.#ca });
  }

  #headers(endpoint: Endpoint, { idempotencyKey: key }: CallOptions): Record<string, string> {
    return {
      accept: acceptedFrom(endpoint),
      'user-agent': `aka/${VERSION}`,
      ...(hasBody(endpoint) && { 'content-type': 'application/json' }),
      ...(endpoint.method === 'PUT' && { 'content-type': 'application/octet-stream' }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(this.#credentials !== undefined && { authorization: this.#credentials.authorization() }),
    };
  }

  #learn({ status, headers }: Answering): void {
    const theirs = headers['aka-version'];
    // It says no version. A failure may be that of something between here and there, but for what it does not have.
    if (this.#isAkkeris === undefined && (theirs !== undefined || status < 500 || status === 501)) {
      this.#isAkkeris = theirs === undefined;
      this.#options.onServer?.(this.#isAkkeris);
    }
    if (theirs === undefined || theirs === this.#serverVersion) return;
    this.#serverVersion = theirs;
    if (minor(theirs) === minor(VERSION)) return;
    this.#options.onWarning?.(
      `The platform at ${this.#address.shown} is version ${printable(theirs.slice(0, 40))}, this is aka ${VERSION}. ` +
        'Restart it, or use the same version.',
    );
  }
}

async function* linesOf(called: Called, { body }: Answering, signal: AbortSignal): AsyncGenerator {
  try {
    for await (const document of called.endpoint.events === true ? eventsIn(body) : documentsIn(body)) {
      const line = called.endpoint.result.safeParse(document);
      if (!line.success) throw badAnswer(called, 'has a line that is none of it');
      yield line.data;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof TransportError ? noAnswer(called, error) : error;
  }
}

function acceptedFrom({ lines, events }: Endpoint): string {
  if (events === true) return EVENTS_TYPE;
  return lines === true ? LINES_TYPE : 'application/json';
}

async function* nothing(): AsyncGenerator<never> {}

/** Each call that creates has a key of its own unless its caller gives one, so that it can be repeated. */
async function withKey({ idempotencyKey: key }: CallOptions): Promise<CallOptions> {
  try {
    // Loading this takes as long as a request, and most calls don't create.
    return {
      idempotencyKey:
        key === undefined ? (await import('node:crypto')).randomUUID() : checkIdempotencyKey(key),
    };
  } catch (error) {
    throw error instanceof RuleError ? ruleBroken(error) : error;
  }
}

function minor(version: string): string {
  return version.split('.', 2).join('.');
}

function inClear(host: string): AppsApiError {
  return new AppsApiError({
    id: 'insecure',
    status: 422,
    message: `A token is not sent to ${host} over http: anybody on the way could read it.`,
    hint: 'Use https, or an SSH tunnel to a port of this machine.',
  });
}
