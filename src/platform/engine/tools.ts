import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TOOL_ENV } from './agent/tool-env.js';

/** A package of Linux distributions, and what subnets take of it. */
export interface Tool {
  readonly package: string;
  readonly programs: readonly string[];
}

export const TOOLS: readonly Tool[] = [
  { package: 'util-linux', programs: ['unshare', 'nsenter', 'setpriv', 'pivot_root'] },
  { package: 'iproute2', programs: ['ip'] },
];

/** The tools that lack programs, with only those. */
export function missingTools(path = TOOL_ENV.PATH): Tool[] {
  return TOOLS.flatMap(({ package: name, programs }) => {
    const missing = programs.filter((program) => !isThere(program, path));
    return missing.length === 0 ? [] : [{ package: name, programs: missing }];
  });
}

/** In the system's folders: what a user has elsewhere is not what dynos are made with. */
function isThere(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
