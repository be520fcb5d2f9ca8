import { quoted } from '../model/shell.js';

/** How a var is written for a program that sets it. */
export type LineFormat = 'shell' | 'dotenv';

/**
 * Vars as lines that a POSIX shell, or a reader of .env files, takes as they are. A name that neither would take for
 * one is left out, and told: what a server calls a var may be a command.
 */
export function envLines(
  vars: Readonly<Record<string, string>>,
  format: LineFormat,
): { readonly lines: readonly string[]; readonly leftOut: number } {
  const entries = Object.entries(vars);
  const legal = entries.filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  const line = format === 'shell' ? shellLine : dotenvLine;
  return {
    lines: legal.map(([name, value]) => line(name, value)),
    leftOut: entries.length - legal.length,
  };
}

function shellLine(name: string, value: string): string {
  return `export ${name}=${quoted(value)}`;
}

/** Hosts and ports are plain words, anything else is quoted, so that a shell can read it, too. */
function dotenvLine(name: string, value: string): string {
  return `${name}=${/^[\w.:-]*$/.test(value) ? value : quoted(value)}`;
}
