import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { byteSize } from '../../model/byte-size.js';
import { canGrow, checkGrowth, growsTooMuch } from '../../model/compression.js';
import { type Digest, parseChecksum } from '../../model/digest.js';
import { errorCode } from '../../model/error-code.js';
import { RuleError, shown } from '../../model/rule.js';
import { checkArchive } from './archive.js';
import { contentsOf, type Entry, type SourceLimits, unreadable } from './entries.js';
import { tarOf } from './pack.js';
import { checkTexts, missingContent } from './unfit.js';

const GZIP = { level: 6 };

export const SOURCE_LIMITS: SourceLimits = { bytes: 1024 ** 3, files: 100_000 };

/** A source that goes to the platform as a stream. */
export interface PackedSource {
  readonly kind: 'folder' | 'archive';
  /** A tar.gz, or the archive as it is. It ends with an error that people understand if the source can't be read. */
  readonly stream: Readable;
  /** Settles when the stream has been read to its end; rejects as it does. */
  readonly sent: Promise<SentSource>;
  /** How many bytes the stream will have, where that is known before. */
  readonly bytes?: number;
  /** Of a folder: how many files and links, and bytes in them, for a sense of progress. */
  readonly contents?: { readonly entries: number; readonly bytes: number };
  /** For people, each a sentence. */
  readonly warnings: readonly string[];
}

/** The identity of what was sent. */
export interface SentSource {
  readonly digest: Digest;
  readonly bytes: number;
}

/** A source that the platform fetches. */
export interface RemoteSource {
  readonly kind: 'url';
  readonly url: string;
  readonly digest: Digest;
}

export interface SourceOptions {
  /** `sha256:` and 64 digits: what an https address holds, or an archive has to be. */
  readonly checksum?: string | undefined;
  readonly limits?: SourceLimits;
}

/**
 * Makes of what a user names the source of a build: a folder is packed; a .tar.gz or .zip file goes as it is; an https
 * address, for which a checksum must be given, is for the platform to fetch.
 *
 * The same content gives the same bytes, whenever and wherever it is packed by the same version of Node.js. Throws a
 * {@link RuleError} if it can't be a source.
 */
export async function packSource(
  named: string,
  { checksum, limits = SOURCE_LIMITS }: SourceOptions = {},
): Promise<PackedSource | RemoteSource> {
  const digest = checksum === undefined ? undefined : parseChecksum(checksum);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(named)) return remote(named, digest);
  const stats = await stat(named).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw unreadable(named, error);
    throw new RuleError(
      'no_such_source',
      `There is no file or folder ${shown(named, 200)}.`,
      'Name a folder, a .tar.gz or .zip file, or an https address.',
    );
  });
  if (stats.isDirectory()) {
    if (digest === undefined) return packedFolder(await realpath(named), limits);
    throw new RuleError('needless_checksum', 'A checksum is for an archive or an address, not for a folder.');
  }
  if (stats.isFile()) return archive(named, stats.size, digest, limits);
  throw new RuleError('unusable_source', `${shown(named, 200)} is neither a folder nor a file.`);
}

async function packedFolder(folder: string, limits: SourceLimits): Promise<PackedSource> {
  const { entries, bytes, warnings } = await contentsOf(folder, limits);
  await checkTexts(folder, entries);
  const missing = await missingContent(folder, entries);
  await checkCompression(folder, entries, bytes);
  const { stream, sent } = hashed((into) => pipeline(tarOf(folder, entries), createGzip(GZIP), into));
  return {
    kind: 'folder',
    stream,
    sent,
    contents: { entries: entries.length, bytes },
    warnings: missing === undefined ? warnings : [...warnings, missing],
  };
}

/**
 * Throws a {@link RuleError} for a folder that builds would take for an archive that is to fill a disk. Packs no more of it
 * than shows that it isn't.
 */
async function checkCompression(folder: string, entries: readonly Entry[], bytes: number): Promise<void> {
  if (!canGrow(bytes)) return;
  const files = entries.flatMap((entry) => (entry.kind === 'file' ? [entry] : []));
  const biggestFirst = files.toSorted((a, b) => b.bytes - a.bytes);
  const unpacked = Readable.from(tarOf(folder, biggestFirst));
  const gzip = createGzip(GZIP);
  unpacked.on('error', (error) => gzip.destroy(error)).pipe(gzip);
  try {
    let packed = 0;
    for await (const chunk of gzip) {
      packed += (chunk as Buffer).length;
      if (!growsTooMuch(packed, bytes)) return;
    }
    const name = shown(biggestFirst[0]?.path ?? '');
    const hint = `Leave out what the build does not need, such as ${name}: list it in .slugignore.`;
    checkGrowth(packed, bytes, 'The packed source', hint);
  } finally {
    unpacked.destroy();
    gzip.destroy();
  }
}

async function archive(
  file: string,
  bytes: number,
  digest: Digest | undefined,
  limits: SourceLimits,
): Promise<PackedSource> {
  if (bytes > limits.bytes) {
    throw new RuleError(
      'source_too_large',
      `${shown(file, 200)} has ${byteSize(bytes)}; it may have ${byteSize(limits.bytes)}.`,
    );
  }
  await checkArchive(file, bytes);
  if (digest !== undefined) {
    const { sent, stream } = hashed((into) => pipeline(createReadStream(file), into));
    stream.resume();
    if ((await sent).digest !== digest) {
      throw new RuleError(
        'wrong_checksum',
        `${shown(file, 200)} is not what the checksum says: it has sha256:${(await sent).digest}.`,
      );
    }
  }
  const { stream, sent } = hashed((into) => pipeline(createReadStream(file), into));
  return { kind: 'archive', stream, sent, bytes, warnings: [] };
}

function remote(named: string, digest: Digest | undefined): RemoteSource {
  const url = URL.canParse(named) ? new URL(named) : undefined;
  if (url?.protocol !== 'https:') {
    throw new RuleError('unusable_source', 'A source is fetched by https only.', 'Use an https:// address.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new RuleError(
      'secret_in_address',
      'The address holds a user or password, which would be kept with the build.',
      'Download it, and name the file.',
    );
  }
  if (digest === undefined) {
    throw new RuleError(
      'checksum_needed',
      'What an address holds can change, so that its checksum is needed.',
      'Give it: --checksum sha256:DIGITS, as sha256sum prints them',
    );
  }
  return { kind: 'url', url: url.href, digest };
}

/** A stream that is hashed as it is read. It begins when it is read from. */
function hashed(fill: (into: Transform) => Promise<void>): { stream: Readable; sent: Promise<SentSource> } {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const sent = fill(stream).then(() => ({ digest: hash.digest('hex') as Digest, bytes }));
  // Who reads the stream hears of it there; nobody has to wait for both.
  sent.catch(() => undefined);
  return { stream, sent };
}
