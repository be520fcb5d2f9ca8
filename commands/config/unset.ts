import { AkaCommand } from '../../src/cli/command.js';
import { checkLocally, usage } from '../../src/cli/failure.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { checkConfigName } from '../../src/model/config-vars.js';

type VarsUnset = { app: string; unset: string[] };

export default class ConfigUnset extends AkaCommand<VarsUnset> {
  static override summary = 'unset config vars';
  static override description = 'Unsets all of them or none.';
  static override examples = ['<%= config.bin %> config:unset LOG_LEVEL CACHE -a web-demo'];
  static override strict = false;
  static override usage = 'config:unset NAME... [-a APP-SPACE]';
  static override flags = { app: appFlag };

  async run(): Promise<VarsUnset> {
    const { argv, flags } = await this.parse(ConfigUnset);
    const app = appNamed(flags.app);
    const names = [...new Set(argv as string[])];
    if (names.length === 0)
      throw usage('No config var to remove is named.', 'Write: aka config:unset NAME -a APP-SPACE');
    for (const name of names) checkLocally(() => checkConfigName(name));
    const { configVars } = await this.api();
    await configVars.patch({ app, vars: Object.fromEntries(names.map((name) => [name, null])) });
    return { app, unset: names };
  }

  protected render({ app, unset }: VarsUnset, out: Output): void {
    out.line(`Removed ${unset.join(', ')} from ${app}.`);
  }
}
