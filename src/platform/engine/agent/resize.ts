import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Terminal } from '../protocol.js';
import { JAIL } from './layout.js';
import { TOOL_ENV } from './tool-env.js';

/** The kernel's number for the first class of pseudo-terminals. */
const PTS_MAJOR = 136;

/** Gives the terminal that some processes of a dyno have a new size; they are told by SIGWINCH. */
export function resize(pids: readonly number[], init: number, { rows, columns }: Terminal): Promise<void> {
  const number = pids.map(terminalOf).find((found) => found !== undefined);
  if (number === undefined) return Promise.resolve();
  const device = `/${JAIL}/dev/pts/${number}`;
  const args = [
    `--target=${init}`,
    '--mount',
    '--',
    'stty',
    '-F',
    device,
    'rows',
    `${rows}`,
    'cols',
    `${columns}`,
  ];
  return new Promise((resolve) => {
    const child = spawn('nsenter', args, { env: TOOL_ENV, stdio: 'ignore' });
    child.on('error', () => resolve());
    // A program that has just ended has no terminal any more.
    child.on('exit', () => resolve());
  });
}

/** The number of its pseudo-terminal, if it has one. */
function terminalOf(pid: number): number | undefined {
  try {
    // The name of the program, in parentheses, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const device = Number(fields[4]);
    return device >> 8 === PTS_MAJOR ? device & 0xff : undefined;
  } catch {
    return undefined;
  }
}
