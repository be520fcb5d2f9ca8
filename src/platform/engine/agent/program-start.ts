import { spawnSync } from 'node:child_process';
import { quoted } from '../../../model/shell.js';
import type { Program } from '../protocol.js';
import { TOOL_ENV } from './tool-env.js';

/** Shells set or refuse these; only `env` sets them exactly. */
const SHELL_OWN = new Set(
  'PWD OLDPWD SHLVL _ IFS OPTIND PPID UID EUID ENV BASH_ENV PS4 LINENO BASHOPTS SHELLOPTS BASH_VERSINFO'.split(
    ' ',
  ),
);

/** What the set-up needed, and what shells add by themselves. */
const FORGET = 'unset PATH LC_ALL PWD OLDPWD SHLVL _';

/**
 * The last of a program's start, without any privilege left. Its environment comes from a file, as a command line could
 * be seen by others; so that nothing else is in it, some shells need help.
 *
 * `pids` is the most processes the dyno's user may have, where it has one of its own; `files` the most files that each
 * process may have open.
 */
export function programStart(
  { env, argv }: Program,
  envFile: string,
  { pids, files, tidyShell }: { pids: number | undefined; files: number; tidyShell: boolean },
): string[] {
  const exactly = Object.entries(env).flatMap(([name, value]) =>
    SHELL_OWN.has(name) ? [`${name}=${value}`] : [],
  );
  const untidy = exactly.length > 0 || !tidyShell;
  const script = [
    // Its letter is one thing to some shells and another to others.
    ...(pids === undefined ? [] : [`ulimit -p ${pids} 2>/dev/null || ulimit -u ${pids}`]),
    `ulimit -n ${files}`,
    'ulimit -c 0; env=$1; shift',
    FORGET,
    `. "$env"; exec ${untidy ? '/usr/bin/env -u PWD -u OLDPWD -u SHLVL -u _ -- ' : ''}"$@"`,
  ].join('; ');
  return ['sh', '-c', script, 'sh', envFile, ...exactly, ...argv];
}

/** The file that it reads. */
export function envFileOf(env: Program['env']): string {
  return Object.entries(env)
    .filter(([name]) => !SHELL_OWN.has(name))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

/** Whether the shell of this machine passes on nothing that it was not told to. */
export function hasTidyShell(): boolean {
  const { status, stdout } = spawnSync('sh', ['-c', `${FORGET}; exec /usr/bin/env`], {
    env: TOOL_ENV,
    encoding: 'utf8',
  });
  return status === 0 && stdout === '';
}
