import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { staleVarsTexts } from '../../src/cli/dyno-view.js';
import { envLines } from '../../src/cli/env-lines.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { warnOfBudget } from '../../src/cli/space-view.js';
import { Unsupported } from '../../src/contract/errors.js';
import { AT_START, discoveryVars } from '../../src/model/discovery.js';

const FORMATS = ['table', 'shell', 'dotenv', 'json'] as const;

export default class SpacesEnv extends AkaCommand<Record<string, string>> {
  static override summary = 'show the discovery vars of a space';
  static override description = 'Every dyno of the space gets these vars.';
  static override examples = [
    '<%= config.bin %> spaces:env demo',
    'eval "$(<%= config.bin %> spaces:env demo --format shell)"',
  ];
  static override args = { space: argument.required('name of the space') };
  static override flags = {
    format: Flags.option({
      options: FORMATS,
      default: 'table' as const,
      description: 'output format (default table)',
    })(),
  };

  #format: (typeof FORMATS)[number] = 'table';

  async run(): Promise<Record<string, string>> {
    const { args, flags } = await this.parse(SpacesEnv);
    this.#format = flags.format;
    const { spaces } = await this.api();
    const discovery = await spaces.discovery({ space: args.space });
    if (discovery.apps.some(({ host, port }) => host === null || port === null)) {
      throw new Unsupported(
        `say the values of discovery vars: they are ${AT_START}`,
        `Their names: ${this.config.bin} spaces:info ${args.space}`,
      );
    }
    warnOfBudget(discovery, (message) => this.caution(message));
    for (const text of staleVarsTexts(discovery.stale)) this.caution(text);
    return discoveryVars(discovery.apps);
  }

  protected render(vars: Record<string, string>, out: Output): void {
    const entries = Object.entries(vars);
    if (this.#format === 'json') out.line(JSON.stringify(vars, null, 2));
    else if (this.#format !== 'table') this.printLines(out, envLines(vars, this.#format));
    else if (entries.length === 0) out.note('No apps yet: aka apps:create NAME --space SPACE');
    else out.table(['VAR', 'VALUE'], entries);
  }
}
