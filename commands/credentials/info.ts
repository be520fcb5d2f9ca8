import { AkaCommand } from '../../src/cli/command.js';
import { credentialFacts } from '../../src/cli/credential-view.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Addon } from '../../src/contract/wire.js';

export default class CredentialsInfo extends AkaCommand<Addon> {
  static override summary = 'show a credential';
  static override description = 'Shows the names of its vars and the apps that have it.';
  static override examples = ['<%= config.bin %> credentials:info payments'];
  static override args = { credential: argument.required('name of the credential') };

  async run(): Promise<Addon> {
    const { args } = await this.parse(CredentialsInfo);
    const { addons } = await this.api();
    return addons.get({ addon: args.credential });
  }

  protected render(credential: Addon, out: Output): void {
    out.facts(credentialFacts(credential));
  }
}
