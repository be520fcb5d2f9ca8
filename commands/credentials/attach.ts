import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { AddonAttachment } from '../../src/contract/wire.js';
import { checkPrefix } from '../../src/model/addons.js';
import { given } from '../../src/model/given.js';

export default class CredentialsAttach extends AkaCommand<AddonAttachment> {
  static override summary = 'attach a credential to an app';
  static override description =
    `Creates a release, which replaces the dynos. The names of the vars start with the name of the credential in capitals, or with --as.

The compliance of the space limits the credentials that an app can have. See: <%= config.bin %> compliance:explain prod`;
  static override examples = [
    '<%= config.bin %> credentials:attach payments -a web-vault',
    '<%= config.bin %> credentials:attach payments --as STRIPE -a web-vault',
  ];
  static override args = { credential: argument.required('name of the credential') };
  static override flags = {
    app: appFlag,
    as: Flags.string({
      description: 'prefix of the names of the vars (default the name of the credential in capitals)',
      helpValue: 'PREFIX',
    }),
  };

  async run(): Promise<AddonAttachment> {
    const { args, flags } = await this.parse(CredentialsAttach);
    if (flags.as !== undefined) checkPrefix(flags.as);
    const app = appNamed(flags.app);
    const { addonAttachments } = await this.api();
    return addonAttachments.create({ app, addon: args.credential, ...given({ name: flags.as }) });
  }

  protected render({ addon, app, config_vars: vars = [] }: AddonAttachment, out: Output): void {
    out.line(`${app.name} gets ${vars.join(', ')} from ${addon.name}.`);
  }
}
