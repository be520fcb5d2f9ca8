import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { builtFile } from '../machine/built-file.js';

/** A file of the pages, as it is sent. */
export interface Page {
  readonly type: string;
  readonly plain: Buffer;
  /** Undefined where that would be none the smaller. */
  readonly gzip: Buffer | undefined;
  readonly etag: string;
  /** Whether its name has the hash of its content, so that it never changes. */
  readonly immutable: boolean;
}

const INDEX = 'index.html';
const ASSETS = 'assets/';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** On every page and asset: nothing but the pages' own files runs in them, and they are in no frame. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The pages of the console as they were built, read when they are first asked for. */
export class ConsolePages {
  #files: ReadonlyMap<string, Page> | undefined;

  /** `folder` is that of the pages; undefined if they were not built. */
  constructor(private readonly folder: () => string | undefined = builtPages) {}

  /** Whether there are any. */
  get areBuilt(): boolean {
    return this.#all().size > 0;
  }

  /**
   * What is at a path below the console's own, without a slash at its start. The pages have paths of their own, which
   * are all the same file; undefined for a file that isn't there.
   */
  find(path: string): Page | undefined {
    const files = this.#all();
    const isFile = path.startsWith(ASSETS) || extname(path) !== '';
    return files.get(path) ?? (isFile ? undefined : files.get(INDEX));
  }

  #all(): ReadonlyMap<string, Page> {
    if (this.#files !== undefined) return this.#files;
    const folder = this.folder();
    // What was not built may be yet.
    if (folder === undefined) return new Map();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    this.#files = new Map(files.map((file) => pageIn(folder, file)));
    return this.#files;
  }
}

function builtPages(): string | undefined {
  const index = builtFile(join('console', INDEX));
  return index && dirname(index);
}

function pageIn(folder: string, { parentPath, name }: Dirent): [path: string, page: Page] {
  const file = join(parentPath, name);
  const path = relative(folder, file).split(sep).join('/');
  const plain = readFileSync(file);
  const gzip = gzipSync(plain, { level: 9 });
  return [
    path,
    {
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      plain,
      gzip: gzip.length < plain.length ? gzip : undefined,
      etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
      immutable: path.startsWith(ASSETS),
    },
  ];
}
