import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { parseApiAddress } from '../client/api-address.js';
import { type HttpTarget, resolveTarget, type Target } from '../client/target.js';
import type { TunnelTarget } from '../client/tunnel.js';
import type { AppsApi } from '../contract/apps-api.js';
import { socketOf } from '../contract/daemon.js';
import { given } from '../model/given.js';
import { foldersFor } from './folders.js';
import { platformNamed } from './platform-name.js';

export interface Wanted {
  readonly platform?: string | undefined;
  readonly api?: string | undefined;
}

export interface Say {
  readonly warn: (message: string, storedOtherwise?: string) => void;
  readonly debug: (message: string) => void;
  /** Says which platform is changed; resolves when that was said. */
  readonly platform: (name: string) => Promise<void>;
}

/**
 * Connects to the process that runs the apps of that platform: of this machine's own, its daemon. Throws an AppsApiError
 * (503) that says how to start it if it doesn't run.
 */
export async function connectToRunning(wanted: Wanted, env: NodeJS.ProcessEnv, say: Say): Promise<AppsApi> {
  const target = await targetOf(wanted, env);
  if (target.kind === 'http') return connect(wanted, env, say);
  const { dataDir } = foldersFor(env);
  const { needDaemon } = await import('../client/daemon.js');
  await needDaemon(dataDir);
  const { httpApi } = await import('../client/http-api.js');
  return told(httpApi({ url: `unix:${socketOf(dataDir)}` }, { onWarning: say.warn }), target, say);
}

/** Connects to the platform that flags, environment and settings name; to this machine's only if none does. */
export async function connect(wanted: Wanted, env: NodeJS.ProcessEnv, say: Say): Promise<AppsApi> {
  const target = await targetOf(wanted, env);
  say.debug(`platform ${target.kind === 'http' ? target.name : target.kind}, because of: ${target.why}`);
  if (target.kind === 'http') {
    const [{ platformApi }, { boundsIn }] = await Promise.all([
      import('../client/platform-api.js'),
      import('../client/surroundings.js'),
    ]);
    const options = { onWarning: say.warn, env, bounds: boundsIn(env) };
    return told(platformApi(await withCredentials(target, env), options), target, say);
  }
  const folders = foldersFor(env);
  warnUnderSudo(env, say.warn);
  const { openPlatform } = await import('../platform/embedded.js');
  const platform = openPlatform(folders);
  const api = platform.as({ name: userName(env), role: 'admin', origin: 'cli' });
  return told({ ...api, close: async () => platform.close() }, target, say);
}

/** That API, whose changes are told of before they are made. */
async function told(api: AppsApi, target: Target, say: Say): Promise<AppsApi> {
  const name = platformNamed(target);
  if (name === undefined) return api;
  const { announcing } = await import('./announcing.js');
  return announcing(api, () => say.platform(name));
}

/** With the credentials of this user for it, if there are any; throws what credentialsAt throws. */
async function withCredentials(target: HttpTarget, env: NodeJS.ProcessEnv): Promise<HttpTarget> {
  const { credentialsAt } = await import('../client/credentials.js');
  const credentials = await credentialsAt(parseApiAddress(target.url), {
    env,
    configDir: foldersFor(env).configDir,
  });
  return { ...target, ...given({ credentials }) };
}

/** The platform that flags, environment and settings name. */
export function targetOf(flags: Wanted, env: NodeJS.ProcessEnv): Promise<Target> {
  return resolveTarget({ flags, env, configDir: foldersFor(env).configDir });
}

/** The folder of the data of a platform that runs on this machine, also another user's; undefined if it isn't known. */
export function dataDirOf(target: Target, env: NodeJS.ProcessEnv): string | undefined {
  if (target.kind === 'embedded') return foldersFor(env).dataDir;
  const address = parseApiAddress(target.url);
  return address.kind === 'unix' ? dirname(address.socket) : undefined;
}

/**
 * Where the tunnels of that platform are. For the one on this machine its daemon must run: throws an AppsApiError that
 * says how to start it.
 */
export async function tunnelTarget(wanted: Wanted, env: NodeJS.ProcessEnv): Promise<TunnelTarget> {
  const target = await targetOf(wanted, env);
  if (target.kind === 'http') return withCredentials(target, env);
  const { dataDir } = foldersFor(env);
  const { needDaemon } = await import('../client/daemon.js');
  await needDaemon(dataDir);
  return { url: `unix:${socketOf(dataDir)}` };
}

/** With sudo and another HOME, the platform on this machine is another one: that must not go unnoticed. */
export function warnUnderSudo(env: NodeJS.ProcessEnv, warn: (message: string) => void): void {
  const { SUDO_USER: user, AKA_DATA_DIR: chosen } = env;
  if (user === undefined || chosen !== undefined || process.geteuid?.() !== 0) return;
  warn(`Run with sudo, aka uses root's platform (${foldersFor(env).dataDir}), not the one of ${user}.`);
}

/** Who is at the keyboard, as the audit log names them. */
export function userName(env: NodeJS.ProcessEnv): string {
  try {
    const { username } = userInfo();
    return env.SUDO_USER === undefined || username === env.SUDO_USER
      ? username
      : `${env.SUDO_USER} as ${username}`;
  } catch {
    // A user without an entry in the password database, as in containers.
    return `uid ${process.geteuid?.() ?? 'unknown'}`;
  }
}
