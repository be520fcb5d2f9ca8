import { request } from 'node:http';
import type { Socket } from 'node:net';
import { deadline } from '../deadline.js';

/** How one looks for a dyno: by connecting to a port of it and, if there is a path, asking for that. */
export interface Check {
  readonly dial: () => Promise<Socket>;
  readonly path: string | null;
}

/** What {@link look} says of a dyno that refuses connections. */
export const NOTHING_LISTENS = 'nothing listens on the port in $PORT';

/** How many dynos are looked for at the same time: the more there are, the more looking takes from their starting. */
let crowd = 0;

/** Between two looks, in milliseconds: few when a dyno has just begun, for most are there at once. */
const PAUSE = { first: 4, most: 250, growth: 1.1, each: 2 } as const;
/** The longest that one answer may take, in milliseconds. */
const ANSWER = 5000;

/**
 * Resolves when a dyno is well: with true, or with false after `ms` or at `signal`. What `path` answers must be 2xx or
 * 3xx; without a path it is enough that somebody listens.
 */
export async function becomesWell(check: Check, ms: number, signal: AbortSignal): Promise<boolean> {
  const over = deadline(ms, signal);
  const aborted = untilAborted(over.signal).then(() => false);
  crowd += 1;
  try {
    for (let pause: number = PAUSE.first; !over.signal.aborted; pause *= PAUSE.growth) {
      await sleep(Math.min(Math.max(pause, PAUSE.each * crowd), PAUSE.most), over.signal);
      // Connecting to one that has just ended may take seconds to fail.
      const looked = look(check).then((wrong) => wrong === undefined);
      if (await Promise.race([looked, aborted])) return true;
    }
    return false;
  } finally {
    over.release();
    crowd -= 1;
  }
}

/** Looks once, waiting `ms` for an answer at most. Answers what is wrong; undefined if it is well. */
export async function look({ dial, path }: Check, ms = ANSWER): Promise<string | undefined> {
  let socket: Socket;
  try {
    socket = await dial();
  } catch {
    return NOTHING_LISTENS;
  }
  if (path === null) {
    socket.destroy();
    return undefined;
  }
  try {
    const status = await ask(socket, path, ms);
    return status >= 200 && status < 400 ? undefined : `${path} answers ${status}`;
  } catch {
    return `${path} is not answered`;
  } finally {
    socket.destroy();
  }
}

function ask(socket: Socket, path: string, ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // Node's own `timeout` does nothing on a socket that is connected already, and begins anew with every byte.
    const limit = setTimeout(() => socket.destroy(), ms);
    const headers = { host: 'localhost', 'user-agent': 'aka health check', connection: 'close' };
    const sent = request({ path, headers, createConnection: () => socket }, (answer) => {
      clearTimeout(limit);
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    sent.on('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    sent.end();
  });
}

/** Resolves at `signal`. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves after a time, or at `signal`. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
