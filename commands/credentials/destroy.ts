import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Addon } from '../../src/contract/wire.js';

export default class CredentialsDestroy extends AkaCommand<Addon> {
  static override summary = 'destroy a credential';
  static override description =
    'First detach it from all apps. A credential of the platform, or of an app in a socs or prod space, needs an administrator.';
  static override examples = ['<%= config.bin %> credentials:destroy payments --confirm payments'];
  static override args = { credential: argument.required('name of the credential') };
  static override flags = {
    confirm: Flags.string({
      description: 'name of the credential, to skip the prompt',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<Addon> {
    const { args, flags } = await this.parse(CredentialsDestroy);
    const { addons } = await this.api();
    const { name } = await addons.get({ addon: args.credential });
    await this.confirm(name, flags.confirm, `Credential ${name} will be destroyed with its values.`);
    return addons.destroy({ addon: name });
  }

  protected render({ name }: Addon, out: Output): void {
    out.line(`Destroyed credential ${name}.`);
  }
}
