import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { checkFacts } from '../../src/cli/status-view.js';
import type { BuildCheck } from '../../src/contract/wire.js';
import { parseContext, parseReason } from '../../src/model/checks.js';

export default class BuildsOverrule extends AkaCommand<BuildCheck> {
  static override summary = 'overrule a pending status check of a build';
  static override description =
    "Only administrators can do this. The audit log and the mail to administrators contain the reason. A failed check can't be overruled.";
  static override examples = [
    '<%= config.bin %> builds:overrule 1 -a web-vault --context app/web-vault --reason "the scanner is down, ann read the change"',
  ];
  static override args = { build: argument.required('number of the build') };
  static override flags = {
    app: appFlag,
    context: Flags.string({ description: 'status check to overrule', helpValue: 'CONTEXT', required: true }),
    reason: Flags.string({ description: 'reason, for the audit log', helpValue: 'TEXT', required: true }),
  };

  async run(): Promise<BuildCheck> {
    const { args, flags } = await this.parse(BuildsOverrule);
    const app = appNamed(flags.app);
    const context = parseContext(flags.context);
    const reason = parseReason(flags.reason);
    const { builds } = await this.api();
    return builds.overrule({ app, build: args.build, context, reason });
  }

  protected render(check: BuildCheck, out: Output): void {
    out.facts(checkFacts(check, out.style));
  }
}
