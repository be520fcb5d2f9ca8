import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Command, Config, Plugin } from '@oclif/core';
import { dispatch } from '../../../src/cli/dispatch.js';
import { report } from '../../../src/cli/report.js';
import { ROOT } from '../../scenarios/aka.js';

/** What a command line printed and its exit code. */
export interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

let config: Promise<Config> | undefined;

/** Runs a command line in this process, as the program would. One at a time: the streams are those of the process. */
export async function runHere(argv: readonly string[]): Promise<Ended> {
  config ??= sources();
  const written = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const before = streams.map((name) => process[name].write.bind(process[name]));
  for (const name of streams) {
    process[name].write = (text: string | Uint8Array, ...rest: unknown[]): boolean => {
      written[name] += text.toString();
      for (const done of rest) if (typeof done === 'function') done();
      return true;
    };
  }
  process.exitCode = undefined;
  try {
    const loaded = await config;
    await dispatch([...argv], async () => loaded).catch((error: unknown) =>
      report(error, { json: argv.includes('--json'), debug: false }),
    );
    return { ...written, code: process.exitCode ?? 0 };
  } finally {
    for (const [index, name] of streams.entries()) {
      const write = before[index];
      if (write !== undefined) process[name].write = write;
    }
    process.exitCode = undefined;
  }
}

/** The commands as they are in the sources, without what was built from them. */
async function sources(): Promise<Config> {
  const { default: pjson } = (await import(pathToFileURL(join(ROOT, 'package.json')).href, {
    with: { type: 'json' },
  })) as { default: never };
  const plugin = new Plugin({ root: ROOT, pjson, isRoot: true, type: 'core' });
  return loadedWith(plugin, pjson);
}

async function loadedWith(plugin: Plugin, pjson: never): Promise<Config> {
  await plugin.load();
  plugin.findCommand = async (id: string): Promise<never> => {
    const path = id.replaceAll(':', '/');
    const module = await load(path).catch(() => load(`${path}/index`));
    return Object.assign(module.default as never, { id, plugin });
  };
  for (const command of plugin.commands) {
    (command as { load: () => Promise<unknown> }).load = () => plugin.findCommand(command.id, { must: true });
  }
  return Config.load({
    root: ROOT,
    pjson,
    plugins: new Map([[plugin.name, plugin]]),
    userPlugins: false,
    devPlugins: false,
  });
}

function load(path: string): Promise<{ default: Command.Class }> {
  return import(`../../../commands/${path}`) as Promise<{ default: Command.Class }>;
}
