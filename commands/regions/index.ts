import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import type { Region } from '../../src/contract/wire.js';

export default class Regions extends AkaCommand<Region[]> {
  static override summary = 'list regions';
  static override examples = ['<%= config.bin %> regions'];

  async run(): Promise<Region[]> {
    await this.parse(Regions);
    const { regions } = await this.api();
    return regions.list();
  }

  protected render(regions: Region[], out: Output): void {
    if (regions.length === 0) return out.note('No regions.');
    out.table(
      ['REGION', 'INTERNAL CAPABLE', 'DESCRIPTION'],
      regions.map((region) => [region.name, region.private_capable ? 'yes' : 'no', region.description ?? '']),
    );
  }
}
