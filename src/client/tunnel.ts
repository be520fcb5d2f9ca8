import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AppsApiError, type ErrorFacts } from '../contract/errors.js';
import { type Frame, FrameError, jsonFrame, valueIn } from '../contract/frames.js';
import { firstFrame, Opened, TUNNEL_PATH, type TunnelName } from '../contract/tunnels.js';
import { VERSION } from '../contract/version.js';
import { WireError } from '../contract/wire.js';
import { printable } from '../model/rule.js';
import { errorOf, noAnswer } from './answers.js';
import { type ApiAddress, parseApiAddress } from './api-address.js';
import type { Credentials } from './credentials.js';
import { credentialsFor } from './http-api.js';
import { connectionFailure, singleHeaders, TransportError } from './transport.js';

/** Where tunnels are to be had. */
export interface TunnelTarget {
  readonly url: string;
  readonly credentials?: Credentials | undefined;
}

/** A connection to a dyno. */
export interface OpenTunnel {
  /** Such as `web.1`. */
  readonly dyno: string;
  readonly socket: Socket;
}

/** How long the server may take to answer, and then to start or to reach a dyno, in milliseconds. */
const ANSWER_MS = 15_000;
const OPENED_MS = 60_000;
const PROBE_MS = 30_000;
const ERROR_BYTES = 64 * 1024;

/**
 * Connects to a dyno of an app. Throws an AppsApiError for whatever keeps it from that: the server, which says why, or
 * the way there.
 */
export async function openTunnel(
  target: TunnelTarget,
  { name, app, order }: { readonly name: TunnelName; readonly app: string; readonly order: unknown },
): Promise<OpenTunnel> {
  const address = parseApiAddress(target.url);
  const credentials = credentialsFor(address, target.credentials);
  const called = {
    endpoint: { method: 'POST', path: TUNNEL_PATH, summary: 'Connect to dynos' },
    at: address.shown,
    filtered: false,
  } as const;
  const opening = openFrame(order);
  const request = await requestTo(address, {
    method: 'POST',
    path: `${address.base}${TUNNEL_PATH.replace('{app}', encodeURIComponent(app))}`,
    headers: {
      accept: 'application/json',
      'user-agent': `aka/${VERSION}`,
      connection: 'Upgrade',
      upgrade: name,
      ...(credentials !== undefined && { authorization: credentials.authorization() }),
    },
  });
  const answer = await answerTo(request).catch((error: unknown) => {
    throw error instanceof TransportError ? noAnswer(called, error) : error;
  });
  if (!('socket' in answer)) {
    // A server that knows no upgrades takes this for a request of another kind, and may even do it.
    const isAkkeris = (): boolean => answer.headers['aka-version'] === undefined;
    throw errorOf(
      { ...called, isAkkeris },
      answer.status < 400 ? { ...answer, status: 501, body: '' } : answer,
      (text) => credentials?.conceal(text) ?? text,
    );
  }
  const { socket } = answer;
  // A connection that breaks is noticed by its end.
  socket.on('error', () => undefined);
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, PROBE_MS);
  socket.allowHalfOpen = true;
  socket.write(opening);
  try {
    return { dyno: openedBy(await firstFrame(socket, OPENED_MS)), socket };
  } catch (error) {
    socket.destroy();
    throw error instanceof FrameError ? brokenOff(address.shown, error.message) : error;
  }
}

/** The error in a frame. */
export function errorIn(received: Frame): AppsApiError {
  const value = valueIn(received) as { status?: unknown } | null;
  const parsed = WireError.safeParse(value);
  const status = typeof value?.status === 'number' ? value.status : 500;
  if (!parsed.success) return brokenOff('The platform', 'What it says is no error.');
  const { id, message, hint } = parsed.data;
  const facts: ErrorFacts = { id, status, message: printable(message) };
  return new AppsApiError(hint === undefined ? facts : { ...facts, hint: printable(hint) });
}

/** The error for a connection that did not do what it should. */
export function brokenOff(at: string, why: string): AppsApiError {
  return new AppsApiError({
    id: 'connection_lost',
    status: 0,
    message: `The connection to ${at} failed: ${why}`,
    hint: 'Whether the platform runs: aka platform:status',
  });
}

function openFrame(order: unknown): Buffer {
  try {
    return jsonFrame('open', order);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new AppsApiError({
      id: 'order_too_large',
      status: 422,
      message: 'The command with its variables is too long.',
      hint: 'Hand it over on standard input.',
    });
  }
}

function openedBy(received: Frame): string {
  if (received.type === 'error') throw errorIn(received);
  const opened = received.type === 'opened' ? Opened.safeParse(valueIn(received)) : undefined;
  if (opened?.success !== true) throw new FrameError('The platform says what this aka does not know.');
  return printable(opened.data.dyno);
}

async function requestTo(
  address: ApiAddress,
  options: { readonly method: string; readonly path: string; readonly headers: Record<string, string> },
): Promise<ClientRequest> {
  if (address.kind === 'unix') return httpRequest({ socketPath: address.socket, ...options });
  if (address.origin.startsWith('http:')) return httpRequest(address.origin, options);
  const { request } = await import('node:https');
  return request(address.origin, options);
}

/** What a server says to a request for an upgrade: another protocol, or an answer as to any request. */
function answerTo(
  request: ClientRequest,
): Promise<
  { socket: Socket } | { status: number; headers: Record<string, string | undefined>; body: string }
> {
  return new Promise((resolve, reject) => {
    request.setTimeout(ANSWER_MS, () => {
      request.destroy();
      reject(new TransportError('timeout', `no answer in ${ANSWER_MS / 1000} s`, true, true));
    });
    request.on('error', (error) => reject(connectionFailure(error, false)));
    request.on('upgrade', (_, socket: Socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve({ socket });
    });
    request.on('response', (response) => {
      void bodyOf(response).then(
        (body) =>
          resolve({ status: response.statusCode ?? 0, headers: singleHeaders(response.headers), body }),
        (error: unknown) => reject(connectionFailure(error, true)),
      );
    });
    request.end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > ERROR_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
