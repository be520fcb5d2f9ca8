import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { envLines } from '../../src/cli/env-lines.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { ConfigVars } from '../../src/contract/wire.js';
import { platformVar } from '../../src/model/config-vars.js';
import { holdsRedacted } from '../../src/model/redaction.js';

export default class Config extends AkaCommand<ConfigVars> {
  static override summary = 'list the config vars of an app';
  static override description =
    'In socs spaces, shows sensitive values as [redacted]. For discovery vars: <%= config.bin %> spaces:env SPACE';
  static override examples = [
    '<%= config.bin %> config -a web-demo',
    '<%= config.bin %> config -a web-demo --shell > .env.sh',
  ];
  static override flags = {
    app: appFlag,
    shell: Flags.boolean({ description: 'print lines for a shell, or for config:set --from-file' }),
  };

  #shell = false;

  async run(): Promise<ConfigVars> {
    const { flags } = await this.parse(Config);
    this.#shell = flags.shell;
    const { configVars } = await this.api();
    const vars = await configVars.get({ app: appNamed(flags.app) });
    if (flags.shell && Object.values(vars).some(holdsRedacted)) {
      this.caution('Some values are redacted: these lines do not set the real ones.');
    }
    return vars;
  }

  protected render(vars: ConfigVars, out: Output): void {
    const entries = Object.entries(vars);
    if (this.#shell) this.printLines(out, envLines(settable(vars), 'shell'));
    else if (entries.length === 0) out.note('No config vars yet: aka config:set NAME=VALUE -a APP-SPACE');
    else if (out.isTerminal) out.facts(entries);
    else out.table([], entries);
  }
}

/** Without the vars that only the platform sets, such as PORT: config:set would refuse them. */
function settable(vars: ConfigVars): ConfigVars {
  return Object.fromEntries(Object.entries(vars).filter(([name]) => platformVar(name) === undefined));
}
