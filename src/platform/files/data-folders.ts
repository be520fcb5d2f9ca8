import { join } from 'node:path';

/** Folders of slugs, builds, and the caches that builds keep for the next build, below a data folder. */
export const SLUGS = 'slugs';
export const BUILDS = 'builds';
export const CACHES = join(BUILDS, 'caches');

/** Returns the folders where builds, dynos and the platform leave trash. */
export function trashFolders(dataDir: string): string[] {
  return ['.', SLUGS, BUILDS, CACHES].map((name) => join(dataDir, name));
}
