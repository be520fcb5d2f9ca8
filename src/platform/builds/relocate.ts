import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { VIRTUAL_ENVIRONMENT } from './python-project.js';
import { isRealFolder } from './tree.js';

/** Finds Python beside the script itself. A shell runs the second line; to Python the three are one text. */
const ANYWHERE = `#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python3" "$0" "$@"
' '''
`;
const SCRIPT_MAX = 1024 * 1024;
/** As pip begins scripts, the second way where the path is long or has blanks in it. */
const BEGINNINGS = [
  /^#!(\S*)\/bin\/python[\d.]*[^\n]*\n/,
  /^#!\/bin\/sh\n'''exec' "?([^"\n]*)\/bin\/python[\d.]*"? "\$0" "\$@"\n' '''\n/,
];

/**
 * Makes the scripts of a virtual environment run wherever the slug is: pip writes into them where the build was.
 * `root` is what the build knew the app's folder as.
 */
export async function relocateScripts(folder: string, root: string): Promise<void> {
  const bin = join(folder, VIRTUAL_ENVIRONMENT, 'bin');
  if (!(await isRealFolder(join(bin, '..'))) || !(await isRealFolder(bin))) return;
  for (const name of await readdir(bin)) await relocate(join(bin, name), `${root}/${VIRTUAL_ENVIRONMENT}`);
}

async function relocate(script: string, environment: string): Promise<void> {
  // A link, such as that to Python itself, is none of them.
  const how = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(script, how).catch(() => undefined);
  if (file === undefined) return;
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > SCRIPT_MAX) return;
    const text = await file.readFile('latin1');
    for (const beginning of BEGINNINGS) {
      const found = beginning.exec(text);
      if (found?.[1] !== environment) continue;
      await file.truncate(0);
      await file.write(`${ANYWHERE}${text.slice(found[0].length)}`, 0, 'latin1');
      return;
    }
  } finally {
    await file.close();
  }
}
