import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the path of a program in dist/ that was built with this package, whether this code runs from dist/ or from its
 * sources; undefined if it isn't there.
 */
export function builtFile(name: string, from = import.meta.dirname): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'dist', name);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}
