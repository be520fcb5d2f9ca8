import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import { REPORTER_COLUMNS, reporterRow } from '../../src/cli/reporter-view.js';
import type { Reporter } from '../../src/contract/wire.js';
import { parseContext } from '../../src/model/checks.js';
import { given } from '../../src/model/given.js';

export default class Checks extends AkaCommand<Reporter[]> {
  static override summary = 'list the reporters of status checks';
  static override description =
    'A build in a socs space waits for the status checks of its repository, its app and the pipelines of the app. Secrets are never shown.';
  static override examples = ['<%= config.bin %> checks', '<%= config.bin %> checks --context app/web-vault'];
  static override flags = {
    context: Flags.string({ description: 'only reporters of this check', helpValue: 'CONTEXT' }),
  };

  async run(): Promise<Reporter[]> {
    const { flags } = await this.parse(Checks);
    const context = flags.context === undefined ? undefined : parseContext(flags.context);
    const { checks } = await this.api();
    return checks.list(given({ context }));
  }

  protected render(reporters: Reporter[], out: Output): void {
    if (reporters.length === 0) return out.note('None: aka checks:add CONTEXT --token');
    out.table(
      REPORTER_COLUMNS,
      reporters.map((each) => reporterRow(out, each)),
    );
  }
}
