'use strict';
/*
 * This package as a plugin of the older aka (akkeris/cli, aka 3): a folder in ~/.akkeris/plugins whose index.js that aka
 * requires at every start, whatever is typed, and which says its commands to yargs. So nothing is loaded here that only
 * a command needs: what yargs has to know of them is in a file that the build makes, and what is typed goes to
 * bin/run.js, in a process of its own, word for word.
 */
const { readFileSync } = require('node:fs');
const { basename, join } = require('node:path');

const GROUP = 'akkeris-spaces';
const NODE_LEAST = 20;
const COMMANDS = readCommands();
/** Those of the older aka that are commands of ours under another name. */
const ALIASES = { create: 'apps:create' };
/** What the older aka puts where something is missing that it would ask for. */
const ASKED_FOR = /^~\$.*\$~$/;

module.exports = {
  group: GROUP,
  help: 'spaces: a network, compliance and domains for a set of apps',
  primary: true,
  init,
  update() {},
};

/** The names of all commands there are. */
let known = [];
/** The groups of the older aka whose commands are taken over: its help makes the commands of one group anew. */
const taken = new Set();

/** Says the commands to yargs. Of those that are there already, whoever comes last is called. */
function init(appkit) {
  register(appkit, Object.keys(COMMANDS));
  appkit.args.command(
    `${GROUP} [COMMAND..]`,
    'Run any other command of akkeris-spaces',
    (yargs) => yargs.strict(false).usage(`$0 ${GROUP} [COMMAND..]\n\nAll commands: $0 ${GROUP} help`),
    () => run(appkit, GROUP, []),
  );
  known = commandsOf(appkit);
  for (const group of ['spaces', 'apps']) takeOver(appkit, group);
}

function takeOver({ plugins = {} }, group) {
  const builtIn = plugins[group];
  if (builtIn === undefined || builtIn === module.exports || taken.has(builtIn)) return;
  taken.add(builtIn);
  const before = builtIn.init;
  builtIn.init = (appkit) => {
    before.call(builtIn, appkit);
    register(
      appkit,
      Object.keys(COMMANDS).filter((id) => id === group || id.startsWith(`${group}:`)),
    );
  };
}

function register(appkit, ids) {
  const there = new Set(commandsOf(appkit));
  for (const id of ids) {
    const command = COMMANDS[id];
    // A second line for it in the list of commands would be one too many.
    const summary = there.has(id) ? false : command.summary;
    appkit.args.command(command.usage, summary, describe(command), () => run(appkit, id, [id]));
  }
  for (const [alias, id] of Object.entries(ALIASES)) {
    if (!there.has(alias) || !ids.includes(id)) continue;
    const usage = COMMANDS[id].usage.replace(id, alias);
    appkit.args.command(usage, false, describe(COMMANDS[id]), () => run(appkit, alias, [id]));
  }
}

function commandsOf({ args }) {
  return typeof args.getCommandInstance === 'function' ? args.getCommandInstance().getCommands() : [];
}

/** What yargs is to know of a command: enough for its help and its completion. What is wrong with it, the command says. */
function describe({ usage, summary, description, examples, options }) {
  return (yargs) =>
    yargs
      .strict(false)
      .usage(`$0 ${usage}\n\n${[`${summary}.`, asTyped(description)].join('\n\n').trim()}`)
      .example(examples.map((line) => [asTyped(line)]))
      .options(options)
      .middleware(unasked, true);
}

/** Text with commands as they are typed here. */
function asTyped(text) {
  return text.replace(
    /<%= config\.bin %> ([a-z:-]+)/g,
    (_, id) => `$0 ${known.includes(id) ? id : `${GROUP} ${id}`}`,
  );
}

/** The older aka would ask for what is missing before its command is called, also where ours can do without. */
function unasked(argv) {
  for (const [name, value] of Object.entries(argv)) if (ASKED_FOR.test(value)) delete argv[name];
}

/** Runs a command with the words behind the one that was `typed`. Never returns: the process ends as the command does. */
function run(appkit, typed, command) {
  if (Number.parseInt(process.versions.node, 10) < NODE_LEAST) {
    process.stderr.write(
      `error: Spaces need Node.js ${NODE_LEAST} or newer, and this is ${process.version}.\n`,
    );
    process.exit(7);
  }
  const { spawn } = require('node:child_process');
  const { constants } = require('node:os');
  const { isatty } = require('node:tty');
  const words = process.argv.slice(2);
  const at = words.indexOf(typed);
  const argv = [...command, ...words.filter((_, n) => n !== at)];
  const child = spawn(process.execPath, [join(__dirname, 'bin', 'run.js'), ...argv], {
    env: environment(appkit, argv),
    stdio: 'inherit',
  });
  // At Ctrl-C a terminal tells both, and the command says how it ends; from elsewhere only this process is told.
  const atTerminal = [0, 1, 2].some(isatty);
  process.on('SIGINT', () => atTerminal || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      process.exit(code === null ? 128 + constants.signals[signal] : code),
    );
  });
}

/**
 * The environment of a command: the platform of the older aka, and whoever is logged in there. That token is for that
 * platform only: it doesn't go along where anything names another.
 */
function environment({ config, account }, argv) {
  const plugin = { bin: binName(), commands: known };
  const env = { ...process.env, AKKERIS_SPACES_PLUGIN: JSON.stringify(plugin) };
  const { akkeris_api_host: host, akkeris_auth_host: authHost } = config;
  // It has taken the scheme away.
  if (host)
    env.AKKERIS_API_HOST = /^https?:/.test(host)
      ? host
      : `http${env.AKKERIS_API_INSECURE ? '' : 's'}://${host}`;
  if (authHost) env.AKKERIS_AUTH_HOST = authHost;
  const isElsewhere =
    ['AKA_API', 'AKKERIS_PLATFORM'].some((name) => env[name] !== undefined) ||
    argv.some((word) => /^--(?:api|platform)(?:=|$)/.test(word));
  const hasOther = ['AKA_TOKEN', 'API_AUTH', 'API_TOKEN'].some((name) => env[name] !== undefined);
  if (host && !isElsewhere && !hasOther && account && account.password) env.API_TOKEN = account.password;
  return env;
}

/** What the older aka was called as: aka, ak or akkeris. */
function binName() {
  const name = basename(process.argv[1] || '');
  return /^[a-z]+$/.test(name) ? name : 'aka';
}

function readCommands() {
  try {
    return JSON.parse(readFileSync(join(__dirname, 'dist', 'akkeris-plugin.json'), 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`It is not built. In ${__dirname}: npm ci && npm run build`, { cause: error });
  }
}
