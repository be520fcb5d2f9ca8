import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { temporaryFolder } from './folders.js';

const repository = join(import.meta.dirname, '..', '..', '..');

/** A program of this repository's own files, for a process that may be killed. */
export async function bundled(source: string): Promise<string> {
  const outfile = join(temporaryFolder(), 'program.mjs');
  process.once('exit', () => rmSync(outfile, { force: true }));
  await build({
    stdin: { contents: source, resolveDir: repository, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['tar', 'yauzl', 'undici', '@photostructure/sqlite'],
    logLevel: 'error',
    outfile,
  });
  return outfile;
}
