import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { HOOK, hookFacts, hookNamed } from '../../src/cli/hook-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Hook } from '../../src/contract/wire.js';

export default class HooksInfo extends AkaCommand<Hook> {
  static override summary = 'show a webhook';
  static override examples = ['<%= config.bin %> hooks:info https://ci.example.com/hook -a web-demo'];
  static override args = { hook: argument.required(HOOK) };
  static override flags = { app: appFlag };

  async run(): Promise<Hook> {
    const { args, flags } = await this.parse(HooksInfo);
    return hookNamed(await this.api(), appNamed(flags.app), args.hook);
  }

  protected render(hook: Hook, out: Output): void {
    out.facts(hookFacts(out, hook));
    for (const warning of hook.warnings ?? []) out.note(`Note: ${warning}.`);
  }
}
