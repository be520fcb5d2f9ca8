import { main } from './main.js';

/** Starts `aka` from the folder that its package is in. */
export function start(argv: readonly string[], root: string): Promise<void> {
  // Its version can be said without @oclif/core.
  return main(argv, async () => (await import('./bundled-config.js')).loadBundled(root));
}
