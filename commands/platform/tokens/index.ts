import { AkaCommand } from '../../../src/cli/command.js';
import type { Output } from '../../../src/cli/output.js';
import { TOKEN_COLUMNS, tokenRow } from '../../../src/cli/token-view.js';
import type { Token } from '../../../src/contract/wire.js';

export default class PlatformTokens extends AkaCommand<Token[]> {
  static override summary = 'list API tokens';
  static override description =
    'A token has the role admin, or the role user for some spaces. The secret of a token is shown only at its creation. Browsers that are logged in to the web console are listed as sessions.';
  static override examples = [
    '<%= config.bin %> platform:tokens',
    '<%= config.bin %> platform:tokens --json',
  ];

  async run(): Promise<Token[]> {
    await this.parse(PlatformTokens);
    return (await this.api()).tokens.list();
  }

  protected render(tokens: Token[], out: Output): void {
    if (tokens.length === 0) {
      return out.note('None: aka platform:tokens:create NAME --role user --space SPACE');
    }
    out.table(
      TOKEN_COLUMNS,
      tokens.map((token) => tokenRow(out, token)),
    );
  }
}
