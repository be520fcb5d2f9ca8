import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The mode that git gives a submodule in a tree. */
export const SUBMODULE = '160000';

const OUTPUT_MAX = 256 * 1024 * 1024;

/** Runs git in a folder, and returns what it prints. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', folder, ...args], {
    env: gitEnvironment(),
    maxBuffer: OUTPUT_MAX,
  });
  return stdout;
}

/** The environment for git, without what a hook of git would say of another repository. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const foreign = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR']);
  const kept = Object.entries(process.env).filter(([name]) => !foreign.has(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
}
