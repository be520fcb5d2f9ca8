import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { stackFacts } from '../../src/cli/stack-view.js';
import type { Stack } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';
import { STACK_STATES } from '../../src/model/stacks.js';

export default class StacksCreate extends AkaCommand<Stack> {
  static override summary = 'create a stack, for administrators';
  static override description =
    'Spaces are on a stack, whose name is in the domains of their apps: [app]-[space].[stack].[base]. On a platform of this machine all stacks are on this machine.';
  static override examples = [
    '<%= config.bin %> stacks:create next --region local --state beta',
    '<%= config.bin %> stacks:create next --region local --default',
  ];
  static override args = {
    name: argument.required('name: 2 to 40 letters, digits and dashes, a letter first'),
  };
  static override flags = {
    region: Flags.string({ description: 'region that it is in', helpValue: 'REGION', required: true }),
    state: Flags.option({
      description: 'public; beta: for no prod spaces; deprecated: for no new spaces',
      options: STACK_STATES,
    })(),
    default: Flags.boolean({ description: 'take it where no stack is named, in place of the one before' }),
  };

  async run(): Promise<Stack> {
    const { args, flags } = await this.parse(StacksCreate);
    const { stacks } = await this.api();
    const wanted = given({ state: flags.state, default: flags.default || undefined });
    return stacks.create({ name: args.name, region: { id: flags.region }, ...wanted });
  }

  protected render(stack: Stack, out: Output): void {
    out.note('Created:');
    out.facts(stackFacts(stack));
    this.hint(`Next: aka spaces:create NAME --stack ${stack.name}`);
  }
}
