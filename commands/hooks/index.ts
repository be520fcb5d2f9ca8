import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import { HOOK_COLUMNS, hookRow } from '../../src/cli/hook-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Hook } from '../../src/contract/wire.js';

export default class Hooks extends AkaCommand<Hook[]> {
  static override summary = 'list the webhooks of an app';
  static override description =
    'Secrets in URLs are not shown. LAST CALL is the result of the last delivery. WAITING counts pending deliveries and retries.';
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
