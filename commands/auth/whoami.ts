import { accountFacts, type WhoAmI, whoIs } from '../../src/cli/account-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { targetOf } from '../../src/cli/connect.js';
import type { Output } from '../../src/cli/output.js';
import { tokenPlace } from '../../src/cli/profile-view.js';

export default class AuthWhoami extends AkaCommand<WhoAmI> {
  static override summary = 'show the current user';
  static override description = 'Also shows the source of the token, if the platform needs one.';
  static override examples = ['<%= config.bin %> auth:whoami', '<%= config.bin %> auth:whoami --json'];
  static override hiddenAliases = ['whoami'];

  async run(): Promise<WhoAmI> {
    await this.parse(AuthWhoami);
    const { account } = await this.api();
    const who = await account.get();
    const target = await targetOf(this.flags, this.env);
    const token = tokenPlace(target, this.env, (error) => this.caution(error.message));
    return whoIs(who, target, token);
  }

  protected render(who: WhoAmI, out: Output): void {
    out.facts(accountFacts(who));
  }
}
