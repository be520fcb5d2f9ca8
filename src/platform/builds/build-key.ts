import { createHash } from 'node:crypto';
import type { Digest } from '../../model/digest.js';
import type { BuildInput } from './builds.js';

/** Raised whenever the same source would be built into something else. */
const BUILDER_VERSION = 2;

/**
 * What decides what a build makes: its source, the app's config vars, what is said of git, and the machine's programs.
 * Two builds of one key make the same slug, so that the second needn't be done. It is a digest of secrets too: not to
 * be shown.
 */
export function buildKey(source: Digest, { config, git }: Pick<BuildInput, 'config' | 'git'>): Digest {
  const vars = Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { sha, branch, repo } = git;
  const machine = [process.platform, process.arch, process.version];
  const parts = [BUILDER_VERSION, source, vars, [sha, branch, repo], machine];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex') as Digest;
}
