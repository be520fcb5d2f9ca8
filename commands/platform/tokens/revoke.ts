import { AkaCommand } from '../../../src/cli/command.js';
import { argument } from '../../../src/cli/flags.js';
import type { Output } from '../../../src/cli/output.js';
import { tokenFacts } from '../../../src/cli/token-view.js';
import type { Token } from '../../../src/contract/wire.js';

export default class PlatformTokensRevoke extends AkaCommand<Token> {
  static override summary = 'revoke an API token';
  static override description =
    'Takes effect at once. Also closes its log streams, one-off dynos and forwarded ports.';
  static override examples = ['<%= config.bin %> platform:tokens:revoke ci'];
  static override args = { name: argument.required('name of the token, or of the session of a browser') };

  async run(): Promise<Token> {
    const { args } = await this.parse(PlatformTokensRevoke);
    const { tokens } = await this.api();
    const revoked = await tokens.revoke({ token: args.name });
    this.progress(`Revoked ${revoked.name}.`);
    return revoked;
  }

  protected render(token: Token, out: Output): void {
    out.facts(tokenFacts(token));
  }
}
