import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the file's tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aka-builds-'));
  made.push(folder);
  return folder;
}

/** Text of a file by path, `!text` for an executable one, `-> target` for a link. */
export type Tree = Readonly<Record<string, string>>;

export function write(folder: string, tree: Tree): string {
  for (const [path, content] of Object.entries(tree)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), at);
    else writeFileSync(at, content.replace(/^!/, ''));
    if (content.startsWith('!')) chmodSync(at, 0o755);
  }
  return folder;
}

/** What is in a folder, as `write` takes it; `/` for folders that are empty. */
export function treeOf(folder: string, at = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  const names = readdirSync(join(folder, at)).sort();
  if (names.length === 0 && at !== '') tree[at] = '/';
  for (const name of names) {
    const path = at === '' ? name : `${at}/${name}`;
    const stats = lstatSync(join(folder, path));
    if (stats.isDirectory()) Object.assign(tree, treeOf(folder, path));
    else if (stats.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(folder, path))}`;
    else tree[path] = `${(stats.mode & 0o111) === 0 ? '' : '!'}${readFileSync(join(folder, path), 'utf8')}`;
  }
  return tree;
}
