import { RuleError, shown } from '../../model/rule.js';
import { satisfies } from '../../model/version-range.js';
import { readJson } from './app-json.js';
import type { BuildStep, Tools } from './detect.js';
import { readSmall } from './small-file.js';

/** Where in a slug what corepack provides is: package managers, and in `bin` what starts them. */
export const COREPACK = '.corepack';

interface Manager {
  readonly name: 'npm' | 'yarn' | 'pnpm';
  readonly install: string;
  /** Removes what only the build needed. */
  readonly prune?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It comes from corepack, which scripts and dynos don't find by its name. */
  readonly isProvided?: boolean;
}

const LOCKS = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
} as const;
const LOCK_MAX = 64 * 1024 * 1024;
const SETTINGS_MAX = 1024 * 1024;

/**
 * The steps of a Node.js project: install what package.json and its lock file say, with what only the build needs; run
 * its `build` script, or `heroku-postbuild` in its place; remove what only the build needed. Undefined if it is none. Throws a {@link RuleError} if the
 * machine lacks its package manager.
 */
export async function nodeProject(folder: string, has: Tools): Promise<BuildStep[] | undefined> {
  const manifest = await readJson(folder, 'package.json');
  if (manifest === undefined) return undefined;
  const scripts = record(manifest['scripts']);
  const [all, forBuild] = [['dependencies', 'optionalDependencies', 'workspaces'], ['devDependencies']].map(
    (names) => names.some((name) => Object.keys(record(manifest[name])).length > 0),
  );
  const installs =
    all === true ||
    forBuild === true ||
    ['preinstall', 'install', 'postinstall', 'prepare'].some((name) => name in scripts);
  const { name, install, prune, env = {}, isProvided } = await managerOf(folder, manifest, has);
  const run = runner(name, has);
  const steps: BuildStep[] = [];
  const add = (title: string, command: string, more = {}): void => {
    steps.push({ title, command, env: { ...env, ...more } });
  };
  const addScript = (script: string): void => {
    if (typeof scripts[script] !== 'string') return;
    add(`Run the ${script} script`, `${run} run ${script}`, { NODE_ENV: 'production' });
  };
  if (isProvided === true) add(`Provide ${name} with corepack`, provide(name, env));
  addScript('heroku-prebuild');
  if (installs) add(`Install packages with ${name}`, install);
  addScript(typeof scripts['heroku-postbuild'] === 'string' ? 'heroku-postbuild' : 'build');
  if (forBuild === true && prune !== undefined) add('Remove packages of the build only', prune);
  addScript('heroku-cleanup');
  return steps;
}

/** What of a Node.js project differs from the platform, in sentences. */
export async function nodeWarnings(folder: string, version = process.version): Promise<string[]> {
  const manifest = await readJson(folder, 'package.json');
  const range = record(manifest?.['engines'])['node'];
  if (typeof range !== 'string' || satisfies(version, range)) return [];
  return [
    `package.json asks for Node.js ${shown(range)}, and builds and dynos run ${version}, that of the platform.`,
  ];
}

async function managerOf(folder: string, manifest: Record<string, unknown>, has: Tools): Promise<Manager> {
  const locks = new Map<string, { file: string; text: string }>();
  for (const [file, name] of Object.entries(LOCKS)) {
    const text = await readSmall(folder, file, LOCK_MAX);
    if (text !== undefined && !locks.has(name)) locks.set(name, { file, text });
  }
  const { packageManager } = manifest;
  const declared = typeof packageManager === 'string' ? /^(npm|yarn|pnpm)@(\d+)/.exec(packageManager) : null;
  const name = declared?.[1] ?? [...locks.keys()][0] ?? 'npm';
  const lock = locks.get(name);
  if (name === 'npm') {
    if (!has('npm')) throw lacking('npm', 'it is a Node.js project', 'Install npm.');
    return {
      name,
      // Also where NODE_ENV says that it is for production: a build needs what is for development.
      install:
        lock === undefined
          ? 'npm install --no-audit --no-fund --include=dev'
          : 'npm ci --no-audit --no-fund --include=dev',
      prune: 'npm prune --omit=dev --no-audit --no-fund',
    };
  }
  if (!has(name) && !has('corepack')) {
    throw lacking(
      name,
      lock === undefined ? `package.json says packageManager ${name}` : `it has a ${lock.file}`,
      `Install it, or corepack which provides it: npm install --global corepack; or use npm: npm install, and remove what is ${name}'s.`,
    );
  }
  const run = runner(name, has);
  const isProvided = !has(name);
  if (name === 'pnpm') {
    const frozen = lock === undefined ? '--no-frozen-lockfile' : '--frozen-lockfile';
    return {
      name,
      isProvided,
      install: `${run} install ${frozen} --prod=false`,
      prune: `${run} prune --prod`,
    };
  }
  const major = Number(declared?.[2] ?? 1);
  const classic = lock === undefined ? major === 1 : lock.text.includes('# yarn lockfile v1');
  if (!classic) {
    const frozen = lock === undefined ? '--no-immutable' : '--immutable';
    // Later ones need a plugin to remove what is for development.
    return { name: 'yarn', isProvided, install: `${run} install ${frozen}`, env: await linkerOf(folder) };
  }
  const frozen = lock === undefined ? '' : ' --frozen-lockfile';
  return {
    name: 'yarn',
    isProvided,
    install: `${run} install${frozen} --production=false --non-interactive`,
    prune: `${run} install${frozen} --production --ignore-scripts --prefer-offline --non-interactive`,
  };
}

/** Its default is a cache outside the slug. What the project itself says counts. */
async function linkerOf(folder: string): Promise<Record<string, string>> {
  const settings = (await readSmall(folder, '.yarnrc.yml', SETTINGS_MAX)) ?? '';
  return /^nodeLinker:/m.test(settings) ? {} : { YARN_NODE_LINKER: 'node-modules' };
}

/** Makes a command of its name that scripts and dynos find. It takes the version that the build took. */
function provide(name: string, env: Readonly<Record<string, string>>): string {
  const settings = { COREPACK_DEFAULT_TO_LATEST: '0', COREPACK_ENABLE_DOWNLOAD_PROMPT: '0', ...env };
  const lines = [
    '#!/bin/sh',
    ...Object.entries(settings).map(([key, value]) => `export ${key}="\${${key}-${value}}"`),
    `exec corepack ${name} "$@"`,
  ];
  const words = lines.map((line) => `'${line}'`).join(' ');
  const file = `${COREPACK}/bin/${name}`;
  return `mkdir -p ${COREPACK}/bin && printf '%s\\n' ${words} > ${file} && chmod +x ${file}`;
}

function runner(name: string, has: Tools): string {
  return has(name) ? name : `corepack ${name}`;
}

function lacking(name: string, why: string, hint: string): RuleError {
  return new RuleError('lacking_tool', `This app needs ${name}, as ${why}, and this machine has none.`, hint);
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
