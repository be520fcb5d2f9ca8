import { DAEMON_PATH, DAEMON_STOP_PATH, DaemonStatus, socketOf } from '../contract/daemon.js';
import { AppsApiError } from '../contract/errors.js';
import { socketTransport } from './socket-transport.js';
import { BOUNDS, type Incoming, TransportError, whole } from './transport.js';

/** It answers at once, or something is wrong with it. */
const DAEMON_BOUNDS = { ...BOUNDS, connect: 2000, headers: 5000, body: 5000, call: 10_000 };

/**
 * The daemon of the platform with this data folder, as it describes itself; undefined if none runs. Throws an
 * AppsApiError if what is behind the socket gives no answer (504), or one that no daemon gives (502).
 */
export async function findDaemon(dataDir: string): Promise<DaemonStatus | undefined> {
  const socket = socketOf(dataDir);
  const answer = await ask(socket, 'GET', DAEMON_PATH);
  if (answer === undefined) return undefined;
  const status = DaemonStatus.safeParse(answer.status === 200 ? parsed(answer.body) : undefined);
  if (status.success) return status.data;
  throw new AppsApiError({
    id: 'not_a_daemon',
    status: 502,
    message: `What answers on ${socket} is no daemon that this aka knows.`,
    hint: 'If an older aka serves the platform, stop it where it was started.',
  });
}

/** The daemon of the platform with this data folder. Throws an AppsApiError (503) that says how to start it. */
export async function needDaemon(dataDir: string): Promise<DaemonStatus> {
  const daemon = await findDaemon(dataDir);
  if (daemon !== undefined) return daemon;
  throw new AppsApiError({
    id: 'not_running',
    status: 503,
    message: `The platform in ${dataDir} is not running.`,
    hint: 'Start it: aka platform:start',
  });
}

/** Asks the daemon of the platform with this data folder to end in order. False if none runs. */
export async function stopDaemon(dataDir: string): Promise<boolean> {
  return (await ask(socketOf(dataDir), 'POST', DAEMON_STOP_PATH))?.status === 202;
}

/** Undefined if nobody is there. */
async function ask(socket: string, method: 'GET' | 'POST', path: string): Promise<Incoming | undefined> {
  const transport = socketTransport(socket, DAEMON_BOUNDS);
  try {
    const answer = await transport.open(
      { method, path, headers: {} },
      AbortSignal.timeout(DAEMON_BOUNDS.call),
    );
    return await whole(answer, DAEMON_BOUNDS);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (error.kind === 'unreachable') return undefined;
    throw new AppsApiError({
      id: 'daemon_stuck',
      status: 504,
      message: `The platform's process is behind ${socket}, but gives no answer: ${error.message}.`,
      hint: 'Its log may say why: aka platform:logs',
    });
  } finally {
    await transport.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
