import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { checkFacts } from '../../src/cli/status-view.js';
import type { BuildCheck } from '../../src/contract/wire.js';
import { parseContext, parseReason } from '../../src/model/checks.js';

export default class BuildsOverrule extends AkaCommand<BuildCheck> {
  static override summary = 'let a build go on without one of its checks';
  static override description =
    'For administrators. The reason stands in the audit log, and in what administrators are mailed of it. A check that has failed can not be overruled: the build is over.';
  static override examples = [
    '<%= config.bin %> builds:overrule 1 -a web-vault --context app/web-vault --reason "the scanner is down, ann read the change"',
  ];
  static override args = { build: argument.required('number of the build') };
  static override flags = {
    app: appFlag,
    context: Flags.string({ description: 'check to do without', helpValue: 'CONTEXT', required: true }),
    reason: Flags.string({ description: 'why that is right', helpValue: 'TEXT', required: true }),
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
