import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { HOOK, hookNamed } from '../../src/cli/hook-view.js';
import type { Output } from '../../src/cli/output.js';
import { confirmName } from '../../src/cli/prompts.js';
import type { Hook } from '../../src/contract/wire.js';

export default class HooksDestroy extends AkaCommand<Hook> {
  static override summary = 'destroy a webhook';
  static override description =
    'Discards pending deliveries. In a socs or prod space this needs an administrator.';
  static override examples = [
    '<%= config.bin %> hooks:destroy https://ci.example.com/hook -a web-demo --confirm web-demo',
  ];
  static override args = { hook: argument.required(HOOK) };
  static override flags = {
    app: appFlag,
    confirm: Flags.string({
      description: 'name of the app, to skip the prompt',
      helpValue: 'APP-SPACE',
    }),
  };

  async run(): Promise<Hook> {
    const { args, flags } = await this.parse(HooksDestroy);
    const app = appNamed(flags.app);
    const api = await this.api();
    const hook = await hookNamed(api, app, args.hook);
    await confirmName(app, flags.confirm, `The hook ${hook.url} of ${app} will be destroyed.`);
    await api.hooks.destroy({ app, hook: hook.id });
    return hook;
  }

  protected render(hook: Hook, out: Output): void {
    out.line(`Destroyed the hook ${hook.url}.`);
  }
}
