import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Between two looks where nothing reports a change, in milliseconds. */
const LOOK = 500;

/**
 * Calls `look` whenever a database file may have changed, whichever process changed it, and twice a second in any case.
 * Returns what ends that.
 */
export function watchDatabase(file: string, look: () => void): () => void {
  const watcher = watchFolder(dirname(file), (name) => {
    if (name === null || name.startsWith(basename(file))) look();
  });
  const timer = setInterval(look, LOOK);
  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}

/** Where folders can't be watched, looking twice a second is enough. */
function watchFolder(folder: string, hear: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_, name) => hear(name));
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
