import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/**
 * What of the machine dynos need besides /usr to run this Node: nothing if it is there, else the folder it is installed
 * in, or the file alone where that folder holds more, such as somebody's home.
 */
export function runtimes(execPath = process.execPath, home = homedir()): string[] {
  if (['/usr/', '/bin/', '/nix/store/'].some((prefix) => execPath.startsWith(prefix))) return [];
  const prefix = dirname(dirname(execPath));
  const holdsHome = !relative(prefix, home).startsWith('..');
  return [existsSync(join(prefix, 'lib', 'node_modules')) && !holdsHome ? prefix : execPath];
}
