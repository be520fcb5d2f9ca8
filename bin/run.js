#!/usr/bin/env node
'use strict';
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const vm = require('node:vm');

/*
 * Loads the bundle through V8's code cache, so that it is not compiled anew at every start. The cache is only an
 * optimization: whatever is wrong with it, the bundle is compiled as usual. It is code that will be run, so it is
 * taken from a folder and a file of this very user that nobody else can write.
 */
const root = path.join(__dirname, '..');
const MONTH = 30 * 24 * 60 * 60 * 1000;

const args = process.argv.slice(2);
load('aka.cjs', purpose(args)).start(args, root);

/** Runs a file of the bundle and answers what it exports. */
function load(name, suffix = '') {
  const filename = path.join(root, 'dist', name);
  const source = fs.readFileSync(filename, 'latin1');
  const file = cacheFile(source, suffix);
  const cachedData = file && read(file);
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    cachedData,
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (file && (cachedData === undefined || script.cachedDataRejected)) {
    // At the end, when the functions that were needed are compiled: they are what the next start will need.
    process.once('exit', (code) => {
      if (code <= 1) write(file, script.createCachedData());
    });
  }
  const outside = createRequire(filename);
  // What starts with a dot are the files beside it, which have caches of their own.
  const inside = Object.assign((id) => (id.startsWith('./') ? load(id.slice(2)) : outside(id)), outside);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, inside, module, filename, path.dirname(filename));
  return module.exports;
}

/**
 * Which functions are needed depends on the command, so each one has a cache: otherwise the first command ever typed
 * would decide for all. Words that are no command make none, as they end with a code above 1.
 */
function purpose([command = 'help', ...rest]) {
  const word = rest.includes('--help') || rest.includes('-h') ? 'help' : command.replace(/^--?/, '');
  return /^[a-z][a-z:]{0,40}$/.test(word) ? `-${word.replaceAll(':', '.')}` : '-other';
}

/** A cache belongs to one source (whose hash is in its first line), one V8 and one user. */
function cacheFile(source, suffix) {
  try {
    const { env, versions, arch } = process;
    // A relative path here is to be ignored (XDG Base Directory Specification).
    const xdg = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : undefined;
    const base = env.AKA_CACHE_DIR || path.join(xdg || path.join(home(env), '.cache'), 'aka');
    return path.join(base, `${source.slice(2, 34)}-${versions.v8}-${arch}${suffix}.v8`);
  } catch {
    return undefined;
  }
}

/** An empty or relative HOME would lead to the current folder. */
function home({ HOME }) {
  return HOME?.startsWith('/') ? HOME : require('node:os').userInfo().homedir;
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
  const draft = `${file}.${process.pid}`;
  try {
    const folder = path.dirname(file);
    makeOwn(path.dirname(folder));
    makeOwn(folder);
    if (!isPrivate(fs.statSync(folder)) || !hasRoom(folder, data.length)) return;
    fs.writeFileSync(draft, data, { flag: 'wx', mode: 0o600 });
    fs.renameSync(draft, file);
    removeOld(folder);
  } catch {
    // A folder that can't be written: the next start compiles again.
    discard(draft);
  }
}

function discard(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // It was never made, or nobody can take it away again.
  }
}

/**
 * Makes a folder unless root would make it in somebody else's: its owner could not use it. Not recursively, either: where nothing can be made, as in /proc, Node would try for ever.
 */
function makeOwn(folder) {
  if (fs.existsSync(folder)) return;
  if (process.geteuid?.() === 0 && fs.statSync(path.dirname(folder)).uid !== 0) throw new Error('not ours');
  fs.mkdirSync(folder, { mode: 0o700 });
}

/** The last space of a disk is not for a cache. */
function hasRoom(folder, bytes) {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize > 20 * bytes;
}

/** Those of earlier versions; one that is still in use is made again. */
function removeOld(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (/\.v8(?:\.\d+)?$/.test(name) && Date.now() - fs.lstatSync(file).mtimeMs > MONTH) fs.rmSync(file);
  }
}
