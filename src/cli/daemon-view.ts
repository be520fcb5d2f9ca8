import type { DaemonStatus } from '../contract/daemon.js';
import { AppsApiError, conflict } from '../contract/errors.js';
import { EXIT, EXIT_MEANINGS, type ExitCode } from './exit-codes.js';
import { CommandError, presentable } from './failure.js';
import type { Launched } from './local-platform.js';
import type { Facts } from './output.js';

/** A daemon as `platform:start` answers it. */
export interface Daemon
  extends Pick<DaemonStatus, 'pid' | 'version' | 'started_at' | 'addresses' | 'token_file'> {
  readonly socket: string;
  /** It was there before, just as it was to be. */
  readonly already_running: boolean;
}

export function daemonOf(
  { pid, version, started_at, addresses, token_file }: DaemonStatus,
  rest: Pick<Daemon, 'socket' | 'already_running'>,
): Daemon {
  return { pid, version, started_at, ...rest, addresses, token_file };
}

export function daemonFacts({ pid, version, started_at, addresses, already_running }: Daemon): Facts {
  return [
    ['State', already_running ? 'running already' : 'running'],
    ['Process', pid],
    ['Version', version],
    ['Since', started_at],
    ['Addresses', addresses],
  ];
}

/** The daemon that is there, if it is as it was to be. Throws an AppsApiError (409) that says what differs. */
export function alreadyRunning(
  there: DaemonStatus,
  wanted: Pick<DaemonStatus, 'version' | 'listen'>,
  socket: string,
): Daemon {
  const differs =
    there.version !== wanted.version
      ? `it is aka ${there.version}, and this is aka ${wanted.version}`
      : there.listen !== wanted.listen
        ? `it was started ${there.listen === null ? 'without --listen' : `with --listen ${there.listen}`}`
        : undefined;
  if (differs === undefined) return daemonOf(there, { socket, already_running: true });
  throw conflict(
    'already_running',
    `The platform runs already, as process ${there.pid}, but not as asked: ${differs}.`,
    'To have it as asked: aka platform:stop, then start it again.',
    { pid: there.pid },
  );
}

/** Why there is no daemon: for the reason that it gave itself, if it gave one. */
export function launchFailure(launched: Exclude<Launched, { kind: 'running' }>): Error {
  if (launched.kind === 'pending') {
    return new CommandError({
      id: 'still_starting',
      message: `The platform was started as process ${launched.pid}, but does not answer yet.`,
      hint: 'See what it does: aka platform:status, aka platform:logs',
      exit: EXIT.pending,
    });
  }
  const given = failureIn(launched.result);
  if (given !== undefined) return given;
  const last = launched.said.trim().split('\n').slice(-5).join('\n');
  const said = last === '' ? '' : ` It said last:\n${presentable(last)}`;
  return new AppsApiError({
    id: 'died_at_start',
    status: 500,
    message: `The platform's process ended (${launched.code ?? 'killed'}) before it answered.${said}`,
    hint: 'In the foreground it may tell more: aka platform:start --foreground --debug',
  });
}

/** The failure that another aka told under `--json`. */
function failureIn(text: string): CommandError | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: Record<string, unknown> };
    const { id, message, hint, exit } = error ?? {};
    if (typeof id !== 'string' || typeof message !== 'string' || !isExitCode(exit)) return undefined;
    return new CommandError({ id, message, exit, ...(typeof hint === 'string' && { hint }) });
  } catch {
    return undefined;
  }
}

function isExitCode(value: unknown): value is ExitCode {
  return EXIT_MEANINGS.some(([code]) => code === value && code !== EXIT.done);
}
