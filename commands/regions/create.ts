import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { regionFacts } from '../../src/cli/stack-view.js';
import type { Region } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class RegionsCreate extends AkaCommand<Region> {
  static override summary = 'create a region, for administrators';
  static override description =
    'Stacks are in a region. On a platform of this machine a region says what its stacks are for; all of it is on this machine.';
  static override examples = [
    '<%= config.bin %> regions:create north --description "the rack in the north"',
    '<%= config.bin %> regions:create north --description "the rack" --country Germany --internal-capable',
  ];
  static override args = {
    name: argument.required('name: 2 to 40 letters, digits and dashes, a letter first'),
  };
  static override flags = {
    description: Flags.string({ char: 'd', description: 'what it is', helpValue: 'TEXT', default: '' }),
    country: Flags.string({ description: 'country that it is in', helpValue: 'TEXT', default: '' }),
    locale: Flags.string({ description: 'place that it is in', helpValue: 'TEXT', default: '' }),
    'internal-capable': Flags.boolean({ description: 'internal spaces can be there' }),
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
