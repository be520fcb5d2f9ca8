import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { stackFacts } from '../../src/cli/stack-view.js';
import type { Stack } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';
import { STACK_STATES } from '../../src/model/stacks.js';

export default class StacksCreate extends AkaCommand<Stack> {
  static override summary = 'create a stack';
  static override description =
    'Needs an administrator. A stack contains spaces. Its name is in the domains of apps: [app]-[space].[stack].[base]. On a local platform, all stacks are on the same machine.';
  static override examples = [
    '<%= config.bin %> stacks:create next --region local --state beta',
    '<%= config.bin %> stacks:create next --region local --default',
  ];
  static override args = {
    name: argument.required('name: 2 to 40 letters, digits and dashes, starting with a letter'),
  };
  static override flags = {
    region: Flags.string({ description: 'region of the stack', helpValue: 'REGION', required: true }),
    state: Flags.option({
      description: 'public; beta: no prod spaces; deprecated: no new spaces',
      options: STACK_STATES,
    })(),
    default: Flags.boolean({ description: 'make it the default stack' }),
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
