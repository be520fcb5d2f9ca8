import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RuleError, shown } from '../../model/rule.js';
import { isUtf16 } from '../../model/text-encoding.js';
import { type Entry, unreadable } from './entries.js';

/** At the top of a folder, what builds read as text. */
const TEXTS = ['Procfile', 'app.json', 'package.json', 'requirements.txt', 'pyproject.toml', '.slugignore'];
/** How the file begins that git has in place of one that is in LFS. */
const POINTER = Buffer.from('version https://git-lfs.github.com/spec/v1\n');
/** The most bytes of such a file, by its specification. */
const POINTER_MAX = 1024;
const ATTRIBUTES_MAX = 1024 * 1024;
/** So many files are named in a warning. */
const NAMED = 3;

/** Throws a {@link RuleError} for a text in UTF-16, as PowerShell writes it: builds read UTF-8. */
export async function checkTexts(folder: string, entries: readonly Entry[]): Promise<void> {
  for (const { kind, path } of entries) {
    if (kind !== 'file' || !TEXTS.includes(path) || !isUtf16(await beginning(folder, path, 2))) continue;
    throw new RuleError(
      'unusable_encoding',
      `${path} is in UTF-16, and builds read UTF-8.`,
      `Save it as UTF-8, in PowerShell: (Get-Content ${path}) | Set-Content -Encoding ascii ${path}`,
    );
  }
}

/** A sentence about files of Git LFS whose content isn't there; undefined if there are none. */
export async function missingContent(folder: string, entries: readonly Entry[]): Promise<string | undefined> {
  if (!(await usesLfs(folder, entries))) return undefined;
  const pointers: string[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'file' || entry.bytes > POINTER_MAX || entry.bytes < POINTER.length) continue;
    if (POINTER.equals(await beginning(folder, entry.path, POINTER.length))) pointers.push(entry.path);
  }
  if (pointers.length === 0) return undefined;
  const more = pointers.length > NAMED ? ` and ${pointers.length - NAMED} more` : '';
  const named = pointers.slice(0, NAMED).map((path) => shown(path));
  return `Git LFS has not fetched the content of ${named.join(', ')}${more}: the build gets pointers to it. To fetch it: git lfs pull`;
}

async function usesLfs(folder: string, entries: readonly Entry[]): Promise<boolean> {
  for (const entry of entries) {
    if (entry.kind !== 'file' || basename(entry.path) !== '.gitattributes') continue;
    const text = await beginning(folder, entry.path, Math.min(entry.bytes, ATTRIBUTES_MAX));
    if (text.includes('filter=lfs')) return true;
  }
  return false;
}

async function beginning(folder: string, path: string, bytes: number): Promise<Buffer> {
  const file = await open(join(folder, path)).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
