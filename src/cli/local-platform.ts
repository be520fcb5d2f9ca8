import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { credentialsFrom } from '../client/credentials.js';
import { findDaemon, stopDaemon } from '../client/daemon.js';
import type { AppsApi } from '../contract/apps-api.js';
import { type DaemonStatus, socketOf } from '../contract/daemon.js';
import { AppsApiError, Unsupported } from '../contract/errors.js';
import { type LogEntry, PLATFORM_LOG } from '../contract/logs.js';
import type { AuditVerdict } from '../contract/wire.js';
import { RuleError } from '../model/rule.js';
import type { BackupMade } from '../platform/backup/make.js';
import type { OpenBackup, Restored } from '../platform/backup/restore.js';
import type { Caller } from '../platform/caller.js';
import type { Launched } from '../platform/daemon/launch.js';
import type { Enabled, Service } from '../platform/daemon/systemd.js';
import type { Finding } from '../platform/doctor/check.js';
import type { Examination } from '../platform/doctor/doctor.js';
import type { SystemTrust } from '../platform/machine/trust-system.js';
import type { AuthorityCertificate } from '../platform/router/authority.js';
import type { Listen, Running, RunOptions } from '../platform/running.js';
import type { Rotation } from '../platform/services/rotation.js';
import type { Session } from '../platform/services/session.js';
import { targetOf, userName, type Wanted, warnUnderSudo } from './connect.js';
import { foldersFor } from './folders.js';

export type {
  AuthorityCertificate,
  BackupMade,
  Enabled,
  Examination,
  Finding,
  Launched,
  Listen,
  OpenBackup,
  Restored,
  Rotation,
  Running,
};

export type DaemonState =
  | { readonly state: 'running'; readonly status: DaemonStatus }
  /** Its id is not known while it begins. */
  | { readonly state: 'not_answering'; readonly pid: number | undefined }
  | { readonly state: 'stopped' };

/** The authority of a platform, and how this machine stands to it. */
export interface TrustState extends AuthorityCertificate, Pick<SystemTrust, 'trusted' | 'name'> {
  /** What has the system trust it, as it is typed; null where that isn't known. */
  readonly install: string | null;
  /** The file of all that dynos trust: this machine's authorities, and its own. */
  readonly bundle: string;
}

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

  /** The certificate of its authority. Throws if it was never started. */
  async authority(): Promise<AuthorityCertificate> {
    const { authorityFolder, readAuthorityCertificate } = await import('../platform/router/authority.js');
    return this.#inSession(({ store }) =>
      readAuthorityCertificate(
        authorityFolder(store.folders.configDir, store.meta.dataId),
        store.catalog.stacks().map(({ base }) => base),
      ),
    );
  }

  /** Its authority, and how this machine stands to it. */
  async trust(): Promise<TrustState> {
    const { systemTrust } = await import('../platform/machine/trust-system.js');
    const certificate = await this.authority();
    return this.#trustState(certificate, systemTrust(certificate));
  }

  /** Has the system trust its authority, or not; `agreed` throws if that isn't wanted after all. */
  async changeTrust(
    wanted: 'install' | 'remove',
    agreed: (before: TrustState) => Promise<void>,
  ): Promise<TrustState & { readonly changed: boolean }> {
    const { changeTrust } = await import('../platform/machine/trust-system.js');
    const certificate = await this.authority();
    const { changed, ...after } = await changeTrust(certificate, wanted, async (before) =>
      agreed(await this.#trustState(certificate, before)),
    );
    return { ...(await this.#trustState(certificate, after)), changed };
  }

  async #trustState(
    certificate: AuthorityCertificate,
    { trusted, name, plan }: SystemTrust,
  ): Promise<TrustState> {
    const { TRUSTED } = await import('../platform/engine/engine.js');
    const { typed } = await import('../platform/machine/trust-system.js');
    const install = plan === undefined ? null : typed(plan.install);
    return { ...certificate, trusted, name, install, bundle: join(this.dataDir, TRUSTED) };
  }

  /**
   * Writes the lines of the platform with this data folder into the hosts file; none takes them out. Answers whether
   * there was anything to change.
   */
  async writeHosts(dataDir: string, lines: readonly string[]): Promise<{ file: string; changed: boolean }> {
    const { HOSTS_FILE, writeHosts } = await import('../platform/machine/hosts-file.js');
    return { file: HOSTS_FILE, changed: writeHosts(dataDir, lines) };
  }

  /** What this user has to do before they may listen on a port; undefined if they may. */
  async neededToListen(port: number): Promise<string | undefined> {
    const { allowPort, lowestPort } = await import('../platform/machine/low-ports.js');
    return port >= lowestPort() ? undefined : allowPort(port);
  }

  /** Changes settings of it, which a daemon that runs takes up at once as far as it can. */
  async configure(changes: Parameters<AppsApi['platform']['configure']>[0]): Promise<void> {
    const { openPlatform } = await import('../platform/embedded.js');
    const platform = openPlatform(foldersFor(this.#env));
    try {
      await platform.as(this.#caller()).platform.configure(changes);
    } finally {
      platform.close();
    }
  }

  /** The folder that its data is in. */
  get dataDir(): string {
    return foldersFor(this.#env).dataDir;
  }

  /** The unix socket of its daemon. */
  get socket(): string {
    return socketOf(this.dataDir);
  }

  /** The daemon that serves it; undefined if none does. */
  daemon(): Promise<DaemonStatus | undefined> {
    return findDaemon(this.dataDir);
  }

  /** Has nothing restart the daemon when it ends. */
  async dismissSupervisor(): Promise<void> {
    const { dismiss } = await import('../platform/supervisor/supervision.js');
    dismiss(this.dataDir);
  }

  /** Asks the daemon to end in order; false if none answers. */
  stopDaemon(): Promise<boolean> {
    return stopDaemon(this.dataDir);
  }

  /** Whether a daemon serves it. One that gives no answer starts, stops or is stuck. */
  async state(): Promise<DaemonState> {
    const status = await this.daemon().catch((error: unknown) => {
      if (error instanceof AppsApiError && error.id === 'daemon_stuck') return undefined;
      throw error;
    });
    if (status !== undefined) return { state: 'running', status };
    const { holderOf } = await import('../platform/files/process-lock.js');
    const holder = holderOf(this.dataDir, 'server');
    return holder === undefined ? { state: 'stopped' } : { state: 'not_answering', pid: holder.pid };
  }

  /** Returns a sentence about an audit log that was cut off or rewritten; undefined if it was not, or can't be read. */
  async lostAuditHead(): Promise<string | undefined> {
    const { readData } = await import('../platform/doctor/data.js');
    const { brokenText, headFault } = await import('../platform/store/kept-head.js');
    const folders = foldersFor(this.#env);
    const lost = readData({ ...folders, env: this.#env }, (db) => headFault(db, folders));
    return lost && brokenText(lost);
  }

  /** Serves it in another process, which outlives this one. */
  async launch(listen: string | undefined): Promise<Launched> {
    const { launch } = await import('../platform/daemon/launch.js');
    const { daemonEnvironment } = await import('../platform/daemon/environment.js');
    const folders = foldersFor(this.#env);
    return launch({
      dataDir: folders.dataDir,
      command: serveCommand(['--json'], listen),
      env: daemonEnvironment(this.#env, folders, listen !== undefined),
      ask: () => this.daemon(),
    });
  }

  /** What the daemon noted. Throws if it never ran. */
  async daemonLog(options: { lines: number; follow?: AbortSignal }): Promise<AsyncIterable<LogEntry>> {
    const { folderOf, logsFolder, segmentsOf } = await import('../platform/logs/segments.js');
    const { readLogs } = await import('../platform/logs/read.js');
    const dir = logsFolder(this.dataDir);
    if ((await segmentsOf(folderOf(dir, PLATFORM_LOG))).length === 0) throw noLog(this.dataDir);
    return readLogs({ dir, apps: [PLATFORM_LOG], ...options });
  }

  /** Has systemd start it with the machine. Throws an Unsupported where there is none. */
  async enable(listen: string | undefined): Promise<Enabled> {
    const { enable } = await import('../platform/daemon/systemd.js');
    return enable(this.#service(), serveCommand([], listen));
  }

  /** Undoes that; false if there was nothing to undo. */
  async disable(): Promise<{ readonly unit: string; readonly was_enabled: boolean }> {
    const { disable } = await import('../platform/daemon/systemd.js');
    return disable(this.#service());
  }

  #service(): Service {
    return { folders: foldersFor(this.#env), env: this.#env, user: this.#caller().name };
  }

  async run(options: Pick<RunOptions, 'listen' | 'onDefect'>): Promise<Running> {
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

/**
 * Checks an exported audit log by itself; no platform is needed. `against` is a head that was kept elsewhere. Throws a
 * RuleError if there is nothing in it.
 */
export async function verifyExportFile(file: string, against: string | undefined): Promise<AuditVerdict> {
  const { verifyExport } = await import('../platform/audit/exported.js');
  const verdict = await verifyExport(createReadStream(file), against);
  if (verdict.records > 0 || verdict.broken !== undefined) return verdict;
  throw new RuleError(
    'empty_export',
    `${file} is empty: there is nothing to check.`,
    'Exports are made with: aka audits:export FILE',
  );
}

/** Writes lines into a file of this user's alone, whole or not at all. Answers how many bytes it has. */
export async function writeLines(
  file: string,
  lines: AsyncIterable<string>,
  options: { replace: boolean },
): Promise<number> {
  const { writePrivateLines } = await import('../platform/files/private-lines.js');
  return writePrivateLines(file, lines, options);
}

/** The token that commands with this environment would send: one that says the same on both sides is enough. */
function tokenIn(env: NodeJS.ProcessEnv): string | undefined {
  const credentials = credentialsFrom(env);
  if (credentials === undefined) return undefined;
  const { token } = credentials;
  if (token !== undefined) return token;
  throw new RuleError(
    'invalid_credentials',
    'API_AUTH is no bearer token, and the platform on this machine takes no other.',
    'Set AKA_TOKEN, which goes before it, or unset it.',
  );
}

/** What serves the platform in the foreground: this very program. */
function serveCommand(flags: readonly string[], listen: string | undefined): readonly [string, ...string[]] {
  const where = listen === undefined ? [] : ['--listen', listen];
  const program = [...process.execArgv, process.argv[1] ?? ''];
  return [process.execPath, ...program, 'platform:start', '--foreground', ...flags, ...where];
}

function noLog(dataDir: string): AppsApiError {
  return new AppsApiError({
    id: 'not_found',
    status: 404,
    message: `The platform in ${dataDir} was never started, so there is no log of it.`,
    hint: 'Start it: aka platform:start',
  });
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
