import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import { HOOK_COLUMNS, hookRow } from '../../src/cli/hook-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Hook } from '../../src/contract/wire.js';

export default class Hooks extends AkaCommand<Hook[]> {
  static override summary = 'list the hooks of an app: who is called when something happens to it';
  static override description =
    'What is secret of a URL is not shown. LAST CALL says how the last one went; those that WAITING counts are tried, or tried again, while the platform runs.';
  static override examples = ['<%= config.bin %> hooks -a web-demo'];
  static override flags = { app: appFlag };

  async run(): Promise<Hook[]> {
    const { flags } = await this.parse(Hooks);
    const app = appNamed(flags.app);
    const { hooks } = await this.api();
    return hooks.list({ app });
  }

  protected render(hooks: Hook[], out: Output): void {
    if (hooks.length === 0) return out.note('None: aka hooks:create URL --events build,release -a APP-SPACE');
    out.table(
      HOOK_COLUMNS,
      hooks.map((hook) => hookRow(out, hook)),
    );
  }
}
