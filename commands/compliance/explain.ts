import { catalogueOf } from '../../src/cli/catalogue.js';
import { AkaCommand } from '../../src/cli/command.js';
import { explain } from '../../src/cli/compliance-view.js';
import { targetOf } from '../../src/cli/connect.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { type ComplianceFacts, FOR_EVER, parseCompliance } from '../../src/model/compliance.js';

export default class ComplianceExplain extends AkaCommand<ComplianceFacts[]> {
  static override summary = 'explain the effects of a choice of compliance';
  static override description = FOR_EVER;
  static override examples = ['<%= config.bin %> compliance:explain socs,prod'];
  static override args = { compliance: argument.required('one or more compliances, separated by commas') };

  async run(): Promise<ComplianceFacts[]> {
    const { args } = await this.parse(ComplianceExplain);
    const wanted = parseCompliance([args.compliance]);
    const target = await targetOf(this.flags, this.env);
    const catalogue = await catalogueOf(
      target,
      () => this.api(),
      (text) => this.caution(text),
    );
    return wanted.map((name) => catalogue[name]);
  }

  protected render(compliance: ComplianceFacts[], out: Output): void {
    explain(out, compliance);
  }
}
