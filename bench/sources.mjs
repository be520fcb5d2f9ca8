import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './sandbox.mjs';

/** Imports what some TypeScript sources export, bundled on the fly. */
export async function sources(...files) {
  // Within the checkout, so that packages are found from there.
  const outfile = join(root, 'node_modules', `.aka-bench-${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    stdin: { contents: files.map((file) => `export * from './${file}';`).join('\n'), resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}
