import { credentialsFrom } from '../client/credentials.js';
import { AppsApiError, Unsupported } from '../contract/errors.js';
import { RuleError } from '../model/rule.js';
import type { BackupMade } from '../platform/backup/make.js';
import type { OpenBackup, Restored } from '../platform/backup/restore.js';
import type { Caller } from '../platform/caller.js';
import type { Finding } from '../platform/doctor/check.js';
import type { Examination } from '../platform/doctor/doctor.js';
import type { Running, RunOptions } from '../platform/running.js';
import type { Rotation } from '../platform/services/rotation.js';
import type { Session } from '../platform/services/session.js';
import { targetOf, userName, type Wanted, warnUnderSudo } from './connect.js';
import { foldersFor } from './folders.js';

export type { BackupMade, Examination, Finding, OpenBackup, Restored, Rotation, Running };

/**
 * The platform on this machine itself, for the commands that are about its files and processes and not about what is
 * in it. The only way from commands into the platform; everything of it is loaded when it is used.
 */
export class LocalPlatform {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  async backUp(file: string, options: { replace: boolean }): Promise<BackupMade> {
    const { makeBackup } = await import('../platform/backup/make.js');
    return this.#inSession((session) => makeBackup(session, file, options));
  }

  async openBackup(file: string): Promise<OpenBackup> {
    const { openBackup } = await import('../platform/backup/restore.js');
    return openBackup(file, foldersFor(this.#env));
  }

  restore(backup: OpenBackup): Restored {
    return backup.restore(this.#caller(), new Date());
  }

  async rotateKey(): Promise<Rotation> {
    const { rotateKey } = await import('../platform/services/rotation.js');
    return this.#inSession(rotateKey);
  }

  async examine(): Promise<Examination> {
    const { examine } = await import('../platform/doctor/doctor.js');
    return examine({ ...foldersFor(this.#env), env: this.#env });
  }

  async run(options: Pick<RunOptions, 'listen'>): Promise<Running> {
    const token = options.listen === undefined ? undefined : tokenIn(this.#env);
    const { runPlatform } = await import('../platform/running.js');
    return runPlatform(foldersFor(this.#env), { ...options, token, user: this.#caller().name });
  }

  async #inSession<R>(work: (session: Session) => R): Promise<R> {
    const { inSession } = await import('../platform/in-session.js');
    const { platformExists } = await import('../platform/store/store.js');
    const folders = foldersFor(this.#env);
    // Made anew it would hold nothing, which is hardly what is meant.
    if (!platformExists(folders)) throw noPlatform(folders.dataDir);
    return inSession(folders, this.#caller(), work);
  }

  #caller(): Caller {
    return { name: userName(this.#env), role: 'admin', origin: 'cli' };
  }
}

/** The token that commands with this environment would send: one that says the same on both sides is enough. */
function tokenIn(env: NodeJS.ProcessEnv): string | undefined {
  const credentials = credentialsFrom(env);
  if (credentials === undefined) return undefined;
  const token = /^Bearer +(\S+)$/i.exec(credentials.authorization())?.[1];
  if (token !== undefined) return token;
  throw new RuleError(
    'invalid_credentials',
    'API_AUTH is no bearer token, and the platform on this machine takes no other.',
    'Set AKA_TOKEN, which goes before it, or unset it.',
  );
}

function noPlatform(dataDir: string): AppsApiError {
  return new AppsApiError({
    id: 'not_found',
    status: 404,
    message: `There is no platform in ${dataDir} yet.`,
    hint: 'It is made with the first space. If it is elsewhere, set AKA_DATA_DIR and AKA_CONFIG_DIR.',
  });
}

/** The platform on this machine, if it is the one that flags, environment and settings name. Throws if another is. */
export async function localPlatform(
  wanted: Wanted,
  env: NodeJS.ProcessEnv,
  what: string,
  warn: (message: string) => void,
): Promise<LocalPlatform> {
  const target = await targetOf(wanted, env);
  if (target.kind === 'embedded') {
    warnUnderSudo(env, warn);
    return new LocalPlatform(env);
  }
  throw new Unsupported(
    `${what}: that is done on the machine it runs on (${target.name} is named by ${target.why})`,
    'For the platform on this machine: --platform embedded',
  );
}

/** The machine itself, whatever platform is in use. Throws if a flag names another one. */
export function thisMachine(wanted: Wanted, env: NodeJS.ProcessEnv, what: string): LocalPlatform {
  if (wanted.api === undefined && (wanted.platform === undefined || wanted.platform === 'embedded')) {
    return new LocalPlatform(env);
  }
  throw new Unsupported(`${what}: that is done on the machine it runs on`, 'Leave out --api and --platform.');
}
