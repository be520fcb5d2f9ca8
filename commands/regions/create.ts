import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { regionFacts } from '../../src/cli/stack-view.js';
import type { Region } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class RegionsCreate extends AkaCommand<Region> {
  static override summary = 'create a region';
  static override description =
    'Needs an administrator. A region contains stacks. On a local platform, all regions are on the same machine.';
  static override examples = [
    '<%= config.bin %> regions:create north --description "the rack in the north"',
    '<%= config.bin %> regions:create north --description "the rack" --country Germany --internal-capable',
  ];
  static override args = {
    name: argument.required('name: 2 to 40 letters, digits and dashes, starting with a letter'),
  };
  static override flags = {
    description: Flags.string({
      char: 'd',
      description: 'description of the region',
      helpValue: 'TEXT',
      default: '',
    }),
    country: Flags.string({ description: 'country of the region', helpValue: 'TEXT', default: '' }),
    locale: Flags.string({ description: 'location of the region', helpValue: 'TEXT', default: '' }),
    'internal-capable': Flags.boolean({ description: 'support internal spaces' }),
  };

  async run(): Promise<Region> {
    const { args, flags } = await this.parse(RegionsCreate);
    const { regions } = await this.api();
    const { description, country, locale, 'internal-capable': capable } = flags;
    const more = given({ private_capable: capable || undefined });
    return regions.create({ name: args.name, description, country, locale, ...more });
  }

  protected render(region: Region, out: Output): void {
    out.note('Created:');
    out.facts(regionFacts(region));
    this.hint(`Next: aka stacks:create NAME --region ${region.name}`);
  }
}
