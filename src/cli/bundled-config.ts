import { commands } from 'aka:commands';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config, Plugin } from '@oclif/core';
import packageJson from '../../package.json' with { type: 'json' };
import { programName } from './called-as.js';

/** The program is called in texts as it was called: where there is another `aka`, it is `akkeris-spaces`. */
const pjson = {
  ...packageJson,
  oclif: { ...packageJson.oclif, bin: programName(process.argv[1], Object.keys(packageJson.bin)) },
};

/**
 * This package as a plugin whose commands are in the bundle. What @oclif/core would look for on the disk is known
 * here, and it would sort the commands by locale, which takes as long as all the rest: they are sorted already.
 */
class Bundled extends Plugin {
  override async load(): Promise<void> {
    const { name, version } = pjson;
    const { root } = this.options;
    const manifest = JSON.parse(
      readFileSync(join(root, 'oclif.manifest.json'), 'utf8'),
    ) as Plugin['manifest'];
    Object.assign(this, {
      root,
      pjson,
      name,
      alias: name,
      version,
      manifest,
      type: 'core',
      hooks: {},
      valid: true,
    });
    this.commandIDs = Object.keys(manifest.commands);
    this.commands = Object.entries(manifest.commands).map(([id, command]) => ({
      ...command,
      pluginAlias: name,
      pluginType: 'core',
      load: () => this.findCommand(id),
    }));
  }

  override async findCommand(id: string): Promise<never> {
    const module = await commands[id]?.();
    return Object.assign(module?.default as never, { id, plugin: this });
  }
}

/** The commands of the package in the folder `root`. */
export async function loadBundled(root: string): Promise<Config> {
  // @oclif/core would ask the password database, in which a user of a container need not be, and throw.
  process.env.SHELL ??= '';
  const options = { root, pjson: pjson as never };
  const plugin = new Bundled({ ...options, isRoot: true, type: 'core' });
  await plugin.load();
  return Config.load({
    ...options,
    plugins: new Map([[plugin.name, plugin]]),
    userPlugins: false,
    devPlugins: false,
  });
}
