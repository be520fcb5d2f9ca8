import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Header, type HeaderData, Pax } from 'tar';
import { errorCode } from '../../model/error-code.js';
import { RuleError, shown } from '../../model/rule.js';
import { type Entry, unreadable } from './entries.js';

const BLOCK = 512;
const CHUNK = 256 * 1024;
/** Nothing of when, where and by whom: the same files are the same bytes. */
const ANYBODY = { uid: 0, gid: 0, mtime: new Date(0) };

/**
 * A folder's entries as a tar archive, the same bytes for the same files. It begins with the folder itself, `./`, which
 * says that what is below it is not to be unwrapped. Throws a {@link RuleError} if a file changes meanwhile.
 */
export async function* tarOf(folder: string, entries: readonly Entry[]): AsyncGenerator<Buffer> {
  yield* header({ path: './', type: 'Directory', mode: 0o755, size: 0 });
  for (const entry of entries) {
    const { path } = entry;
    if (entry.kind === 'file') {
      yield* header({ path, type: 'File', mode: entry.executable ? 0o755 : 0o644, size: entry.bytes });
      yield* content(folder, entry);
    } else if (entry.kind === 'link') {
      yield* header({ path, type: 'SymbolicLink', mode: 0o777, size: 0, linkpath: entry.target });
    } else {
      yield* header({ path: `${path}/`, type: 'Directory', mode: 0o755, size: 0 });
    }
  }
  yield Buffer.alloc(2 * BLOCK);
}

function* header(data: HeaderData): Generator<Buffer> {
  const all = { ...data, ...ANYBODY };
  const block = Buffer.alloc(BLOCK);
  const encoded = new Header(all);
  if (encoded.encode(block)) {
    const { path = '', linkpath, size = 0 } = data;
    yield new Pax({
      path,
      size,
      ...(linkpath === undefined ? {} : { linkpath }),
      mtime: ANYBODY.mtime,
    }).encode();
  }
  yield block;
}

async function* content(
  folder: string,
  { path, bytes }: Extract<Entry, { kind: 'file' }>,
): AsyncGenerator<Buffer> {
  const file = await open(
    join(folder, path),
    // A link or a pipe that took its place is not followed, nor waited for.
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((error: unknown) => {
    throw ['ENOENT', 'ELOOP'].includes(errorCode(error) ?? '') ? changed(path) : unreadable(path, error);
  });
  try {
    let left = bytes;
    while (left > 0) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(CHUNK, left)));
      if (bytesRead === 0) throw changed(path);
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if ((await file.read(Buffer.alloc(1))).bytesRead > 0) throw changed(path);
  } finally {
    await file.close();
  }
  if (bytes % BLOCK > 0) yield Buffer.alloc(BLOCK - (bytes % BLOCK));
}

function changed(path: string): RuleError {
  return new RuleError(
    'source_changed',
    `${shown(path, 200)} changed while it was packed.`,
    'Try again when nothing writes to it, or exclude it in .slugignore.',
  );
}
