import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, lchown, lstat, readdir, readlink, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Digest } from '../../model/digest.js';
import type { Owner } from '../engine/owners.js';
import { refuseLongPath } from './disk-usage.js';

export interface TreeFacts {
  /** Of names, contents, links, and whether files are executable. */
  readonly digest: Digest;
  /** In files. */
  readonly bytes: number;
  /** Of the disk, with what file systems add. */
  readonly diskBytes: number;
  /** Files, links and folders. */
  readonly entries: number;
}

type Sums = Omit<Mutable<TreeFacts>, 'digest'>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const SLASH = Buffer.from('/');
/** What the system counts in, whatever the file system does. */
const BLOCK = 512;
const BOTH = 0o755;
const READ = 0o644;

/**
 * Makes a folder one that can be kept: every folder and file readable, special files removed, no mode but whether a file
 * is executable; and takes its digest. Links are taken as they are and never followed. Names are bytes, as the system
 * has them. Whatever wrote there has to have ended. Throws a RuleError for a path that is too long, and the reason of
 * `signal` when it aborts.
 */
export async function settleTree(folder: string, signal?: AbortSignal): Promise<TreeFacts> {
  const hash = createHash('sha256');
  const sums = { bytes: 0, diskBytes: 0, entries: 0 };
  await settle(Buffer.from(folder), Buffer.alloc(0), hash, sums, signal);
  return { digest: hash.digest('hex') as Digest, ...sums };
}

async function settle(
  folder: Buffer,
  below: Buffer,
  hash: Hash,
  sums: Sums,
  signal: AbortSignal | undefined,
): Promise<void> {
  const at = below.length === 0 ? folder : joined(folder, below);
  await chmod(at, BOTH);
  const names = (await readdir(at, { encoding: 'buffer' })).toSorted((a, b) => a.compare(b));
  for (const name of names) {
    signal?.throwIfAborted();
    const path = below.length === 0 ? name : joined(below, name);
    refuseLongPath(path);
    const full = joined(folder, path);
    const stats = await lstat(full);
    const tell = (kind: string, content: string | Buffer): void => {
      // Lengths first: no two trees are told in the same words.
      hash.update(`${kind} ${path.length} ${content.length} `).update(path).update(content);
    };
    sums.entries++;
    sums.diskBytes += stats.blocks * BLOCK;
    if (stats.isDirectory()) {
      tell('folder', '');
      await settle(folder, path, hash, sums, signal);
    } else if (stats.isSymbolicLink()) {
      tell('link', await readlink(full, { encoding: 'buffer' }));
    } else if (stats.isFile()) {
      const executable = (stats.mode & 0o111) !== 0;
      await chmod(full, executable ? BOTH : READ);
      sums.bytes += stats.size;
      tell(executable ? 'program' : 'file', await digestOf(full));
    } else {
      await rm(full);
      sums.entries--;
    }
  }
}

/** Gives a folder and all that is in it to somebody; itself last, so that it says whose all of it is. */
export async function giveTree(folder: string | Buffer, { uid, gid }: Owner): Promise<void> {
  const at = Buffer.from(folder);
  for (const entry of await readdir(at, { withFileTypes: true, encoding: 'buffer' })) {
    const full = joined(at, entry.name);
    if (entry.isDirectory()) await giveTree(full, { uid, gid });
    else await lchown(full, uid, gid);
  }
  await lchown(at, uid, gid);
}

/** Copies a folder to a path where nothing is. What it holds keeps its modes and times, and links stay links. */
export async function copyTree(from: string, to: string): Promise<void> {
  // Names are bytes to it, and it shares the blocks where the file system can.
  await promisify(execFile)('cp', ['-a', from, to]);
}

/** Whether there is a folder, and not a link to one: what a build left may lead anywhere. */
export async function isRealFolder(at: string): Promise<boolean> {
  return lstat(at).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function joined(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, SLASH, name]);
}

async function digestOf(file: Buffer): Promise<string> {
  const hash = createHash('sha256');
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  for await (const chunk of createReadStream(file, { flags: flags as unknown as string })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
