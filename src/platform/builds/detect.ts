import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessTypes, parseProcfile } from '../../model/procfile.js';
import { RuleError } from '../../model/rule.js';
import { quoted } from '../../model/shell.js';
import type { SlugFacts } from '../../model/slug.js';
import { buildCommandOf, readJson } from './app-json.js';
import { COREPACK, nodeProject } from './node-project.js';
import { isPython, pythonProject, VIRTUAL_ENVIRONMENT } from './python-project.js';
import { readSmall } from './small-file.js';
import { STATIC_COMMAND } from './static-server.js';

/** What a build does, one after another, in the app's folder. */
export interface BuildStep {
  readonly title: string;
  /** For a shell. */
  readonly command: string;
  /** Besides what every step has, unless config vars say otherwise. */
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
 * What starts the dynos of an app: its Procfile; without one, as process type `web`, the start script of package.json or
 * server.js beside it, the one executable file at its top, or a server of the files beside an index.html. Throws a {@link RuleError} if there is none of them.
 */
export async function processTypesOf(folder: string): Promise<ProcessTypes> {
  const procfile = await readSmall(folder, 'Procfile', PROCFILE_MAX);
  if (procfile !== undefined) return parseProcfile(procfile);
  const manifest = await readJson(folder, 'package.json');
  if (manifest !== undefined) {
    if (hasStart(manifest)) return { web: 'npm start' };
    // What `npm start` does without such a script.
    if (await isFile(folder, 'server.js')) return { web: 'node server.js' };
    throw nothingToStart('no Procfile, start script in package.json or server.js');
  }
  const executables = await executablesIn(folder);
  const [only] = executables;
  if (only !== undefined && executables.length === 1) return { web: `./${quoted(only)}` };
  if ((await isFile(folder, 'index.html')) && !(await isPython(folder))) return { web: STATIC_COMMAND };
  throw nothingToStart('no Procfile');
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
  const corepack = await isThere(COREPACK, 'bin');
  return {
    path: [
      ...(python ? [`${VIRTUAL_ENVIRONMENT}/bin`] : []),
      ...(node ? ['node_modules/.bin'] : []),
      ...(corepack ? [`${COREPACK}/bin`] : []),
    ],
    folders: {
      ...(python && { VIRTUAL_ENV: VIRTUAL_ENVIRONMENT }),
      ...(corepack && { COREPACK_HOME: COREPACK }),
    },
  };
}

function hasStart({ scripts }: Record<string, unknown>): boolean {
  return (
    typeof scripts === 'object' && scripts !== null && 'start' in scripts && typeof scripts.start === 'string'
  );
}

function nothingToStart(lacks: string): RuleError {
  return new RuleError(
    'no_process_types',
    `Nothing says what to start: there is ${lacks}.`,
    'Write a Procfile beside the code with a line such as: web: COMMAND. The program listens on the port in $PORT.',
  );
}

async function isFile(folder: string, name: string): Promise<boolean> {
  return lstat(join(folder, name)).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

async function executablesIn(folder: string): Promise<string[]> {
  const found = [];
  for (const name of await readdir(folder)) {
    const stats = await lstat(join(folder, name));
    // Archives from other systems may say that every file is executable.
    if (stats.isFile() && (stats.mode & 0o100) !== 0 && !name.endsWith('.html')) found.push(name);
  }
  return found;
}
