import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { regionFacts } from '../../src/cli/stack-view.js';
import type { Region } from '../../src/contract/wire.js';

export default class RegionsInfo extends AkaCommand<Region> {
  static override summary = 'show a region';
  static override examples = ['<%= config.bin %> regions:info local'];
  static override args = { region: argument.required('name of the region') };

  async run(): Promise<Region> {
    const { args } = await this.parse(RegionsInfo);
    const { regions } = await this.api();
    return regions.get({ region: args.region });
  }

  protected render(region: Region, out: Output): void {
    out.facts(regionFacts(region));
  }
}
