import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { AkaCommand } from '../../../src/cli/command.js';
import { checkLocally } from '../../../src/cli/failure.js';
import { argument } from '../../../src/cli/flags.js';
import type { Output } from '../../../src/cli/output.js';
import { newTokenFile } from '../../../src/cli/token-file.js';
import { tokenFacts } from '../../../src/cli/token-view.js';
import type { Token, TokenCreated } from '../../../src/contract/wire.js';
import { parseDuration } from '../../../src/model/duration.js';
import { given } from '../../../src/model/given.js';
import { parseTokenName } from '../../../src/model/token-names.js';

/** With the secret, or with the file that it is in. */
type Made = TokenCreated | (Token & { readonly token_file: string });

export default class PlatformTokensCreate extends AkaCommand<Made> {
  static override summary = 'create an API token';
  static override description =
    `Copy the token now; it won't be shown again. Use it as AKA_TOKEN. The audit log records its use under NAME.

For access over TCP, start the platform with --listen.`;
  static override examples = [
    '<%= config.bin %> platform:tokens:create ci --role user --space demo --space demo-staging',
    '<%= config.bin %> platform:tokens:create ci --role user --space demo --expires 30d --token-file ci.token',
    '<%= config.bin %> platform:tokens:create olga --role admin',
    '<%= config.bin %> platform:tokens:create gateway --role admin --trusted --token-file gateway.token',
  ];
  static override args = { name: argument.required('name in the audit log') };
  static override flags = {
    role: Flags.string({
      description: 'admin for everything, user for some spaces',
      options: ['admin', 'user'] as const,
      required: true,
    }),
    space: Flags.string({
      char: 's',
      description: 'space that a user token can access; may be repeated',
      helpValue: 'SPACE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    trusted: Flags.boolean({
      description: 'allow impersonation by a gateway with the headers x-username and x-elevated-access',
    }),
    expires: Flags.string({
      description: 'lifetime: 30d, 12h, 90m (default until revoked)',
      helpValue: 'TIME',
    }),
    'token-file': Flags.string({
      description: 'new file for the secret, readable by its owner only, instead of printing it',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<Made> {
    const { args, flags } = await this.parse(PlatformTokensCreate);
    checkLocally(() => parseTokenName(args.name));
    const expires_in = flags.expires === undefined ? undefined : parseDuration(flags.expires);
    const spaces = flags.space?.map((space) => space.toLowerCase());
    const role = flags.role === 'admin' ? 'admin' : 'user';
    const wanted = {
      name: args.name,
      role,
      ...given({ spaces, expires_in, trusted: flags.trusted || undefined }),
    } as const;
    const { tokens } = await this.api();
    const path = flags['token-file'];
    if (path === undefined) {
      const token = await tokens.create(wanted);
      this.hint('It is shown only now. Whoever has it sets AKA_TOKEN to it.');
      return token;
    }
    const file = newTokenFile(resolve(path));
    const { secret, ...token } = await tokens.create(wanted).catch((error: unknown) => {
      file.discard();
      throw error;
    });
    file.write(secret);
    return { ...token, token_file: resolve(path) };
  }

  protected render(made: Made, out: Output): void {
    if ('secret' in made) out.raw(String(made.secret));
    else out.facts([...tokenFacts(made), ['File', made.token_file]]);
  }
}
