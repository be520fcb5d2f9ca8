import { AkaCommand } from '../../src/cli/command.js';
import { explain } from '../../src/cli/compliance-view.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { CATALOGUE, type ComplianceFacts, FOR_EVER, parseCompliance } from '../../src/model/compliance.js';

export default class ComplianceExplain extends AkaCommand<ComplianceFacts[]> {
  static override summary = 'explain a choice of compliance before it is made';
  static override description = FOR_EVER;
  static override examples = ['<%= config.bin %> compliance:explain socs,prod'];
  static override args = { compliance: argument.required('one or more, with commas between them') };

  async run(): Promise<ComplianceFacts[]> {
    const { args } = await this.parse(ComplianceExplain);
    return parseCompliance([args.compliance]).map((name) => CATALOGUE[name]);
  }

  protected render(compliance: ComplianceFacts[], out: Output): void {
    explain(out, compliance);
  }
}
