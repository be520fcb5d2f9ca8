import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { confirmName } from '../../src/cli/prompts.js';
import type { Region } from '../../src/contract/wire.js';

export default class RegionsDestroy extends AkaCommand<Region> {
  static override summary = 'destroy a region';
  static override description = 'Needs an administrator. The region must have no stacks.';
  static override examples = ['<%= config.bin %> regions:destroy north --confirm north'];
  static override args = { region: argument.required('name of the region') };
  static override flags = {
    confirm: Flags.string({
      description: 'name of the region, to skip the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<Region> {
    const { args, flags } = await this.parse(RegionsDestroy);
    const { regions } = await this.api();
    const { name } = await regions.get({ region: args.region });
    await confirmName(name, flags.confirm, `Region ${name} will be destroyed.`);
    return regions.destroy({ region: name });
  }

  protected render({ name }: Region, out: Output): void {
    out.line(`Destroyed region ${name}.`);
  }
}
