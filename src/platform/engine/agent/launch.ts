import { niceness } from '../niceness.js';
import type { Limits, Program, Terminal } from '../protocol.js';
import { inTerminal, quoted } from '../terminal.js';
import { PROGRAM_START } from './dyno-setup.js';
import { JAIL, type User } from './root.js';

/** Whose rights programs run with. */
export interface Identity {
  /** Who they seem to be. */
  readonly user: User;
  /** Who they are, where the agent is root of the machine; otherwise they are the one who started it. */
  readonly become?: User;
  /** A user namespace for each dyno, so that counts of processes are its own. */
  readonly userNamespace: boolean;
}

export interface Launch {
  readonly program: Program;
  readonly limits: Limits;
  readonly identity: Identity;
  readonly terminal: Terminal | undefined;
  /** Relative to / in the dyno. */
  readonly envFile: string;
}

/** Nothing of the machine: an inherited PATH or LD_PRELOAD would act on commands that still have privileges. */
export const TOOL_ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Shells set or refuse these; `env` sets them exactly. */
const SHELL_OWN = new Set(
  'PWD OLDPWD SHLVL _ IFS OPTIND PPID UID EUID ENV BASH_ENV PS4 LINENO BASHOPTS SHELLOPTS BASH_VERSINFO'.split(
    ' ',
  ),
);

/**
 * The command that gives up every privilege and then is the program.
 */
export function launchCommand({ program, limits, identity, terminal, envFile }: Launch): string[] {
  const { user, become, userNamespace } = identity;
  const nice = niceness(limits.cpuWeight);
  const confine = [`--root=/${JAIL}`, `--wd=${workingFolder(program.cwd)}`];
  const others = userNamespace
    ? ['-U', `--map-user=${user.uid}`, `--map-group=${user.gid}`, '--keep-caps', ...confine]
    : confine;
  const drop = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'];
  const as = become === undefined ? [] : [`--reuid=${become.uid}`, `--regid=${become.gid}`, '--clear-groups'];
  return [
    // With a namespace of users, change first: only the real one can be mapped into it. Without, confine first.
    as.length > 0 && userNamespace ? ['setpriv', ...as, 'unshare', ...others] : ['unshare', ...others],
    nice > 0 ? ['nice', '-n', String(nice)] : [],
    // Counted per user, so of use only where every dyno has users of its own.
    [
      'prlimit',
      '--core=0',
      ...(limits.pids !== undefined && userNamespace ? [`--nproc=${limits.pids}`] : []),
    ],
    ['setpriv', ...(userNamespace ? [] : as), ...drop],
    ['sh', '-c', PROGRAM_START, 'sh', envFile],
    exactly(program.env),
    terminal === undefined ? program.argv : inTerminal(program.argv, terminal),
  ].flat();
}

/** What the launch command's shell reads. */
export function envFileOf(env: Program['env']): string {
  return Object.entries(env)
    .filter(([name]) => !SHELL_OWN.has(name))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

function exactly(env: Program['env']): string[] {
  return Object.entries(env).flatMap(([name, value]) => (SHELL_OWN.has(name) ? [`${name}=${value}`] : []));
}

function workingFolder(cwd = '.'): string {
  return `/app/${cwd}`;
}
