import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { AppsApiError } from '../../contract/errors.js';
import { type Digest, isDigest } from '../../model/digest.js';
import { errorCode } from '../../model/error-code.js';
import type { SlugFacts } from '../../model/slug.js';
import { isSpaceOwner, type Owner } from '../engine/owners.js';
import { privateFolder, syncFolder } from '../files/private-files.js';
import { discard, isTemporary, newDraft } from '../files/trash.js';
import { diskBytes } from './disk-usage.js';
import { copyTree, giveTree, settleTree } from './tree.js';

/** What a build makes and dynos run: files, and what is known of them. */
export interface Slug extends SlugFacts {
  readonly digest: Digest;
  /** In files. */
  readonly bytes: number;
  /** Of the disk, without copies. */
  readonly diskBytes: number;
  /** Files, links and folders. */
  readonly entries: number;
  readonly createdAt: string;
}

const APP = 'app';
const FACTS = 'slug.json';
/** Before the user id of whose copy it is. */
const COPY = `${APP}.`;

const Facts = z.object({
  processTypes: z.record(z.string(), z.string()),
  path: z.array(z.string()),
  folders: z.record(z.string(), z.string()),
  bytes: z.number(),
  diskBytes: z.number(),
  entries: z.number(),
  createdAt: z.string(),
});

/**
 * Slugs, each in a folder named by the digest of what is in it: `DIGEST/app` and `DIGEST/slug.json`. The same content is
 * kept once, and once more as `DIGEST/app.UID` for every further space whose dynos are a user of their own. Nobody but this user can enter the folder of all of them, and engines show a dyno its slug read-only, with
 * what the dyno writes above it: so a slug never changes, while its files keep the modes that programs expect.
 */
export class Slugs {
  /** For each slug, what is being done for its dynos: one thing after the other. */
  readonly #turns = new Map<Digest, Promise<unknown>>();

  private constructor(private readonly folder: string) {}

  /** Makes the folder if need be. */
  static async open(folder: string): Promise<Slugs> {
    privateFolder(folder);
    return new Slugs(folder);
  }

  /**
   * Takes a folder over as a slug: moves it, so it has to be on the same file system. What is wrong with its modes is
   * corrected, and special files are removed. The whole of it is on disk when this resolves; before, nothing of it is seen.
   * Throws a RuleError for a path that is too long, and the reason of `signal` when it aborts.
   */
  async keep(app: string, { processTypes, path, folders }: SlugFacts, signal?: AbortSignal): Promise<Slug> {
    const draft = newDraft(this.folder);
    try {
      await mkdir(draft, { mode: 0o700 });
      await rename(app, join(draft, APP));
      const { digest: content, ...sizes } = await settleTree(join(draft, APP), signal);
      const digest = digestOf(content, { processTypes, path, folders });
      const facts = { processTypes, path, folders, ...sizes, createdAt: new Date().toISOString() };
      await writeFile(join(draft, FACTS), JSON.stringify(facts), { mode: 0o600 });
      await syncAll(draft, signal);
      await this.place(draft, digest);
      return await this.get(digest);
    } finally {
      await discard(draft, this.folder, signal);
    }
  }

  /** Throws an {@link AppsApiError} (404) if it is not kept. */
  async get(digest: Digest): Promise<Slug> {
    try {
      const text = await readFile(join(this.folder, digest, FACTS), 'utf8');
      return { digest, ...Facts.parse(JSON.parse(text)) };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      throw new AppsApiError({
        id: 'not_found',
        status: 404,
        message: `The slug ${digest} is not kept any more.`,
        hint: 'Build its source again.',
      });
    }
  }

  async has(digest: Digest): Promise<boolean> {
    return isThere(join(this.folder, digest));
  }

  /**
   * The folder that dynos of a slug find as /app, which is then among the last to be pruned. Where dynos are really
   * somebody else (`owner`, see the engine), its files are theirs: the first space is given the slug itself, others get a
   * copy, since dynos of the first may run from it. Throws as {@link get}.
   */
  async folderFor(digest: Digest, owner?: Owner): Promise<string> {
    await this.get(digest);
    const before = this.#turns.get(digest);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return this.ownedBy(digest, owner);
    })();
    this.#turns.set(digest, turn);
    try {
      const folder = await turn;
      const now = new Date();
      await utimes(join(this.folder, digest, FACTS), now, now);
      return folder;
    } finally {
      if (this.#turns.get(digest) === turn) this.#turns.delete(digest);
    }
  }

  /** Whether a slug is still what it was made as: `false` says that something wrote to its files. */
  async isWhole(digest: Digest): Promise<boolean> {
    const slug = await this.get(digest);
    const { digest: content } = await settleTree(join(this.folder, digest, APP));
    return digestOf(content, slug) === digest;
  }

  async list(): Promise<Slug[]> {
    const names = await readdir(this.folder);
    const slugs = await Promise.all(
      // One may be removed meanwhile.
      names.filter((name) => isDigest(name)).map((digest) => this.get(digest).catch(() => undefined)),
    );
    return slugs.filter((slug) => slug !== undefined);
  }

  /** Bytes on disk of everything, of slugs in the making too. */
  async usage(): Promise<number> {
    let sum = 0;
    for (const slug of await this.list()) sum += await this.allBytes(slug);
    for (const name of await readdir(this.folder))
      if (isTemporary(name)) sum += await diskBytes(join(this.folder, name));
    return sum;
  }

  /**
   * Removes slugs that are not in `keep`, those first that no dyno was started from for the longest time, until all take
   * `limitBytes` of disk at most. Spares those that were made or used in the last `sparedMs`: what they are for may not
   * be known yet. Returns those it removed. With a limit of 0 nothing is left but what is in `keep`.
   */
  async prune(
    keep: ReadonlySet<Digest>,
    limitBytes: number,
    sparedMs = 0,
    signal?: AbortSignal,
  ): Promise<Digest[]> {
    const young = Date.now() - sparedMs;
    const found = [];
    for (const slug of await this.list()) {
      const stats = await lstat(join(this.folder, slug.digest, FACTS)).catch(() => undefined);
      found.push({ digest: slug.digest, bytes: await this.allBytes(slug), usedAt: stats?.mtimeMs ?? 0 });
    }
    let total = await this.usage();
    const removed: Digest[] = [];
    for (const { digest, bytes, usedAt } of found.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (total <= limitBytes || usedAt > young) break;
      if (keep.has(digest)) continue;
      await this.remove(digest, signal);
      total -= bytes;
      removed.push(digest);
    }
    return removed;
  }

  /** One that is not there is no error. */
  async remove(digest: Digest, signal?: AbortSignal): Promise<void> {
    await discard(join(this.folder, digest), this.folder, signal);
  }

  private async ownedBy(digest: Digest, owner: Owner | undefined): Promise<string> {
    const app = join(this.folder, digest, APP);
    const { uid, gid } = await lstat(app);
    const wanted = owner ?? { uid: process.geteuid?.() ?? uid, gid: process.getegid?.() ?? gid };
    if (uid === wanted.uid && (owner === undefined || gid === wanted.gid)) return app;
    if (isSpaceOwner({ uid, gid }) && isSpaceOwner(wanted)) return this.copyOf(digest, wanted);
    await giveTree(app, wanted);
    return app;
  }

  private async copyOf(digest: Digest, owner: Owner): Promise<string> {
    const copy = join(this.folder, digest, `${COPY}${owner.uid}`);
    if (await isThere(copy)) return copy;
    const draft = newDraft(this.folder);
    try {
      await copyTree(join(this.folder, digest, APP), draft);
      await giveTree(draft, owner);
      await syncAll(draft, undefined);
      await rename(draft, copy);
      return copy;
    } finally {
      await discard(draft, this.folder);
    }
  }

  /** Bytes of the disk that a slug takes with its copies. */
  private async allBytes({ digest, diskBytes: each }: Slug): Promise<number> {
    const names = await readdir(join(this.folder, digest)).catch(() => []);
    return each * (1 + names.filter((name) => name.startsWith(COPY)).length);
  }

  private async place(draft: string, digest: Digest): Promise<void> {
    try {
      await rename(draft, join(this.folder, digest));
    } catch (error) {
      // The same content is there already.
      if (!['EEXIST', 'ENOTEMPTY'].includes(errorCode(error) ?? '')) throw error;
    }
    syncFolder(this.folder);
  }
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function digestOf(content: Digest, { processTypes, path, folders }: SlugFacts): Digest {
  const types = Object.entries(processTypes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const told = JSON.stringify([content, types, path, Object.entries(folders)]);
  return createHash('sha256').update(told).digest('hex') as Digest;
}

/** One call for all files: syncing each of some ten thousand would take minutes. */
async function syncAll(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const args = process.platform === 'linux' ? ['-f', folder] : [];
  await promisify(execFile)('sync', args, { ...(signal && { signal }) });
}
