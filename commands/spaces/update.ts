import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { spaceFacts } from '../../src/cli/space-view.js';
import type { Space } from '../../src/contract/wire.js';

export default class SpacesUpdate extends AkaCommand<Space> {
  static override summary = 'update the description of a space';
  static override description = "The name, the compliance and the stack of a space can't be changed.";
  static override examples = ['<%= config.bin %> spaces:update demo --description "shown to customers"'];
  static override args = { space: argument.required('name of the space') };
  static override flags = {
    description: Flags.string({
      char: 'd',
      description: 'new description',
      helpValue: 'TEXT',
      required: true,
    }),
  };

  protected override readonly advice = ['remedy'];

  async run(): Promise<Space> {
    const { args, flags } = await this.parse(SpacesUpdate);
    const { spaces } = await this.api();
    return spaces.update({ space: args.space, description: flags.description });
  }

  protected render(space: Space, out: Output): void {
    out.facts(spaceFacts(space));
  }
}
