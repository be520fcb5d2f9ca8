import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { REPORTER_COLUMNS, reporterRow } from '../../src/cli/reporter-view.js';
import type { Reporter } from '../../src/contract/wire.js';

export default class ChecksRemove extends AkaCommand<Reporter> {
  static override summary = 'remove a reporter of a status check';
  static override description = 'Revokes its secret at once. Discards its reports on pending builds.';
  static override examples = ['<%= config.bin %> checks:remove scanner'];
  static override args = { reporter: argument.required('name of the reporter') };

  async run(): Promise<Reporter> {
    const { args } = await this.parse(ChecksRemove);
    const { checks } = await this.api();
    return checks.remove({ reporter: args.reporter });
  }

  protected render(reporter: Reporter, out: Output): void {
    out.note('Removed:');
    out.table(REPORTER_COLUMNS, [reporterRow(out, reporter)]);
  }
}
