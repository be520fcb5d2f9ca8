import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { stackFacts } from '../../src/cli/stack-view.js';
import type { Stack } from '../../src/contract/wire.js';

export default class StacksInfo extends AkaCommand<Stack> {
  static override summary = 'show a stack';
  static override examples = ['<%= config.bin %> stacks:info local'];
  static override args = { stack: argument.required('name of the stack') };

  async run(): Promise<Stack> {
    const { args } = await this.parse(StacksInfo);
    const { stacks } = await this.api();
    return stacks.get({ stack: args.stack });
  }

  protected render(stack: Stack, out: Output): void {
    out.facts(stackFacts(stack));
  }
}
