import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { AppsApi } from '../../src/contract/apps-api.js';

type Destroyed = Awaited<ReturnType<AppsApi['apps']['destroy']>>;

export default class AppsDestroy extends AkaCommand<Destroyed> {
  static override summary = 'destroy an app with its config vars';
  static override description = 'Its address is returned; its audit records stay.';
  static override examples = ['<%= config.bin %> apps:destroy -a web-demo --confirm web-demo'];
  static override flags = {
    app: appFlag,
    confirm: Flags.string({
      description: 'the app again, so that nothing is destroyed by accident',
      helpValue: 'APP-SPACE',
    }),
  };

  async run(): Promise<Destroyed> {
    const { flags } = await this.parse(AppsDestroy);
    const { apps } = await this.api();
    const { name } = await apps.get({ app: appNamed(flags.app) });
    await this.confirm(name, flags.confirm, `App ${name} will be destroyed with its config vars.`);
    return apps.destroy({ app: name });
  }

  protected render(app: Destroyed, out: Output): void {
    out.line(`Destroyed app ${app.name}.`);
  }
}
