import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { stackFacts } from '../../src/cli/stack-view.js';
import type { Stack } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';
import { STACK_STATES } from '../../src/model/stacks.js';

export default class StacksUpdate extends AkaCommand<Stack> {
  static override summary = 'update a stack';
  static override description =
    "Needs an administrator. Changes which new spaces the stack accepts. Existing spaces stay. The name and the region can't be changed.";
  static override examples = [
    '<%= config.bin %> stacks:update next --state public --default',
    '<%= config.bin %> stacks:update next --state deprecated',
  ];
  static override args = { stack: argument.required('name of the stack') };
  static override flags = {
    state: Flags.option({
      description: 'public; beta: no prod spaces; deprecated: no new spaces',
      options: STACK_STATES,
    })(),
    default: Flags.boolean({ description: 'make it the default stack' }),
  };

  async run(): Promise<Stack> {
    const { args, flags } = await this.parse(StacksUpdate);
    const wanted = given({ state: flags.state, default: flags.default || undefined });
    if (Object.keys(wanted).length === 0) {
      throw usage('Nothing is to be changed.', 'Say what: --state, --default');
    }
    const { stacks } = await this.api();
    return stacks.update({ stack: args.stack, ...wanted });
  }

  protected render(stack: Stack, out: Output): void {
    out.facts(stackFacts(stack));
  }
}
