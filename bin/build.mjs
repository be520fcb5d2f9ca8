#!/usr/bin/env node
// Builds what is published, from one source: dist/aka.cjs, the whole of `aka` in one file that starts fast,
// dist/commands, a module a command for hosts that load this package as an oclif plugin, dist/akkeris-plugin.json, what
// index.js tells the older aka of them, dist/agent.cjs, the program that the platform starts to make dynos,
// dist/supervisor.cjs, which restarts the daemon when it dies, dist/probe.cjs, what it runs in dynos to check spaces, and
// dist/console, the pages that its server sends to browsers.
// Before @peculiar/x509, whose names are looked up below.
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';
import { build } from 'esbuild';
import { akkerisPlugin } from './akkeris-plugin.mjs';
import { buildConsole } from './console.mjs';
import { thirdPartyLicenses } from './licenses.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const MANIFEST = join(root, 'oclif.manifest.json');

/** Native code can't be bundled; a plugin uses the @oclif/core of its own package. */
const NATIVE = '@photostructure/sqlite';

/** Large, and seldom needed: files of their own where they are used, so that no other start reads them. */
const APART = ['@peculiar/x509', 'conf', 'ignore', 'inquirer', 'nodemailer', 'tar', 'undici', 'yauzl'];

/**
 * What is taken of a package whose index loads much more. Requests are all that is made with undici; its index loads caches,
 * mocks, cookies and web sockets besides, which takes longer than a request.
 */
const PARTS = {
  undici: {
    names: ['EnvHttpProxyAgent', 'Pool'],
    contents: `
      const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
      Dispatcher.prototype.request = require('undici/lib/api/api-request.js');
      Dispatcher.prototype.connect = require('undici/lib/api/api-connect.js');
      exports.EnvHttpProxyAgent = require('undici/lib/dispatcher/env-http-proxy-agent.js');
      exports.Pool = require('undici/lib/dispatcher/pool.js');`,
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  // Neither white space nor names: a stack trace has to tell where it comes from, and start-up is none the slower.
  minifySyntax: true,
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
// The package itself is CommonJS: the older aka requires its index.js.
writeFileSync(join(root, 'dist', 'package.json'), '{ "type": "module" }\n');

const apart = new Set();
const { metafile } = await build({
  ...shared,
  entryPoints: files.map((file) => join('commands', file)),
  outdir: 'dist',
  outbase: '.',
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: ['@oclif/core', NATIVE],
  // They are only ever imported when they are needed, which is from a chunk.
  plugins: [loadedApart('..')],
  // Bundled CommonJS needs a require to reach Node's own modules.
  banner: {
    js: "import{createRequire as akaRequire}from'node:module';const require=akaRequire(import.meta.url);",
  },
});

const { usageOf } = await sources('src/cli/usage-line.ts');
const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
// In an order of its own: oclif's is the one in which the modules happened to load.
const commands = Object.fromEntries(
  Object.entries(plugin.manifest.commands)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, command]) => [id, { ...command, usage: usageOf(command) }]),
);
const manifest = withSeparators(`${JSON.stringify({ ...plugin.manifest, commands }, null, 2)}\n`);
if (readIfThere(MANIFEST) !== manifest) writeFileSync(MANIFEST, manifest);
writeFileSync(join(root, 'dist', 'akkeris-plugin.json'), JSON.stringify(akkerisPlugin(commands)));

const metafiles = [metafile];
await script('aka.cjs', {
  entryPoints: ['src/cli/bundled.ts'],
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
    {
      // The parts of @oclif/core that are used, each when it first is; its index would load all of them.
      name: 'core',
      setup(builder) {
        builder.onResolve({ filter: /^@oclif\/core$/ }, ({ path }) => ({ path, namespace: 'core' }));
        builder.onLoad({ filter: /.*/, namespace: 'core' }, () => ({
          resolveDir: root,
          contents: `module.exports = {
            get Args() { return require('@oclif/core/args'); },
            get CommandHelp() { return require('@oclif/core/help').CommandHelp; },
            get Command() { return require('@oclif/core/command').Command; },
            get Config() { return require('@oclif/core/config').Config; },
            get Flags() { return require('@oclif/core/flags'); },
            get Help() { return require('@oclif/core/help').Help; },
            get Plugin() { return require('@oclif/core/config').Plugin; },
          };`,
        }));
      },
    },
    loadedApart('.'),
  ],
});

await script('agent.cjs', { entryPoints: ['src/platform/engine/agent/main.ts'] });
await script('supervisor.cjs', { entryPoints: ['src/platform/supervisor/main.ts'] });
await script('probe.cjs', { entryPoints: ['src/platform/check/probe/main.ts'] });

for (const name of apart) {
  const hasDefault = Object.hasOwn(await import(name), 'default');
  const whole = `export * from '${name}';${hasDefault ? ` export { default } from '${name}';` : ''}`;
  await script(fileOf(name), {
    minifyWhitespace: true,
    stdin: {
      contents: PARTS[name]?.contents ?? whole,
      resolveDir: root,
      sourcefile: PARTS[name] === undefined ? `${name}.mjs` : `${name}.cjs`,
    },
  });
}

metafiles.push(await buildConsole(root));

writeFileSync(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(metafiles, root));

/** What a module of the sources exports. */
async function sources(entry) {
  const { outputFiles } = await build({ ...shared, entryPoints: [entry], format: 'esm', write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** The file of a package that is loaded apart. */
function fileOf(name) {
  return `${name.replace('@', '').replace('/', '-')}.cjs`;
}

/** Has packages loaded from the files of their own that are in a folder, as seen from what loads them. */
function loadedApart(folder) {
  return {
    name: 'apart',
    setup(builder) {
      const filter = new RegExp(`^(?:${APART.join('|')})$`);
      builder.onResolve({ filter }, ({ path }) => ({ path, namespace: 'apart' }));
      builder.onResolve({ filter: /^\./, namespace: 'apart' }, ({ path }) => ({ path, external: true }));
      builder.onLoad({ filter: /.*/, namespace: 'apart' }, async ({ path }) => {
        apart.add(path);
        const all = PARTS[path]?.names ?? Object.keys(await import(path));
        // Node 22 and later also name a CommonJS module's exports as a whole.
        const names = all.filter((name) => name !== 'default' && name !== 'module.exports');
        const hasDefault = all.includes('default');
        return {
          contents: `const it = require('${folder}/${fileOf(path)}');
            export const { ${names.join(', ')} } = it;${hasDefault ? ' export default it.default;' : ''}`,
        };
      });
    },
  };
}

/**
 * Builds one file for bin/run.js to load. It is of ASCII only, so that it is read without being decoded, and its
 * first line has the hash of its content, under which the compiled code is kept.
 */
async function script(name, options) {
  const { outputFiles, metafile: facts } = await build({
    ...shared,
    ...options,
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
    // Code that comes from V8's cache can't import: what is not in the bundle is required.
    supported: { 'dynamic-import': false },
    external: [NATIVE],
    outfile: join('dist', name),
    write: false,
  });
  metafiles.push(facts);
  const code = outputFiles[0].text.replace(/[^\x00-\x7f]/g, escaped);
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 32);
  writeFileSync(join(root, 'dist', name), `//${hash}\n${code}`);
}

/** What esbuild leaves as it is stands in regular expressions, where this means the same. */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Help names commands with what the host has between topic and command, which need not be a colon. */
function withSeparators(text) {
  return text.replaceAll(
    /(<%= config\.bin %> )([a-z-]+(?::[a-z-]+)+)/g,
    (_, bin, id) => bin + id.replaceAll(':', '<%= config.topicSeparator %>'),
  );
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
