import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { confirmName } from '../../src/cli/prompts.js';
import type { Stack } from '../../src/contract/wire.js';

export default class StacksDestroy extends AkaCommand<Stack> {
  static override summary = 'destroy a stack';
  static override description = 'Needs an administrator. The stack must have no spaces.';
  static override examples = ['<%= config.bin %> stacks:destroy next --confirm next'];
  static override args = { stack: argument.required('name of the stack') };
  static override flags = {
    confirm: Flags.string({
      description: 'name of the stack, to skip the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<Stack> {
    const { args, flags } = await this.parse(StacksDestroy);
    const { stacks } = await this.api();
    const { name } = await stacks.get({ stack: args.stack });
    await confirmName(name, flags.confirm, `Stack ${name} will be destroyed.`);
    return stacks.destroy({ stack: name });
  }

  protected render({ name }: Stack, out: Output): void {
    out.line(`Destroyed stack ${name}.`);
  }
}
