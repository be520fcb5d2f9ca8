import { commands } from 'aka:commands';
import { Config, Plugin } from '@oclif/core';
import pjson from '../../package.json' with { type: 'json' };
import { main } from './main.js';

/** This package as a plugin whose commands are in the bundle. */
class Bundled extends Plugin {
  override async findCommand(id: string): Promise<never> {
    const module = await commands[id]?.();
    return Object.assign(module?.default as never, { id, plugin: this });
  }
}

/** Starts `aka` from the folder that its package is in. */
export function start(argv: readonly string[], root: string): Promise<void> {
  return main(argv, async () => {
    const plugin = new Bundled({ isRoot: true, pjson: pjson as never, root, type: 'core' });
    await plugin.load();
    return Config.load({ root, pjson: pjson as never, plugins: new Map([[plugin.name, plugin]]) });
  });
}
