import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { staleVarsText } from '../../src/cli/dyno-view.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { splitAppKey } from '../../src/model/names.js';

type Destroyed = Awaited<ReturnType<AppsApi['apps']['destroy']>>;

export default class AppsDestroy extends AkaCommand<Destroyed> {
  static override summary = 'destroy an app and its config vars';
  static override description =
    'Another app can reuse its address when no running dyno has it in its discovery vars. The audit records of the app stay.';
  static override examples = ['<%= config.bin %> apps:destroy -a web-demo --confirm web-demo'];
  static override flags = {
    app: appFlag,
    confirm: Flags.string({
      description: 'name of the app, to skip the prompt',
      helpValue: 'APP-SPACE',
    }),
  };

  async run(): Promise<Destroyed> {
    const { flags } = await this.parse(AppsDestroy);
    const { apps } = await this.api();
    const { name } = await apps.get({ app: appNamed(flags.app) });
    await this.confirm(name, flags.confirm, `App ${name} will be destroyed with its config vars.`);
    const destroyed = await apps.destroy({ app: name });
    const { held_by: heldBy = [] } = destroyed;
    const app = splitAppKey(name)?.app;
    if (heldBy.length > 0 && app !== undefined) this.caution(staleVarsText(app, heldBy));
    return destroyed;
  }

  protected render(app: Destroyed, out: Output): void {
    out.line(`Destroyed app ${app.name}.`);
  }
}
