import { RuleError } from '../../model/rule.js';
import { readJson } from './app-json.js';
import type { BuildStep, Tools } from './detect.js';
import { readSmall } from './small-file.js';

interface Manager {
  readonly name: 'npm' | 'yarn' | 'pnpm';
  readonly install: string;
  /** Removes what only the build needed. */
  readonly prune?: string;
}

const LOCKS = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
} as const;
const LOCK_MAX = 64 * 1024 * 1024;

/**
 * The steps of a Node.js project: install what package.json and its lock file say, with what only the build needs; run
 * its `build` script; remove what only the build needed. Undefined if it is none. Throws a {@link RuleError} if the
 * machine lacks its package manager.
 */
export async function nodeProject(folder: string, has: Tools): Promise<BuildStep[] | undefined> {
  const manifest = await readJson(folder, 'package.json');
  if (manifest === undefined) return undefined;
  const scripts = record(manifest['scripts']);
  const [all, forBuild] = [['dependencies', 'optionalDependencies', 'workspaces'], ['devDependencies']].map(
    (names) => names.some((name) => Object.keys(record(manifest[name])).length > 0),
  );
  const builds = typeof scripts['build'] === 'string';
  const installs =
    all === true ||
    forBuild === true ||
    ['preinstall', 'postinstall', 'prepare'].some((name) => name in scripts);
  const { name, install, prune } = await managerOf(folder, manifest, has);
  const steps: BuildStep[] = [];
  if (installs) steps.push({ title: `Install packages with ${name}`, command: install, env: {} });
  if (builds)
    steps.push({ title: 'Run the build script', command: `${runner(name, has)} run build`, env: {} });
  if (forBuild === true && prune !== undefined) {
    steps.push({ title: 'Remove packages of the build only', command: prune, env: {} });
  }
  return steps;
}

async function managerOf(folder: string, manifest: Record<string, unknown>, has: Tools): Promise<Manager> {
  const locks = new Map<string, { file: string; text: string }>();
  for (const [file, name] of Object.entries(LOCKS)) {
    const text = await readSmall(folder, file, LOCK_MAX);
    if (text !== undefined && !locks.has(name)) locks.set(name, { file, text });
  }
  const { packageManager } = manifest;
  const declared =
    typeof packageManager === 'string' ? /^(npm|yarn|pnpm)@/.exec(packageManager)?.[1] : undefined;
  const name = declared ?? [...locks.keys()][0] ?? 'npm';
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
  if (name === 'pnpm') {
    const frozen = lock === undefined ? '--no-frozen-lockfile' : '--frozen-lockfile';
    return { name, install: `${run} install ${frozen} --prod=false`, prune: `${run} prune --prod` };
  }
  const classic = lock === undefined || lock.text.includes('# yarn lockfile v1');
  // Later ones need a plugin to remove what is for development.
  if (!classic) return { name: 'yarn', install: `${run} install --immutable` };
  const frozen = lock === undefined ? '' : ' --frozen-lockfile';
  return {
    name: 'yarn',
    install: `${run} install${frozen} --production=false --non-interactive`,
    prune: `${run} install${frozen} --production --ignore-scripts --prefer-offline --non-interactive`,
  };
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
