import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { Unsupported } from '../../src/contract/errors.js';
import type { Space } from '../../src/contract/wire.js';

export default class SpacesDestroy extends AkaCommand<Space> {
  static override summary = 'destroy a space';
  static override description =
    'The space must have no apps. Frees its addresses and keeps its audit records.';
  static override examples = ['<%= config.bin %> spaces:destroy demo --confirm demo'];
  static override args = { space: argument.required('name of the space') };
  static override flags = {
    confirm: Flags.string({
      description: 'name of the space, to skip the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<Space> {
    const { args, flags } = await this.parse(SpacesDestroy);
    const { platform, spaces } = await this.api();
    const space = await spaces.get({ space: args.space });
    // Nobody is asked to confirm what can't be done.
    if (flags.confirm === undefined && (await platform.info()).version === 'Akkeris') {
      throw new Unsupported(
        'destroy a space: an Akkeris installation keeps what it has',
        'Its apps can be destroyed: aka apps:destroy -a APP-SPACE',
      );
    }
    await this.confirm(space.name, flags.confirm, `Space ${space.name} will be destroyed.`);
    return spaces.destroy({ space: space.name });
  }

  protected render(space: Space, out: Output): void {
    out.line(`Destroyed space ${space.name}.`);
  }
}
