#!/usr/bin/env node
// Builds what is published, from one source: dist/aka.cjs, the whole of `aka` in one file that starts fast, and
// dist/commands, a module a command for hosts that load this package as an oclif plugin.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const MANIFEST = join(root, 'oclif.manifest.json');

/** Native code can't be bundled; a plugin uses the @oclif/core of its own package. */
const NATIVE = '@photostructure/sqlite';

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  minifySyntax: true,
  minifyWhitespace: true,
};

const files = readdirSync(join(root, 'commands'), { recursive: true })
  .filter((file) => file.endsWith('.ts'))
  .sort();

/** `spaces/index.ts` is the command `spaces`, `spaces/info.ts` is `spaces:info`. */
function idOf(file) {
  return relative('.', file)
    .replace(/\.ts$/, '')
    .split(sep)
    .filter((part) => part !== 'index')
    .join(':');
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
mkdirSync(join(root, 'dist'));

await build({
  ...shared,
  entryPoints: files.map((file) => join('commands', file)),
  outdir: 'dist',
  outbase: '.',
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: ['@oclif/core', NATIVE],
  // Bundled CommonJS needs a require to reach Node's own modules.
  banner: {
    js: "import{createRequire as akaRequire}from'node:module';const require=akaRequire(import.meta.url);",
  },
});

const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
const manifest = `${JSON.stringify(plugin.manifest, null, 2)}\n`;
if (readIfThere(MANIFEST) !== manifest) writeFileSync(MANIFEST, manifest);

await build({
  ...shared,
  entryPoints: ['src/cli/bundled.ts'],
  outfile: 'dist/aka.cjs',
  format: 'cjs',
  external: [NATIVE],
  plugins: [
    {
      name: 'commands',
      setup(builder) {
        builder.onResolve({ filter: /^aka:commands$/ }, ({ path }) => ({ path, namespace: 'commands' }));
        builder.onLoad({ filter: /.*/, namespace: 'commands' }, () => ({
          resolveDir: root,
          contents: `export const commands = {\n${files
            .map(
              (file) =>
                `${JSON.stringify(idOf(file))}: () => import(${JSON.stringify(`./commands/${String(file)}`)}),\n`,
            )
            .join('')}};`,
        }));
      },
    },
  ],
});

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
