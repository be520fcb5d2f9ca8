import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppsApiError, Unsupported } from '../../contract/errors.js';
import { homeFolder } from '../../model/home-folder.js';
import { shellWord } from '../../model/shell.js';
import { writePrivateFile } from '../files/private-files.js';
import type { Folders } from '../store/store.js';
import { daemonEnvironment } from './environment.js';

/** What is to start with the machine, and for whom. */
export interface Service {
  readonly folders: Folders;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly user: string;
}

/** A platform that starts with the machine. */
export interface Enabled {
  readonly unit: string;
  readonly file: string;
  /** User services start with their user's first login, unless that user lingers (loginctl(1)). */
  readonly starts: 'at boot' | 'at login';
  /** What makes it start at boot. */
  readonly linger: string;
}

/** What systemd sets itself, or what is another with the next login. */
const OF_THE_SESSION: ReadonlySet<string> = new Set([
  'HOME',
  'USER',
  'LOGNAME',
  'SUDO_USER',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
]);

/** How long systemd may take to answer, in milliseconds. */
const BOUND = 20_000;

/**
 * Has the systemd of this user start a command with the machine. Doing it again changes nothing, or what differs.
 * Throws an Unsupported that says what to do instead where there is no systemd for this user.
 */
export async function enable(service: Service, command: readonly string[]): Promise<Enabled> {
  const { unit, file, folder } = placeOf(service);
  const reachable = await systemctl(service, 'show-environment').then(
    () => true,
    () => false,
  );
  if (!reachable) throw noSystemd(service, command);
  mkdirSync(folder, { recursive: true });
  writePrivateFile(file, unitText(service, command));
  await systemctl(service, 'daemon-reload').catch(failed(file));
  await systemctl(service, 'enable', unit).catch(failed(file));
  const starts = existsSync(join('/var/lib/systemd/linger', service.user)) ? 'at boot' : 'at login';
  return { unit, file, starts, linger: `loginctl enable-linger ${service.user}` };
}

/** Undoes {@link enable}, whether or not systemd can be reached; what runs goes on. */
export async function disable(service: Service): Promise<{ unit: string; was_enabled: boolean }> {
  const { unit, file } = placeOf(service);
  if (!existsSync(file)) return { unit, was_enabled: false };
  // Without systemd there is nothing but the file, and what points to it is as good as gone with it.
  await systemctl(service, 'disable', unit).catch(() => undefined);
  rmSync(file, { force: true });
  await systemctl(service, 'daemon-reload').catch(() => undefined);
  return { unit, was_enabled: true };
}

/** One a data folder: that of the usual one has a plain name. */
function placeOf({ folders: { dataDir }, env }: Service): { unit: string; file: string; folder: string } {
  const home = homeFolder(env, () => userInfo().homedir);
  const usual = dataDir === join(home, '.local', 'share', 'aka');
  const mark = usual ? '' : `-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`;
  const config = env.XDG_CONFIG_HOME?.startsWith('/') === true ? env.XDG_CONFIG_HOME : join(home, '.config');
  const folder = join(config, 'systemd', 'user');
  const unit = `aka-platform${mark}.service`;
  return { unit, folder, file: join(folder, unit) };
}

/** The unit (systemd.service(5), systemd.kill(5)). */
function unitText({ folders, env }: Service, command: readonly string[]): string {
  const variables = Object.entries(daemonEnvironment(env, folders, false)).flatMap(([name, value]) =>
    OF_THE_SESSION.has(name) ? [] : [`Environment=${quoted(`${name}=${value}`)}`],
  );
  return [
    '[Unit]',
    'Description=The platform of aka on this machine',
    '',
    '[Service]',
    `ExecStart=${command.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ')}`,
    ...variables,
    'WorkingDirectory=/',
    'UMask=0077',
    '# It ends its dynos itself, in order; what is left after that is ended with it.',
    'KillMode=mixed',
    'TimeoutStopSec=120',
    '# Limits of dynos are control groups below its own.',
    'Delegate=yes',
    'Restart=on-failure',
    'RestartSec=2',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/** A word of a unit, whatever is in it (systemd.syntax(7)). */
function quoted(word: string): string {
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the line
    .replace(/[\u0001-\u001f\u007f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${escaped}"`;
}

function systemctl({ env }: Service, ...args: string[]): Promise<unknown> {
  return promisify(execFile)('systemctl', ['--user', ...args], { env, timeout: BOUND });
}

function failed(file: string): (error: unknown) => never {
  return (error) => {
    const { stderr = '' } = Object(error) as { stderr?: string };
    const said = stderr.trim();
    throw new AppsApiError({
      id: 'systemd_failed',
      status: 502,
      message: `systemd did not take ${file}${said === '' ? '.' : `: ${said}`}`,
      hint: 'See what it says: systemctl --user status',
    });
  };
}

function noSystemd({ folders }: Service, command: readonly string[]): Unsupported {
  const variables = [`AKA_DATA_DIR=${folders.dataDir}`, `AKA_CONFIG_DIR=${folders.configDir}`];
  const line = ['env', ...variables, ...command.filter((word) => word !== '--foreground')]
    .map(shellWord)
    .join(' ');
  return new Unsupported(
    'be started with this machine by aka: there is no systemd for this user',
    `Have another program do it, such as cron (crontab -e): @reboot ${line.replaceAll('%', '\\%')}`,
  );
}
