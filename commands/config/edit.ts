import { AkaCommand } from '../../src/cli/command.js';
import { edited } from '../../src/cli/edited.js';
import { envLines } from '../../src/cli/env-lines.js';
import { checkLocally } from '../../src/cli/failure.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { conflict } from '../../src/contract/errors.js';
import type { ConfigVars } from '../../src/contract/wire.js';
import { checkConfigName, checkConfigValue, platformVar, valueOf } from '../../src/model/config-vars.js';
import { parseEnvFile } from '../../src/model/env-file.js';

type VarsEdited = { app: string; set: string[]; unset: string[] };

export default class ConfigEdit extends AkaCommand<VarsEdited> {
  static override summary = 'edit the config vars of an app in an editor';
  static override description =
    'Uses VISUAL, EDITOR or vi. The editor opens NAME=VALUE lines in a private temporary file. Applies all changes or none. Without changes, creates no release.';
  static override examples = [
    'EDITOR=nano <%= config.bin %> config:edit -a web-demo',
    'EDITOR="sed -i s/debug/info/" <%= config.bin %> config:edit -a web-demo',
  ];
  static override flags = { app: appFlag };

  async run(): Promise<VarsEdited> {
    const { flags } = await this.parse(ConfigEdit);
    const app = appNamed(flags.app);
    const { configVars } = await this.api();
    const before = await configVars.get({ app });
    const { lines, leftOut } = envLines(settable(before), 'dotenv');
    if (leftOut > 0) this.caution(`${leftOut} left out: their names are not those of environment variables.`);
    const text = lines.map((line) => `${line}\n`).join('');
    const changes = differences(parseEnvFile(text), parseEnvFile(await edited(text, `${app}.env`, this.env)));
    for (const [name, value] of Object.entries(changes)) {
      checkLocally(() => checkConfigName(name));
      if (value !== null) checkLocally(() => checkConfigValue(name, value));
    }
    const names = Object.keys(changes);
    if (names.length === 0) return { app, set: [], unset: [] };
    const now = await configVars.get({ app });
    if (names.some((name) => valueOf(now, name) !== valueOf(before, name))) {
      throw conflict(
        'changed_meanwhile',
        `Somebody changed the same config vars of ${app} meanwhile. Nothing was changed.`,
        `Edit them again: aka config:edit -a ${app}`,
      );
    }
    await configVars.patch({ app, vars: changes });
    return {
      app,
      set: names.filter((name) => changes[name] !== null),
      unset: names.filter((name) => changes[name] === null),
    };
  }

  protected render({ app, set, unset }: VarsEdited, out: Output): void {
    if (set.length + unset.length === 0) return out.line('Nothing was changed.');
    if (set.length > 0) out.line(`Set ${set.join(', ')} on ${app}.`);
    if (unset.length > 0) out.line(`Removed ${unset.join(', ')} from ${app}.`);
  }
}

/** Without the vars that only the platform sets. */
function settable(vars: ConfigVars): ConfigVars {
  return Object.fromEntries(Object.entries(vars).filter(([name]) => platformVar(name) === undefined));
}

/** What has to be set, and unset as null, to come from one set of vars to the other. */
function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Record<string, string | null> {
  return Object.fromEntries([
    ...[...after].filter(([name, value]) => before.get(name) !== value),
    ...[...before.keys()].filter((name) => !after.has(name)).map((name) => [name, null] as const),
  ]);
}
