import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { Output } from '../../src/cli/output.js';
import type { AuditVerdict } from '../../src/contract/wire.js';

export default class AuditsVerify extends AkaCommand<AuditVerdict> {
  static override summary = 'check that no audit record was changed, moved or removed';
  static override description =
    'Each record holds the hash of the one before. Exits 0 if the chain is whole and 1 at the first record that does not fit. Keep the head somewhere else: it is what shows that the newest records were cut off.';
  static override examples = ['<%= config.bin %> audits:verify'];

  async run(): Promise<AuditVerdict> {
    await this.parse(AuditsVerify);
    const { audits } = await this.api();
    const verdict = await audits.verify();
    this.answer = verdict.ok ? EXIT.done : EXIT.no;
    return verdict;
  }

  protected render(verdict: AuditVerdict, out: Output): void {
    const state = verdict.ok
      ? { text: 'whole', style: out.style.good }
      : {
          text: `broken at record ${verdict.broken?.seq}: ${verdict.broken?.reason}`,
          style: out.style.bad,
        };
    out.facts([
      ['Chain', state],
      ['Records', verdict.records],
      ['Head', verdict.head],
    ]);
  }
}
