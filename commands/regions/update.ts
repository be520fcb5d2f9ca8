import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { regionFacts } from '../../src/cli/stack-view.js';
import type { Region } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class RegionsUpdate extends AkaCommand<Region> {
  static override summary = 'update a region';
  static override description =
    "Needs an administrator. The name can't be changed. A region with internal spaces must stay internal-capable.";
  static override examples = [
    '<%= config.bin %> regions:update north --internal-capable',
    '<%= config.bin %> regions:update north --no-internal-capable --description "no private network yet"',
  ];
  static override args = { region: argument.required('name of the region') };
  static override flags = {
    description: Flags.string({ char: 'd', description: 'description of the region', helpValue: 'TEXT' }),
    country: Flags.string({ description: 'country of the region', helpValue: 'TEXT' }),
    locale: Flags.string({ description: 'location of the region', helpValue: 'TEXT' }),
    'internal-capable': Flags.boolean({ description: 'support internal spaces', allowNo: true }),
  };

  async run(): Promise<Region> {
    const { args, flags } = await this.parse(RegionsUpdate);
    const { description, country, locale, 'internal-capable': capable } = flags;
    const wanted = given({ description, country, locale, private_capable: capable });
    if (Object.keys(wanted).length === 0) {
      throw usage('Nothing is to be changed.', 'Say what: --description, --internal-capable');
    }
    const { regions } = await this.api();
    return regions.update({ region: args.region, ...wanted });
  }

  protected render(region: Region, out: Output): void {
    out.facts(regionFacts(region));
  }
}
