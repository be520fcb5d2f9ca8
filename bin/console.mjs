// Builds the web console: dist/console/index.html, and a script and a style sheet with the hash of their content in
// their names, so that browsers may keep them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The path at which the platform serves the console. */
const BASE = '/console/';

/** Builds it from `src/console`; returns esbuild's metafile, which tells what is in it. */
export async function buildConsole(root) {
  const folder = join(root, 'dist', 'console');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { console: 'src/console/main.tsx', style: 'src/console/styles/index.css' },
    outdir: join('dist', 'console', 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    // The first versions with light-dark() in CSS.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  const made = Object.keys(metafile.outputs).map((file) => basename(file));
  const named = (ending) => `${BASE}assets/${made.find((file) => file.endsWith(ending))}`;
  const icon = readFileSync(join(root, 'src', 'console', 'icon.svg'), 'utf8');
  const page = readFileSync(join(root, 'src', 'console', 'index.html'), 'utf8')
    .replace('%SCRIPT%', named('.js'))
    .replace('%STYLE%', named('.css'))
    .replace('%ICON%', `data:image/svg+xml,${encodeURIComponent(icon.trim())}`);
  writeFileSync(join(folder, 'index.html'), page);
  return metafile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildConsole(join(fileURLToPath(import.meta.url), '..', '..'));
}
