import { createHash, randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError } from '../../contract/errors.js';
import type { Source } from '../../contract/wire.js';
import { byteSize } from '../../model/byte-size.js';
import { privateFolder, syncFolder } from '../files/private-files.js';
import type { Store } from '../store/store.js';
import type { Session } from './session.js';

/** The most that a source may have, in bytes. */
const BYTES_MAX = 1024 ** 3;

/** The sources that were uploaded, by their checksums. That one is there is no change: what a build makes of it is. */
export function sourcesService({ store }: Session): AppsApi['sources'] {
  return {
    upload: async (content, { checksum } = {}, signal) => keep(store, content, checksum, signal),
  };
}

/** Whether there is an upload with this checksum, `sha256:` and its digest. */
export function isUploaded(store: Store, checksum: string): boolean {
  return existsSync(fileOf(store, checksum));
}

async function keep(
  store: Store,
  content: AsyncIterable<Uint8Array>,
  expected: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Source> {
  const folder = folderOf(store);
  privateFolder(folder);
  const draft = join(folder, `${randomUUID()}.draft`);
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(draft, 'wx', 0o600);
  try {
    for await (const chunk of content) {
      signal?.throwIfAborted();
      bytes += chunk.length;
      if (bytes > BYTES_MAX) throw tooLarge();
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    const checksum = `sha256:${hash.digest('hex')}`;
    if (expected !== undefined && expected !== checksum) throw otherContent(checksum);
    await file.sync();
    renameSync(draft, fileOf(store, checksum));
    syncFolder(folder);
    return { checksum, bytes };
  } finally {
    await file.close();
    rmSync(draft, { force: true });
  }
}

function folderOf(store: Store): string {
  return join(store.folders.dataDir, 'uploads');
}

function fileOf(store: Store, checksum: string): string {
  return join(folderOf(store), checksum.replace(/^sha256:/, ''));
}

function tooLarge(): AppsApiError {
  return new AppsApiError({
    id: 'source_too_large',
    status: 413,
    message: `A source may have ${byteSize(BYTES_MAX)}.`,
    hint: 'Leave out of it what the build does not need: .slugignore names that.',
  });
}

function otherContent(checksum: string): AppsApiError {
  return new AppsApiError({
    id: 'wrong_checksum',
    status: 422,
    message: `What arrived is not what its checksum says: it has ${checksum}.`,
    hint: 'It was changed on its way, or while it was read. Send it again.',
  });
}
