import { existsSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { clearOldDrafts, draftOf, fileExists, place } from './drafts.js';
import { syncFolder } from './private-files.js';

/** So much is written at once, in characters. */
const CHUNK = 64 * 1024;

/**
 * Writes lines as they come into a file that only its owner can read, whatever the umask: whole in its place and on disk,
 * or not at all, also if `lines` throws. Answers how many bytes it has. Throws an AppsApiError (409) if it is there
 * already and is not to be replaced.
 */
export async function writePrivateLines(
  file: string,
  lines: AsyncIterable<string>,
  { replace }: { replace: boolean },
): Promise<number> {
  if (!replace && existsSync(file)) throw fileExists(file);
  clearOldDrafts(file);
  const draft = draftOf(file);
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.chmod(0o600);
    let waiting = '';
    for await (const line of lines) {
      waiting += `${line}\n`;
      if (waiting.length < CHUNK) continue;
      await handle.appendFile(waiting);
      waiting = '';
    }
    await handle.appendFile(waiting);
    await handle.sync();
    await handle.close();
    place(draft, file, { replace });
    syncFolder(dirname(file));
    return (await stat(file)).size;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}
