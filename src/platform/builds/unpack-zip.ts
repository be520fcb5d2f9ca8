import type { Entry, ZipFile } from 'yauzl';
import { RuleError, shown } from '../../model/rule.js';
import { type Landing, unusable } from './landing.js';

const TARGET_MAX = 4096;
const MADE_ON_UNIX = 3;
const KIND = 0o170_000;
const FILE = 0o100_000;
const LINK = 0o120_000;
const FOLDER = 0o040_000;

/** Unpacks a zip. Throws a {@link RuleError} if it is damaged, encrypted or hostile. */
export async function unpackZip(
  file: string,
  landing: Landing,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true }).catch(
    damaged,
  );
  try {
    const entries = zip.eachEntry();
    for (;;) {
      const next = await entries.next().catch(damaged);
      if (next.done === true) return;
      signal?.throwIfAborted();
      await take(zip, next.value, landing);
    }
  } finally {
    zip.close();
  }
}

async function take(zip: ZipFile, entry: Entry, landing: Landing): Promise<void> {
  const { fileName: path } = entry;
  const mode = entry.versionMadeBy >>> 8 === MADE_ON_UNIX ? entry.externalFileAttributes >>> 16 : 0;
  const kind = mode & KIND;
  if (entry.isEncrypted()) throw unusable(path, 'is encrypted');
  if (path.endsWith('/') || kind === FOLDER) return landing.takeFolder(path);
  if (kind === LINK) return landing.takeLink(path, await target(zip, entry));
  if (kind !== 0 && kind !== FILE) throw unusable(path, 'is a device, a pipe or a socket');
  return landing.takeFile(path, (mode & 0o111) !== 0, content(zip, entry));
}

async function target(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > TARGET_MAX) throw unusable(entry.fileName, 'is a link with too long a target');
  const chunks: Uint8Array[] = [];
  for await (const chunk of content(zip, entry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* content(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  const stream = await zip.openReadStreamPromise(entry).catch(damaged);
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch(damaged);
      if (next.done === true) return;
      yield next.value as Uint8Array;
    }
  } finally {
    stream.destroy();
  }
}

/** Everything the library rejects with is about the archive. */
function damaged(error: unknown): never {
  const why = error instanceof Error ? error.message : String(error);
  throw new RuleError(
    'invalid_source',
    `The archive can't be unpacked: ${shown(why, 200)}.`,
    'Make it again.',
  );
}
