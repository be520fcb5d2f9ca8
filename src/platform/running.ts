import { AppsApiError, conflict } from '../contract/errors.js';
import { openPlatform } from './embedded.js';
import { ACCESS_TOKEN_MIN, accessToken, isAccessToken } from './files/access-token.js';
import { takeRole } from './files/process-lock.js';
import { serve } from './server/serve.js';
import { bearerTokens } from './server/tokens.js';
import { socketOf } from './server/unix-socket.js';
import type { Folders } from './store/store.js';

/** A platform that is being served. */
export interface Running {
  readonly pid: number;
  readonly socket: string;
  /** For `--api`. */
  readonly addresses: readonly string[];
  /** The file of the token for TCP; null if the token was handed over, or none is needed. */
  readonly tokenFile: string | null;
  /** Accepts nothing more, finishes what is under way, and takes the socket away. */
  stop(): Promise<void>;
}

export interface RunOptions {
  /** A loopback address to listen on besides the unix socket. Port 0 takes any free one. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** The bearer token for it; the one that is kept for this data unless given. */
  readonly token?: string | undefined;
  /** Who starts it, as the audit log names them: also whom the socket and that token stand for. */
  readonly user: string;
}

/**
 * Opens the platform of some folders and serves it. Throws an AppsApiError: 409 if a process does so already, 422
 * for a token that could be guessed, and what opening and listening throw.
 */
export async function runPlatform(folders: Folders, { listen, token, user }: RunOptions): Promise<Running> {
  if (listen !== undefined && token !== undefined && !isAccessToken(token)) throw weakToken();
  const role = takeRole(folders.dataDir, 'server', (pid) => alreadyRunning(pid, folders.dataDir));
  let close = (): void => role.release();
  try {
    const platform = openPlatform(folders);
    close = () => {
      platform.close();
      role.release();
    };
    const socket = socketOf(folders.dataDir);
    const kept =
      listen !== undefined && token === undefined ? accessToken(folders.configDir, platform.id) : undefined;
    const tokens = bearerTokens(
      [token, kept?.secret].flatMap((secret) =>
        secret === undefined ? [] : [{ name: user, role: 'admin' as const, secret }],
      ),
    );
    const serving = await serve(platform, {
      socket: { path: socket, user },
      ...(listen !== undefined && { listen: { ...listen, tokens } }),
    });
    return {
      pid: process.pid,
      socket,
      addresses: serving.addresses,
      tokenFile: kept?.file ?? null,
      async stop() {
        await serving.close();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

function weakToken() {
  return new AppsApiError({
    id: 'weak_token',
    status: 422,
    message: `The token for TCP must have ${ACCESS_TOKEN_MIN} or more visible characters.`,
    hint: 'Unset AKA_TOKEN and API_TOKEN to have one made, or use one like that of: openssl rand -hex 32',
  });
}

function alreadyRunning(pid: number | undefined, dataDir: string) {
  return conflict(
    'already_running',
    `The platform in ${dataDir} is being served already${pid === undefined ? '' : `, by process ${pid}`}.`,
    pid === undefined
      ? 'Use it as it is, or stop it first.'
      : `Use it as it is, or stop it first: kill ${pid}`,
    pid === undefined ? undefined : { pid },
  );
}
