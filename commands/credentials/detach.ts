import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { AddonAttachment } from '../../src/contract/wire.js';

export default class CredentialsDetach extends AkaCommand<AddonAttachment> {
  static override summary = 'detach a credential from an app';
  static override description =
    "Creates a release, which replaces the dynos. A rollback doesn't restore the vars. In a socs or prod space this needs an administrator.";
  static override examples = ['<%= config.bin %> credentials:detach mail -a api-demo'];
  static override args = { credential: argument.required('name of the credential') };
  static override flags = { app: appFlag };

  async run(): Promise<AddonAttachment> {
    const { args, flags } = await this.parse(CredentialsDetach);
    const app = appNamed(flags.app);
    const { addonAttachments } = await this.api();
    return addonAttachments.destroy({ app, attachment: args.credential });
  }

  protected render({ addon, app }: AddonAttachment, out: Output): void {
    out.line(`Took ${addon.name} from ${app.name}.`);
  }
}
