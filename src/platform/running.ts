import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type DaemonStatus, listenText, type StatusSection, socketOf } from '../contract/daemon.js';
import { AppsApiError, conflict } from '../contract/errors.js';
import { PLATFORM_LOG } from '../contract/logs.js';
import { VERSION } from '../contract/version.js';
import { isLoopback } from '../model/addresses.js';
import { DAEMON } from './caller.js';
import { openPlatform } from './embedded.js';
import { ACCESS_TOKEN_MIN, accessToken, isAccessToken } from './files/access-token.js';
import { type Held, takeRole } from './files/process-lock.js';
import type { LogSource } from './logs/entry.js';
import { openLogs } from './logs/logs.js';
import { logsFolder } from './logs/segments.js';
import type { Part, StartPart } from './part.js';
import { PARTS, sectionsOf, startParts, stopParts } from './parts.js';
import type { Platform } from './platform.js';
import { anyOf, reporterTokens } from './server/reporter-tokens.js';
import { notLoopback, type Serving, serve } from './server/serve.js';
import { Strangers } from './server/strangers.js';
import { bearerTokens, storedTokens } from './server/tokens.js';
import type { Tunnels } from './server/tunnels.js';
import { answers } from './server/unix-socket.js';
import { secretSetOf } from './services/redaction.js';
import { brokenText, headFault } from './store/kept-head.js';
import { SCHEMA_VERSION } from './store/schema.js';
import { checkSchema } from './store/schema-check.js';
import { consoleSocketOf, type Folders } from './store/store.js';
import { isCurrent, SERVING, type Supervision, supervisionOf } from './supervisor/supervision.js';

/** A platform that is being served. */
export interface Running {
  readonly socket: string;
  status(): Promise<DaemonStatus>;
  /** Settles when its user asks over the socket that the process ends in order. */
  readonly stopAsked: Promise<unknown>;
  /** Takes a line for the log of the daemon, and has it on disk when it returns: the process may end then. */
  lastWords(line: string): void;
  /** Accepts nothing more, stops its parts, finishes what is under way, and takes the socket away. */
  stop(): Promise<void>;
}

export interface RunOptions {
  /** A loopback address to listen on besides the unix socket. Port 0 takes any free one. */
  readonly listen?: Listen;
  /** The bearer token for it; the one that is kept for this data unless given. */
  readonly token?: string | undefined;
  /** Who starts it, as the audit log names them: also whom the socket and that token stand for. */
  readonly user: string;
  /** Takes what the log takes of the server's defects, for whoever watches. */
  readonly onDefect?: (line: string) => void;
  /** What runs besides the API; all there is unless a test says otherwise. */
  readonly parts?: readonly StartPart[];
}

export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** How long another process that has no socket any more may take to end, in milliseconds; and between two looks. */
const PATIENCE = { bound: 20_000, look: 50 };

const OURS: LogSource = { app: PLATFORM_LOG, dyno: PLATFORM_LOG, stream: 'system' };

/**
 * Opens the platform of some folders, starts its parts and serves it. Throws an AppsApiError: 409 if a process does
 * so already (one that is about to end is waited for), 422 for a token that could be guessed, and what opening,
 * starting and listening throw.
 */
export async function runPlatform(folders: Folders, options: RunOptions): Promise<Running> {
  const { listen, token } = options;
  const socket = socketOf(folders.dataDir);
  // What can't be is said before anything is begun.
  if (listen !== undefined && !isLoopback(listen.host)) throw notLoopback(listen.host);
  if (listen !== undefined && token !== undefined && !isAccessToken(token)) throw weakToken();
  const role = await takeServing(folders.dataDir);
  const supervision = supervisionOf(process.env);
  if (supervision !== undefined && supervision.restarts > 0 && !isCurrent(folders.dataDir, supervision.id)) {
    role.release();
    throw stoppedMeanwhile();
  }
  const undo: (() => void | Promise<void>)[] = [() => role.release()];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const platform = openPlatform(folders);
    undo.push(() => platform.close());
    const session = platform.session(DAEMON);
    const { store } = session;
    checkSchema(store.db, SCHEMA_VERSION);
    const logs = openLogs({
      dir: logsFolder(folders.dataDir),
      secretsOf: (app) => secretSetOf(store, app),
    });
    undo.push(() => logs.close());
    const note = (line: string): void => void logs.write(OURS, `${line}\n`);
    const door = doorOf(platform, folders, options);
    const tokens = anyOf([bearerTokens(door.tokens), storedTokens(session), reporterTokens(store)]);
    const strangers = new Strangers(note);
    const access = (): StatusSection => ({
      name: 'access',
      facts: { tokens: store.tokens.count(), ...strangers.facts },
    });
    const parts = await startParts(options.parts ?? PARTS, { folders, platform, logs, note });
    const asked = new EventEmitter();
    const stopAsked = once(asked, 'stop');
    const started = new Date();
    const status = (): Promise<DaemonStatus> =>
      statusOf({
        supervision,
        started,
        listen,
        tokenFile: door.tokenFile,
        parts,
        access,
        addresses: serving.addresses,
      });
    const serving: Serving = await serve(
      platform,
      {
        socket: { path: socket, user: options.user },
        ...(listen !== undefined && {
          listen: { ...listen, tokens, turnedAway: (address) => strangers.turnedAway(address) },
        }),
        routed: {
          path: consoleSocketOf(folders.dataDir),
          tokens,
          turnedAway: (address) => strangers.turnedAway(address),
        },
      },
      {
        log(line) {
          note(line);
          options.onDefect?.(line);
        },
        tunnels: Object.assign({}, ...parts.map((part) => part.tunnels)) as Tunnels,
        control: { status, stop: () => setImmediate(() => asked.emit('stop')) },
      },
    ).catch(async (error: unknown) => {
      await stopParts(parts, note);
      throw error;
    });
    const lost = headFault(store.db, folders);
    if (lost !== undefined) note(`${brokenText(lost)} To look at it: aka audits:verify`);
    note(`aka ${VERSION} serves as process ${process.pid} on ${serving.addresses.join(', ')}.`);
    if (supervision !== undefined) {
      const { lastDeath, restarts } = supervision;
      if (lastDeath !== null) note(`Restarted (${restarts}): ${lastDeath.how} at ${lastDeath.at}.`);
      process.send?.(SERVING);
      process.once('disconnect', () =>
        note(
          'The supervisor ended: the platform is not restarted if it dies. To have it supervised: aka platform:stop, then aka platform:start',
        ),
      );
    }
    await logs.flush();
    return {
      socket,
      status,
      stopAsked,
      lastWords(line) {
        note(line);
        logs.flushNow();
      },
      async stop() {
        note('Stopping.');
        // Nothing new comes in from here on, while what is under way may still need the parts.
        const closed = serving.close();
        await stopParts(parts, note);
        await closed;
        note('Stopped.');
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Takes the role of the server; one that is about to give it back, or has not begun to answer, is waited for. */
async function takeServing(dataDir: string): Promise<Held> {
  const deadline = Date.now() + PATIENCE.bound;
  for (;;) {
    try {
      return takeRole(dataDir, 'server', (pid) => alreadyRunning(pid, dataDir));
    } catch (error) {
      const taken = error instanceof AppsApiError && error.id === ALREADY_RUNNING;
      if (!taken || Date.now() > deadline || (await answers(socketOf(dataDir)))) throw error;
    }
    await pause(PATIENCE.look);
  }
}

/** The tokens that open TCP, and the file of the one that is kept, where that is one of them. */
function doorOf(platform: Platform, { configDir }: Folders, { listen, token, user }: RunOptions) {
  if (listen === undefined) return { tokens: [], tokenFile: null };
  const kept = token === undefined ? accessToken(configDir, platform.id) : undefined;
  const secrets = [token, kept?.secret].filter((secret) => secret !== undefined);
  return {
    tokens: secrets.map((secret) => ({ name: user, role: 'admin' as const, secret })),
    tokenFile: kept?.file ?? null,
  };
}

async function statusOf(of: {
  readonly supervision: Supervision | undefined;
  readonly started: Date;
  readonly listen: Listen | undefined;
  readonly tokenFile: string | null;
  readonly parts: readonly Part[];
  readonly access: () => StatusSection;
  readonly addresses: readonly string[];
}): Promise<DaemonStatus> {
  return {
    pid: process.pid,
    supervisor: of.supervision !== undefined && process.connected ? process.ppid : null,
    restarts: of.supervision?.restarts ?? 0,
    last_death: of.supervision?.lastDeath ?? null,
    version: VERSION,
    started_at: of.started.toISOString(),
    memory_bytes: process.memoryUsage.rss(),
    addresses: [...of.addresses],
    listen: of.listen === undefined ? null : listenText(of.listen),
    token_file: of.tokenFile,
    sections: [...(await sectionsOf(of.parts)), of.access()],
  };
}

function stoppedMeanwhile() {
  return conflict('stopped_meanwhile', 'The platform was stopped while it was being restarted.');
}

function weakToken() {
  return new AppsApiError({
    id: 'weak_token',
    status: 422,
    message: `The token for TCP must have ${ACCESS_TOKEN_MIN} or more visible characters.`,
    hint: 'Unset AKA_TOKEN and API_TOKEN to have one made, or use one like that of: openssl rand -hex 32',
  });
}

const ALREADY_RUNNING = 'already_running';

function alreadyRunning(pid: number | undefined, dataDir: string) {
  return conflict(
    ALREADY_RUNNING,
    `The platform in ${dataDir} is being served already${pid === undefined ? '' : `, by process ${pid}`}.`,
    'Use it as it is, or stop it first: aka platform:stop',
    pid === undefined ? undefined : { pid },
  );
}
