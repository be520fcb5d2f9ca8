import { catalogueOf } from '../../src/cli/catalogue.js';
import { AkaCommand } from '../../src/cli/command.js';
import { explain } from '../../src/cli/compliance-view.js';
import { targetOf } from '../../src/cli/connect.js';
import type { Output } from '../../src/cli/output.js';
import { COMPLIANCES, type ComplianceFacts, FOR_EVER } from '../../src/model/compliance.js';

export default class ComplianceCatalogue extends AkaCommand<ComplianceFacts[]> {
  static override summary = 'list the compliances with their effects';
  static override description = FOR_EVER;
  static override examples = ['<%= config.bin %> compliance'];

  async run(): Promise<ComplianceFacts[]> {
    await this.parse(ComplianceCatalogue);
    const target = await targetOf(this.flags, this.env);
    const catalogue = await catalogueOf(
      target,
      () => this.api(),
      (text) => this.caution(text),
    );
    return COMPLIANCES.map((name) => catalogue[name]);
  }

  protected render(catalogue: ComplianceFacts[], out: Output): void {
    explain(out, catalogue);
  }
}
