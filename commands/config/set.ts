import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { fromFileFlag, varsGiven } from '../../src/cli/vars-given.js';

type VarsSet = { app: string; set: string[] };

export default class ConfigSet extends AkaCommand<VarsSet> {
  static override summary = 'set config vars';
  static override description =
    'Sets all of them or none. NAME=- reads the value from standard input without the final line feed, or prompts for it at a terminal. This keeps secrets out of the shell history and the process list.';
  static override examples = [
    '<%= config.bin %> config:set LOG_LEVEL=debug CACHE=on -a web-demo',
    'pass show db | <%= config.bin %> config:set DB_PASSWORD=- -a web-demo',
    '<%= config.bin %> config:set --from-file .env -a web-demo',
  ];
  static override strict = false;
  static override usage = 'config:set NAME=VALUE... [--from-file FILE] [-a APP-SPACE]';
  static override flags = {
    app: appFlag,
    'from-file': fromFileFlag,
  };

  async run(): Promise<VarsSet> {
    const { argv, flags } = await this.parse(ConfigSet);
    const app = appNamed(flags.app);
    const vars = await varsGiven(argv as string[], flags['from-file']);
    if (Object.keys(vars).length === 0)
      throw usage('No config var to set is named.', 'Write NAME=VALUE, or --from-file .env');
    const { configVars } = await this.api();
    await configVars.patch({ app, vars });
    return { app, set: Object.keys(vars) };
  }

  protected render({ app, set }: VarsSet, out: Output): void {
    out.line(`Set ${set.join(', ')} on ${app}.`);
  }
}
