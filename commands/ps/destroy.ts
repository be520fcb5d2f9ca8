import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Formation } from '../../src/contract/wire.js';

export default class PsDestroy extends AkaCommand<Formation> {
  static override summary = 'remove a process type and its dynos';
  static override description =
    'The next build adds it again if it is in the Procfile. To only stop its dynos, scale it to 0.';
  static override examples = [
    '<%= config.bin %> ps:destroy worker -a web-demo --confirm worker',
    '<%= config.bin %> ps:update worker --quantity 0 -a web-demo',
  ];
  static override args = { type: argument.required('process type, such as worker') };
  static override flags = {
    app: appFlag,
    confirm: Flags.string({
      description: 'name of the process type, to skip the prompt',
      helpValue: 'TYPE',
    }),
  };

  async run(): Promise<Formation> {
    const { args, flags } = await this.parse(PsDestroy);
    const { formations } = await this.api();
    const { app, type } = await formations.get({ app: appNamed(flags.app), type: args.type });
    await this.confirm(type, flags.confirm, `${type} of ${app.name} will be removed with its dynos.`);
    return formations.destroy({ app: app.name, type });
  }

  protected render({ app, type }: Formation, out: Output): void {
    out.line(`Removed ${type} of ${app.name}.`);
  }
}
