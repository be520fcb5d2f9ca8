import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { AppsApiError } from '../../src/contract/errors.js';
import { configVarOwner, valueOf } from '../../src/model/config-vars.js';
import { nearest } from '../../src/model/nearest.js';

export default class ConfigGet extends AkaCommand<string> {
  static override summary = 'print the value of a config var';
  static override examples = ['<%= config.bin %> config:get DATABASE_URL -a web-demo'];
  static override args = { name: argument.required('name of the config var') };
  static override flags = { app: appFlag };

  async run(): Promise<string> {
    const { args, flags } = await this.parse(ConfigGet);
    const app = appNamed(flags.app);
    const { configVars } = await this.api();
    const vars = await configVars.get({ app });
    const value = valueOf(vars, args.name);
    if (value !== undefined) return value;
    const near = nearest(args.name, Object.keys(vars));
    throw new AppsApiError({
      id: 'not_found',
      status: 404,
      message: `That config var is not set on ${app}.`,
      hint:
        near !== undefined
          ? `Did you mean ${near}?`
          : configVarOwner(args.name) === 'user'
            ? `What is set: aka config -a ${app}`
            : `The platform sets it: aka config:why ${args.name} -a ${app}`,
    });
  }

  protected render(value: string, out: Output): void {
    out.raw(value);
  }
}
