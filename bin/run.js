#!/usr/bin/env node
'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

/*
 * Loads the bundle through V8's code cache, so that it is not compiled anew at every start. The cache is only an
 * optimization: whatever is wrong with it, the bundle is compiled as usual. It is code that will be run, so it is
 * taken from a folder and a file of this very user that nobody else can write.
 */
const root = path.join(__dirname, '..');
const bundle = path.join(root, 'dist', 'aka.cjs');

load()(process.argv.slice(2), root);

function load() {
  const source = fs.readFileSync(bundle, 'utf8');
  const file = cacheFile(source);
  const cachedData = file && read(file);
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: bundle,
    cachedData,
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(
    module.exports,
    require('node:module').createRequire(bundle),
    module,
    bundle,
    path.dirname(bundle),
  );
  if (file && (cachedData === undefined || script.cachedDataRejected)) {
    // At the end, when the functions that were needed are compiled: they are what the next start will need.
    process.once('exit', () => write(file, script.createCachedData()));
  }
  return module.exports.start;
}

/** A cache belongs to one bundle, one V8 and one user. */
function cacheFile(source) {
  try {
    const { env, versions, arch } = process;
    const base =
      env.AKA_CACHE_DIR ||
      path.join(env.XDG_CACHE_HOME || path.join(env.HOME || require('node:os').homedir(), '.cache'), 'aka');
    const { size, mtimeMs } = fs.statSync(bundle);
    const name = createHash('sha256')
      .update(`${bundle} ${size} ${mtimeMs} ${source.length} ${versions.v8} ${arch}`)
      .digest('hex');
    return path.join(base, `${name.slice(0, 32)}.v8`);
  } catch {
    return undefined;
  }
}

function read(file) {
  try {
    const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    try {
      return isPrivate(fs.fstatSync(fd)) && isPrivate(fs.statSync(path.dirname(file)))
        ? fs.readFileSync(fd)
        : undefined;
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function isPrivate({ uid, mode }) {
  return uid === process.geteuid?.() && (mode & 0o022) === 0;
}

function write(file, data) {
  try {
    const folder = path.dirname(file);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isPrivate(fs.statSync(folder))) return;
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, data, { flag: 'wx', mode: 0o600 });
    fs.renameSync(draft, file);
  } catch {
    // A folder that can't be written: the next start compiles again.
  }
}
