import type { ProcessTypes } from './procfile.js';
import { quoted } from './shell.js';

/** What is known of a slug besides its files. */
export interface SlugFacts {
  readonly processTypes: ProcessTypes;
  /** Folders of the slug in which its programs look for commands first. */
  readonly path: readonly string[];
  /** Variables that name a folder of the slug, such as `VIRTUAL_ENV: '.venv'`. */
  readonly folders: Readonly<Record<string, string>>;
}

/**
 * What starts a program of a slug: `argv` of a dyno whose home (`HOME`) is where it finds the slug. A text is a shell's
 * command, such as one of the Procfile; a list is a program and its arguments, as they are.
 */
export function argvOf(
  { path, folders }: Pick<SlugFacts, 'path' | 'folders'>,
  command: string | readonly string[],
): readonly [string, ...string[]] {
  const set = Object.entries(folders).map(([name, folder]) => `export ${name}="$HOME"/${quoted(folder)}\n`);
  if (path.length > 0) {
    const front = path.map((folder) => `"$HOME"/${quoted(folder)}:`).join('');
    set.push(`export PATH=${front}"$PATH"\n`);
  }
  if (typeof command === 'string') return ['/bin/sh', '-c', `${set.join('')}${command}`];
  return ['/bin/sh', '-c', `${set.join('')}exec "$@"`, 'sh', ...command];
}
