import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

/** What a tree is made of: text of a file, `-> target` for a link, null for an empty folder, `!text` if executable. */
export type Tree = Readonly<Record<string, string | null>>;

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the file's tests are over. */
export function folderOf(tree: Tree = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'aka-source-'));
  made.push(folder);
  write(folder, tree);
  return folder;
}

export function write(folder: string, tree: Tree): void {
  for (const [path, content] of Object.entries(tree)) {
    const at = join(folder, path);
    mkdirSync(content === null ? at : dirname(at), { recursive: true });
    if (content === null) continue;
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), at);
    else writeFileSync(at, content.replace(/^!/, ''));
    if (content.startsWith('!')) chmodSync(at, 0o755);
  }
}

/** Runs git without anybody's settings. */
export function git(folder: string, ...args: string[]): string {
  const who = ['GIT_AUTHOR', 'GIT_COMMITTER'].flatMap((role) => [
    [`${role}_NAME`, 'ann'],
    [`${role}_EMAIL`, 'ann@example.com'],
  ]);
  return execFileSync('git', ['-c', 'init.defaultBranch=main', '-c', 'protocol.file.allow=always', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      ...(Object.fromEntries(who) as Record<string, string>),
    },
  }).trim();
}
