#!/usr/bin/env node
// Writes what docs/ has that is made from the code: the command reference (from oclif.manifest.json, so build
// first), the OpenAPI document, a JSON schema for each resource, and how this platform differs from Akkeris.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const docs = join(root, 'docs');

commandReference();
const document = await openApi();
write('openapi.json', document);
for (const [name, schema] of Object.entries(document.components.schemas)) {
  write(`schemas/${name}.json`, standalone(name, schema));
}

const { differencesPage } = await bundled('test/contract/akkeris/table.ts');
const lines = readFileSync(join(root, 'test/contract/akkeris/differences.jsonl'), 'utf8').trim().split('\n');
writeFileSync(join(docs, 'akkeris-differences.md'), differencesPage(lines.map((line) => JSON.parse(line))));

/** A page per topic, and the list of topics in docs/commands.md, between its marks. */
function commandReference() {
  rmSync(join(docs, 'commands'), { recursive: true, force: true });
  const oclif = join(root, 'node_modules', 'oclif', 'bin', 'run.js');
  const list = join(docs, 'commands.md');
  const flags = ['--multi', '--output-dir', 'docs/commands', '--readme-path', 'docs/commands.md'];
  execFileSync(process.execPath, [oclif, 'readme', ...flags], {
    cwd: root,
    env: { ...process.env, OCLIF_SKIP_NEW_VERSION_CHECK: 'true' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // Links are from the folder of the list, and its heading is not the page's.
  const text = readFileSync(list, 'utf8').replaceAll('](docs/', '](').replaceAll('* [', '- [');
  writeFileSync(list, text.replace(/^# Command Topics\n\n/m, ''));
  // Descriptions name their defaults, as in the help of aka itself.
  for (const name of readdirSync(join(docs, 'commands'))) {
    const page = join(docs, 'commands', name);
    writeFileSync(page, readFileSync(page, 'utf8').replaceAll(/\[default: [^\],]*\] /g, ''));
  }
}

async function openApi() {
  const { openApiDocument } = await bundled('src/platform/server/openapi.ts');
  return openApiDocument();
}

/** What a module of the sources exports. */
async function bundled(entry) {
  const folder = mkdtempSync(join(tmpdir(), 'aka-docs-'));
  try {
    const outfile = join(folder, 'bundled.mjs');
    await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A schema that is read by itself: the others are beside it. */
function standalone(name, schema) {
  const text = JSON.stringify(schema)
    .replaceAll('"#/components/schemas/', '"./')
    .replaceAll(/("\.\/\w+)"/g, '$1.json"');
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: name, ...JSON.parse(text) };
}

function write(name, content) {
  const file = join(docs, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
