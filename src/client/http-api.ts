import { randomUUID } from 'node:crypto';
import type { AppsApi, CallOptions } from '../contract/apps-api.js';
import { apiOf, type Endpoint, hasBody } from '../contract/endpoints.js';
import { AppsApiError, ruleBroken } from '../contract/errors.js';
import { VERSION } from '../contract/version.js';
import { checkIdempotencyKey } from '../model/idempotency.js';
import { printable, RuleError } from '../model/rule.js';
import { type Called, noAnswer, resultOf } from './answers.js';
import { type ApiAddress, parseApiAddress } from './api-address.js';
import type { Credentials } from './credentials.js';
import { partsOf } from './requests.js';
import { RETRIES, type Retries, sendRepeatedly } from './retries.js';
import { storedOtherwise } from './stored.js';
import { BOUNDS, type Bounds, type Incoming, type Transport, TransportError } from './transport.js';

export interface HttpApiOptions {
  /**
   * Takes what the user should know but what is no error, once each; and of what a create was asked for, the member
   * that was stored otherwise, if that is it.
   */
  readonly onWarning?: (message: string, storedOtherwise?: string) => void;
  readonly bounds?: Partial<Bounds>;
  readonly retries?: Partial<Retries>;
}

/**
 * The Apps API at an address, over HTTP. Nothing is sent, and nothing loaded, before the first call.
 *
 * Throws a RuleError for an address that can't be one, and an {@link AppsApiError} for a token that would travel in
 * clear to another machine.
 */
export function httpApi(
  target: { readonly url: string; readonly credentials?: Credentials | undefined },
  options: HttpApiOptions = {},
): AppsApi {
  const address = parseApiAddress(target.url);
  const credentials = credentialsFor(address, target.credentials);
  const connection = new Connection(address, credentials, options);
  const api = apiOf(
    ({ endpoint }) =>
      (input = {}, callOptions = {}) =>
        connection.call(endpoint, input, callOptions),
  );
  return { ...api, close: () => connection.close() };
}

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
  readonly #options: HttpApiOptions;
  readonly #bounds: Bounds;
  readonly #retries: Retries;
  #transport: Promise<Transport> | undefined;
  /** The version it says it has: such a server honours idempotency keys. */
  #serverVersion: string | undefined;

  constructor(address: ApiAddress, credentials: Credentials | undefined, options: HttpApiOptions) {
    this.#address = address;
    this.#credentials = credentials;
    this.#options = options;
    this.#bounds = { ...BOUNDS, ...options.bounds };
    this.#retries = { ...RETRIES, ...options.retries };
  }

  async call(
    endpoint: Endpoint,
    input: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<unknown> {
    const parts = partsOf(endpoint, input);
    const called: Called = { endpoint, at: this.#address.shown, filtered: parts.query !== '' };
    const answer = await this.#send({
      method: endpoint.method,
      path: `${this.#address.base}${parts.path}${parts.query}`,
      headers: this.#headers(endpoint, options),
      ...(parts.body !== undefined && { body: parts.body }),
    }).catch((error: unknown) => {
      throw error instanceof TransportError ? noAnswer(called, error) : error;
    });
    const body = this.#credentials?.conceal(answer.body) ?? answer.body;
    const result = resultOf(called, answer.status < 400 ? answer : { ...answer, body });
    if (endpoint.method === 'POST') {
      for (const { member, says } of storedOtherwise(input, result as Record<string, unknown>)) {
        this.#options.onWarning?.(`${called.at} did something else: ${says}.`, member);
      }
    }
    return result;
  }

  async close(): Promise<void> {
    await (await this.#transport)?.close();
  }

  async #send(request: Parameters<Transport['send']>[0]): Promise<Incoming> {
    this.#transport ??= this.#open();
    const transport = await this.#transport;
    const listening: Transport = {
      ...transport,
      send: async (outgoing, signal) => {
        const answer = await transport.send(outgoing, signal);
        this.#learn(answer);
        return answer;
      },
    };
    const deadline = AbortSignal.timeout(this.#bounds.call);
    return sendRepeatedly(
      listening,
      request,
      this.#retries,
      deadline,
      () => this.#serverVersion !== undefined,
    );
  }

  async #open(): Promise<Transport> {
    if (this.#address.kind === 'unix') {
      const { socketTransport } = await import('./socket-transport.js');
      return socketTransport(this.#address.socket, this.#bounds);
    }
    if (!this.#address.confidential) {
      this.#options.onWarning?.(
        `The way to ${this.#address.shown} is not encrypted: anybody on it can read along.`,
      );
    }
    const { undiciTransport } = await import('./undici-transport.js');
    return undiciTransport(this.#address.origin, this.#bounds);
  }

  #headers(endpoint: Endpoint, options: CallOptions): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': `aka/${VERSION}`,
      ...(hasBody(endpoint) && { 'content-type': 'application/json' }),
      ...(endpoint.method === 'POST' && {
        'idempotency-key': idempotencyKey(options),
      }),
      ...(this.#credentials !== undefined && { authorization: this.#credentials.authorization() }),
    };
  }

  #learn({ headers }: Incoming): void {
    const theirs = headers['aka-version'];
    if (theirs === undefined || theirs === this.#serverVersion) return;
    this.#serverVersion = theirs;
    if (minor(theirs) === minor(VERSION)) return;
    this.#options.onWarning?.(
      `The platform at ${this.#address.shown} is version ${printable(theirs.slice(0, 40))}, this is aka ${VERSION}. ` +
        'Restart it, or use the same version.',
    );
  }
}

/** Each call has a key of its own unless its caller gives one, so that it can be repeated. */
function idempotencyKey({ idempotencyKey: key = randomUUID() }: CallOptions): string {
  try {
    return checkIdempotencyKey(key);
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
