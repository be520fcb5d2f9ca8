import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import { temporaryFolder } from './platform/store/temporary.js';

const ROOT = join(import.meta.dirname, '..');

/** Bundles a program of the tests and the platform into one file, as fast to start as what is published; returns its path. */
export function bundledProgram(entry: string): string {
  const folder = temporaryFolder('aka-program-');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const outfile = join(folder, `${basename(entry, '.ts')}.mjs`);
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['@photostructure/sqlite'],
    logLevel: 'error',
  });
  return outfile;
}
