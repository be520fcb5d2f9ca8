import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

test('the platform is loaded by the commands that use it, and by no start of another', async () => {
  const files = readdirSync(join(ROOT, 'src', 'cli'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `src/cli/${file}`);
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: files,
    outdir: 'nowhere',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    external: ['aka:*'],
    metafile: true,
  });
  const imports = Object.entries(metafile.inputs)
    .filter(([file]) => file.startsWith('src/cli/'))
    .flatMap(([file, input]) => input.imports.map(({ path, kind }) => ({ file, path, kind })))
    .filter(({ path }) => path.startsWith('src/platform/'));
  // Types are gone by now. What is left is either awaited where it is needed, or loaded at every start.
  expect(imports).not.toEqual([]);
  expect(imports.filter(({ kind }) => kind !== 'dynamic-import')).toEqual([]);
});
