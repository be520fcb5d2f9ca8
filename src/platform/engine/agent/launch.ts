import { niceness } from '../niceness.js';
import type { Limits, Program, Terminal } from '../protocol.js';
import { inTerminal } from '../terminal.js';
import { JAIL } from './layout.js';
import { programStart } from './program-start.js';
import type { User } from './root.js';

/** Whose rights programs run with. */
export interface Identity {
  /** Who they seem to be. */
  readonly user: User;
  /** Who they are, where the agent is root of the machine; otherwise they are the one who started it. */
  readonly become?: User;
  /** Whether the dynos of each space can be a user of their own instead of `become`. */
  readonly perSpace: boolean;
  /** A user namespace for each dyno, so that counts of processes are its own. */
  readonly userNamespace: boolean;
  /** See {@link hasTidyShell}. */
  readonly tidyShell: boolean;
  /** The most files that each of their processes may have open; see {@link filesOfDyno}. */
  readonly files: number;
}

export interface Launch {
  readonly program: Program;
  readonly limits: Limits;
  readonly identity: Identity;
  readonly terminal: Terminal | undefined;
  /** Relative to / in the dyno. */
  readonly envFile: string;
}

/**
 * The command that gives up every privilege and then is the program.
 */
export function launchCommand({ program, limits, identity, terminal, envFile }: Launch): string[] {
  const { user, become, userNamespace, tidyShell, files } = identity;
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
    ['setpriv', ...(userNamespace ? [] : as), ...drop],
    programStart(
      terminal === undefined ? program : { ...program, argv: inTerminal(program.argv, terminal) },
      envFile,
      {
        // Counted per user, so of use only where every dyno has users of its own.
        pids: userNamespace ? limits.pids : undefined,
        files,
        tidyShell,
      },
    ),
  ].flat();
}

function workingFolder(cwd = '.'): string {
  return `/app/${cwd}`;
}
