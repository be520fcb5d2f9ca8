import { AuthCommand } from '../../src/cli/auth-command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { CommandError } from '../../src/cli/failure.js';
import type { Output } from '../../src/cli/output.js';

export default class AuthToken extends AuthCommand<{ token: string }> {
  static override summary = 'print the token that commands send';
  static override description =
    'Prints only the token, for use by programs. Anyone with the token can act as you. Keep it off screens and out of logs.';
  static override examples = [
    '<%= config.bin %> auth:token --platform work > work.token',
    '<%= config.bin %> auth:token --json',
  ];
  static override hiddenAliases = ['token'];

  async run(): Promise<{ token: string }> {
    await this.parse(AuthToken);
    const door = await this.door();
    const [source] = this.sources(door);
    if (source === undefined) {
      throw new CommandError({
        id: 'not_logged_in',
        message: `There is no token for ${door.key}.`,
        hint: 'Log in: aka auth:login',
        exit: EXIT.notAllowed,
      });
    }
    const { token } = await source.read();
    if (token !== undefined) return { token };
    throw new CommandError({
      id: 'no_token',
      message: `${source.named} holds an Authorization header that is not one of a bearer token.`,
      hint: 'Set AKA_TOKEN, which goes before it, or unset it.',
      exit: EXIT.usage,
    });
  }

  protected render({ token }: { token: string }, out: Output): void {
    out.raw(token);
  }
}
