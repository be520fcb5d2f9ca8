import { lstatSync, renameSync, type Stats, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { AppsApiError, conflict } from '../../contract/errors.js';
import { errorCode } from '../../model/error-code.js';
import { privateFolder } from '../files/private-files.js';
import { listening } from './listening.js';

/** The most bytes in the path of a unix socket (macOS has the least: sun_path with its NUL, unix(4)). */
export const SOCKET_PATH_MAX = 103;

/**
 * Makes a server listen on a unix socket that only its owner can open (0600), whatever the umask. What a dead server
 * left behind is replaced; it throws an AppsApiError (409) if a live one is there, or a file that is no socket.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_MAX) {
    throw new AppsApiError({
      id: 'socket_path_too_long',
      status: 422,
      message: `${path} has more than the ${SOCKET_PATH_MAX} bytes that the path of a unix socket may have.`,
      hint: 'Use a folder with a shorter path: AKA_DATA_DIR.',
    });
  }
  privateFolder(dirname(path));
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return bind(server, path);
  if (!there.isSocket()) {
    throw conflict(
      'socket_path_taken',
      `${path} is there and is no socket.`,
      'Move it away, or use another path.',
    );
  }
  if (await answers(path)) throw taken(path);
  const left = setAside(path, there);
  await bind(server, path);
  unlinkSync(left);
}

/** Listening creates the file in the same turn, so nothing else runs under this umask. */
async function bind(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  let ready: Promise<void>;
  try {
    ready = listening(server, () => server.listen(path));
  } finally {
    process.umask(before);
  }
  try {
    await ready;
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') throw taken(path);
    throw error;
  }
}

/** Whether a server is behind a socket: connecting to what a dead one left is refused. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      const code = errorCode(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false);
      else if (code === 'EAGAIN') resolve(true);
      else reject(error);
    });
  });
}

/**
 * Renames a dead socket, and answers its new path. Another server that starts at this moment may have replaced it
 * already: then its live one goes back to its place.
 */
function setAside(path: string, dead: Stats): string {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    throw taken(path);
  }
  if (lstatSync(aside).ino === dead.ino) return aside;
  renameSync(aside, path);
  throw taken(path);
}

function taken(path: string): AppsApiError {
  return conflict(
    'already_running',
    `A platform is running already: it answers on ${path}.`,
    'Use it as it is, or stop it first.',
  );
}
