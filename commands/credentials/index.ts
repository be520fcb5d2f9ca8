import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { isCredential, showCredentials } from '../../src/cli/credential-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Addon } from '../../src/contract/wire.js';

export default class Credentials extends AkaCommand<Addon[]> {
  static override summary = 'list credentials';
  static override description =
    'Shows the names of their vars and the apps that have them. Values are never shown.';
  static override examples = ['<%= config.bin %> credentials', '<%= config.bin %> credentials -a web-demo'];
  static override flags = {
    app: Flags.string({ char: 'a', description: 'only credentials of this app', helpValue: 'APP-SPACE' }),
  };

  async run(): Promise<Addon[]> {
    const { flags } = await this.parse(Credentials);
    const { addons, addonAttachments } = await this.api();
    const all = (await addons.list()).filter(isCredential);
    if (flags.app === undefined) return all;
    const attached = await addonAttachments.list({ app: flags.app });
    return all.filter(({ id }) => attached.some(({ addon }) => addon.id === id));
  }

  protected render(credentials: Addon[], out: Output): void {
    if (credentials.length === 0) return out.note('None: aka credentials:create NAME --level general KEY=-');
    showCredentials(out, credentials);
  }
}
