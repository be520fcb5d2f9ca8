import { AkaCommand } from '../../src/cli/command.js';
import { explain } from '../../src/cli/compliance-view.js';
import type { Output } from '../../src/cli/output.js';
import { CATALOGUE, COMPLIANCES, type ComplianceFacts, FOR_EVER } from '../../src/model/compliance.js';

export default class ComplianceCatalogue extends AkaCommand<ComplianceFacts[]> {
  static override summary = 'list every compliance: what it does, what it refuses, what it needs';
  static override description = FOR_EVER;
  static override examples = ['<%= config.bin %> compliance'];

  async run(): Promise<ComplianceFacts[]> {
    await this.parse(ComplianceCatalogue);
    return COMPLIANCES.map((name) => CATALOGUE[name]);
  }

  protected render(catalogue: ComplianceFacts[], out: Output): void {
    explain(out, catalogue);
  }
}
