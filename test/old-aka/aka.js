#!/usr/bin/env node
'use strict';
/*
 * A stand-in for the older aka, which can't be installed from npm: as much of it as a plugin meets. It finds its hosts
 * and its account as that does, has commands of its own for some of ours, loads what is in ~/.akkeris/plugins behind
 * them, asks for what apps:create lacks, and is as strict as that with what nobody declared.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const yargs = require('yargs');

const HOME = path.join(process.env.HOME, '.akkeris');
const BUILT_IN = path.join(__dirname, 'plugins');
const THIRD_PARTY = path.join(HOME, 'plugins');

const appkit = { args: yargs, plugins: {}, config: hosts(), api: { get: answer } };

process.on('uncaughtException', () => console.log('An unexpected error occured.'));
fs.mkdirSync(THIRD_PARTY, { recursive: true });
yargs
  .usage('Usage: akkeris COMMAND [--app APP] [command-specific-options]')
  .command(['$0 [group..]', 'help'], 'Akkeris Help', {}, help)
  .command('version', 'Display current version', {}, () => console.log('akkeris/3.1.26'))
  .command('plugins:install GITHUB_REPO', 'Install a plugin from a repo', {}, install)
  .recommendCommands()
  .middleware([helpFlag], true)
  .middleware([markMissing], true)
  .middleware([askForMissing])
  .wrap(yargs.terminalWidth());
load(BUILT_IN);
load(THIRD_PARTY);
appkit.account = accountOf(appkit.config.akkeris_api_host);
void yargs.strict().version(false).help(false).parse();

/** From the environment or the file of the profile; a scheme is taken away, and http remembered elsewhere. */
function hosts() {
  const { env } = process;
  if (!env.AKKERIS_API_HOST || !env.AKKERIS_AUTH_HOST) {
    const { apps, auth } = JSON.parse(fs.readFileSync(path.join(HOME, 'config.json')));
    Object.assign(env, { AKKERIS_API_HOST: apps, AKKERIS_AUTH_HOST: auth });
  }
  if (env.AKKERIS_API_HOST.startsWith('http://')) env.AKKERIS_API_INSECURE = 'true';
  for (const name of ['AKKERIS_API_HOST', 'AKKERIS_AUTH_HOST'])
    env[name] = env[name]
      .trim()
      .toLowerCase()
      .replace(/^https?:\/\//, '');
  return {
    akkeris_api_host: env.AKKERIS_API_HOST,
    akkeris_auth_host: env.AKKERIS_AUTH_HOST,
    third_party_plugins_dir: THIRD_PARTY,
  };
}

/** The entry of a host in ~/.netrc: `machine HOST login NAME password TOKEN`. */
function accountOf(host) {
  const file = path.join(process.env.HOME, '.netrc');
  const words = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split(/\s+/) : [];
  const at = words.findIndex((word, n) => word === 'machine' && words[n + 1] === host);
  return at === -1 ? undefined : { login: words[at + 3], password: words[at + 5] };
}

function load(folder, only) {
  for (const name of fs.readdirSync(folder).sort()) {
    if (name.startsWith('.') || name.startsWith('tmp') || (only !== undefined && name !== only)) continue;
    try {
      const file = path.join(folder, name, 'index.js');
      if (!fs.statSync(file).isFile()) continue;
      appkit.plugins[name] = require(file);
      appkit.plugins[name].init(appkit);
    } catch (error) {
      console.log(`error loading plugin "${name}": ${error.message}`);
    }
  }
}

function answer(url) {
  console.log(`[asked ${url}]`);
  return Promise.resolve([]);
}

/** Its own help: of everything, or of one group, whose commands it registers anew. */
function help({ _: [command], group = [] }) {
  yargs.getUsageInstance().clearCachedHelpMessage();
  const [name, verb] = group;
  if (command !== 'help' || appkit.plugins[name] === undefined) {
    if (name !== undefined) console.log(`Unrecognized command: ${name}`);
    return Object.keys(appkit.plugins).forEach((each) =>
      console.log(`* ${each}  ${appkit.plugins[each].help}`),
    );
  }
  yargs.reset();
  load(fs.existsSync(path.join(BUILT_IN, name)) ? BUILT_IN : THIRD_PARTY, name);
  const commands = yargs.getUsageInstance().getCommands();
  const one = verb && commands.find(([usage]) => usage.split(' ')[0] === `${name}:${verb}`);
  if (one) return yargs.help(true).parse(`${one[0]} --help`);
  commands.forEach(([usage, summary]) => console.log(`* aka ${usage}  ${summary}`));
}

function helpFlag(argv) {
  if (argv._.length > 0 && argv.help) void yargs.help(true).parse();
}

function isCreate({ _: [command] }) {
  return command === 'apps:create' || command === 'create';
}

function markMissing(argv) {
  if (!isCreate(argv)) return;
  if (!argv.space) argv.s = argv.space = '~$select_space$~';
  if (!argv.org) argv.o = argv.org = '~$select_org$~';
  if (!argv.NAME) argv.NAME = '~$select_name$~';
}

async function askForMissing(argv) {
  if (!isCreate(argv)) return;
  if (argv.space === '~$select_space$~') await appkit.api.get('/spaces');
  if (argv.org === '~$select_org$~') await appkit.api.get('/organizations');
}

/** Clones, lets the plugin install what it needs, looks at it, and puts it in its place. */
function install({ GITHUB_REPO: repo }) {
  const draft = path.join(THIRD_PARTY, `.tmp${process.pid}`);
  fs.mkdirSync(draft);
  spawnSync('git', ['clone', repo, draft], { stdio: 'ignore' });
  try {
    try {
      require(path.join(draft, 'install.js'));
    } catch {
      // Whether that went well shows when the plugin is loaded.
    }
    const { group } = require(path.join(draft, 'index.js'));
    fs.renameSync(draft, path.join(THIRD_PARTY, group));
    console.log(`Installed plugin ${group}`);
  } catch (error) {
    console.error(`Unable to install plugin from ${repo}: ${error.message}`);
    fs.rmSync(draft, { recursive: true });
  }
}
