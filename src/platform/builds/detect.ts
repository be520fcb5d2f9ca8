import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessTypes, parseProcfile } from '../../model/procfile.js';
import { RuleError } from '../../model/rule.js';
import { quoted } from '../../model/shell.js';
import type { SlugFacts } from '../../model/slug.js';
import { buildCommandOf, readJson } from './app-json.js';
import { nodeProject } from './node-project.js';
import { pythonProject, VIRTUAL_ENVIRONMENT } from './python-project.js';
import { readSmall } from './small-file.js';

/** What a build does, one after another, in the app's folder. */
export interface BuildStep {
  readonly title: string;
  /** For a shell. */
  readonly command: string;
  /** Besides what every step has. */
  readonly env: Readonly<Record<string, string>>;
}

/** Whether builds find a program of this name. */
export type Tools = (name: string) => boolean;

const PROCFILE_MAX = 64 * 1024;

/**
 * What has to be done to build an app: the command that app.json names, or else what a Python project (requirements.txt)
 * and a Node.js project (package.json) need, in this order; nothing for an executable. Throws a {@link RuleError} if it
 * can't be built here, or nothing says what to start.
 */
export async function detect(folder: string, has: Tools): Promise<BuildStep[]> {
  const command = await buildCommandOf(folder);
  // It may write the Procfile.
  if (command !== undefined) return [{ title: 'Run the build command of app.json', command, env: {} }];
  await processTypesOf(folder);
  return [...((await pythonProject(folder, has)) ?? []), ...((await nodeProject(folder, has)) ?? [])];
}

/**
 * What starts the dynos of an app: its Procfile; without one, `npm start` if package.json has such a script, or the one
 * executable file at its top, as process type `web`. Throws a {@link RuleError} if there is none of them.
 */
export async function processTypesOf(folder: string): Promise<ProcessTypes> {
  const procfile = await readSmall(folder, 'Procfile', PROCFILE_MAX);
  if (procfile !== undefined) return parseProcfile(procfile);
  const manifest = await readJson(folder, 'package.json');
  if (manifest !== undefined && hasStart(manifest)) return { web: 'npm start' };
  const executables = manifest === undefined ? await executablesIn(folder) : [];
  const [only] = executables;
  if (only !== undefined && executables.length === 1) return { web: `./${quoted(only)}` };
  throw new RuleError(
    'no_process_types',
    'Nothing says what to start: there is no Procfile.',
    'Write one beside the code with a line such as: web: COMMAND. The program listens on the port in $PORT.',
  );
}

/** What programs of a built app find in front of their PATH, and the variables that name its folders. */
export async function surroundingsOf(folder: string): Promise<Pick<SlugFacts, 'path' | 'folders'>> {
  const isThere = async (...path: string[]): Promise<boolean> =>
    lstat(join(folder, ...path)).then(
      (stats) => !stats.isSymbolicLink(),
      () => false,
    );
  const python = await isThere(VIRTUAL_ENVIRONMENT, 'pyvenv.cfg');
  const node = await isThere('node_modules', '.bin');
  return {
    path: [...(python ? [`${VIRTUAL_ENVIRONMENT}/bin`] : []), ...(node ? ['node_modules/.bin'] : [])],
    folders: python ? { VIRTUAL_ENV: VIRTUAL_ENVIRONMENT } : {},
  };
}

function hasStart({ scripts }: Record<string, unknown>): boolean {
  return (
    typeof scripts === 'object' && scripts !== null && 'start' in scripts && typeof scripts.start === 'string'
  );
}

async function executablesIn(folder: string): Promise<string[]> {
  const found = [];
  for (const name of await readdir(folder)) {
    const stats = await lstat(join(folder, name));
    if (stats.isFile() && (stats.mode & 0o100) !== 0) found.push(name);
  }
  return found;
}
