import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppsApiError, ruleBroken, Unsupported } from '../../contract/errors.js';
import { FrameError, jsonFrame, valueIn } from '../../contract/frames.js';
import { firstFrame, TUNNEL_PATH, TUNNELS, type TunnelName } from '../../contract/tunnels.js';
import { RuleError } from '../../model/rule.js';
import type { Caller } from '../caller.js';
import { answerTo, commonHeaders } from './answers.js';
import type { Door } from './doors.js';
import { rawAnswer } from './http-server.js';
import { isHttp1 } from './http-version.js';

/** What a client asks of a tunnel. */
export interface TunnelCall {
  readonly caller: Caller;
  /** The app, as it was named. */
  readonly app: string;
  /** Not parsed yet. */
  readonly order: unknown;
  /** Nothing was read of it that came after the order. Half open, if the client is done with sending. */
  readonly socket: Socket;
}

/** Serves one connection. What it rejects with is told to the client, as long as nothing was sent. */
export type Tunnel = (call: TunnelCall) => Promise<void>;
export type Tunnels = Readonly<Partial<Record<TunnelName, Tunnel>>>;

/** How long a client may take to say what it wants, in milliseconds. */
const OPEN_MS = 10_000;
/** Between two probes of a connection on which nothing happens, in milliseconds: the other machine may be gone. */
const PROBE_MS = 30_000;

const LINGER_MS = 2000;

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Answers requests for an upgrade: to a tunnel for whoever is admitted, and to nothing else. */
export function upgrades(door: () => Door, tunnels: Tunnels, log: (line: string) => void): OnUpgrade {
  return (request, duplex, head) => {
    const socket = duplex as Socket;
    const requestId = randomUUID();
    const answer = (error: unknown): ReturnType<typeof answerTo> =>
      answerTo(error instanceof RuleError ? ruleBroken(error) : error, requestId, log);
    // A connection that breaks is its client's matter, and none of the daemon's.
    socket.on('error', () => socket.destroy());
    const admit = (): Caller => door().admit(request);
    let call: { tunnel: Tunnel; app: string; name: TunnelName };
    try {
      admit();
      call = wanted(request, tunnels);
    } catch (error) {
      const { status, body } = answer(error);
      socket.end(rawAnswer(status, commonHeaders(requestId), JSON.stringify(body)));
      return;
    }
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_MS);
    socket.write(switching(call.name, requestId));
    if (head.length > 0) socket.unshift(head);
    void open(call, socket, admit).catch((error: unknown) => {
      const { status, body } = answer(error instanceof FrameError ? notUnderstood(error) : error);
      if (socket.writable) socket.end(jsonFrame('error', { status, ...body }));
      // Closed with something unread, it might lose what was said last: the client has a moment to close it.
      socket.once('end', () => socket.destroy()).setTimeout(LINGER_MS, () => socket.destroy());
      socket.resume();
    });
  };
}

async function open(
  { tunnel, app }: { tunnel: Tunnel; app: string },
  socket: Socket,
  admit: () => Caller,
): Promise<void> {
  const frame = await firstFrame(socket, OPEN_MS);
  if (frame.type !== 'open') throw new FrameError('What is wanted must be said first.');
  // Again: what they came in by may have been taken from them before they said what they want.
  await tunnel({ caller: admit(), app, order: valueIn(frame), socket });
}

const PATH = new RegExp(`^${TUNNEL_PATH.replace('{app}', '([^/?]+)')}/*$`);

/** What a request asks for. Throws an AppsApiError if that can't be had. */
function wanted(
  request: IncomingMessage,
  tunnels: Tunnels,
): { name: TunnelName; tunnel: Tunnel; app: string } {
  const asked = (request.headers.upgrade ?? '').toLowerCase();
  const app = PATH.exec(request.url ?? '')?.[1];
  const name = TUNNELS.find((each) => each === asked);
  if (!isHttp1(request)) {
    throw new AppsApiError({ id: 'version_not_supported', status: 505, message: 'Use HTTP/1.1.' });
  }
  if (request.method !== 'POST' || app === undefined || name === undefined) {
    throw new AppsApiError({
      id: 'unknown_upgrade',
      status: 400,
      message: 'There is no such upgrade of a connection here.',
      hint: `Possible are ${TUNNELS.join(' and ')}, by POST ${TUNNEL_PATH}.`,
    });
  }
  const tunnel = tunnels[name];
  if (tunnel === undefined) throw new Unsupported('connect to dynos: none run here');
  return { name, tunnel, app: decoded(app) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AppsApiError({ id: 'bad_path', status: 400, message: 'That is not a path of this API.' });
  }
}

function switching(name: TunnelName, requestId: string): string {
  const headers = { ...commonHeaders(requestId), Connection: 'Upgrade', Upgrade: name };
  const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  return ['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n');
}

function notUnderstood(error: FrameError): AppsApiError {
  return new AppsApiError({
    id: 'bad_frame',
    status: 400,
    message: error.message,
    hint: 'The client may be of another version: use the same one on both sides.',
  });
}
