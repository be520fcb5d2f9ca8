import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { checkNamed, credentialFacts } from '../../src/cli/credential-view.js';
import { checkLocally } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { fromFileFlag, varsGiven } from '../../src/cli/vars-given.js';
import type { Addon } from '../../src/contract/wire.js';
import { checkCredentialKeys, LEVELS, parseCredentialName, planOf } from '../../src/model/addons.js';

export default class CredentialsCreate extends AkaCommand<Addon> {
  static override summary = 'create a credential';
  static override description =
    `Apps in any space can have a general credential. Only apps in prod spaces can have a production credential.

With -a, the credential belongs to that app and is attached at once. Other apps need a space with the same socs and prod compliance, or more. Without -a, the credential belongs to the platform and needs an administrator.

KEY=- reads the value from standard input, or prompts for it at a terminal. This keeps secrets out of the shell history and the process list. Values are never shown again.`;
  static override examples = [
    'pass show stripe | <%= config.bin %> credentials:create payments --level production TOKEN=-',
    'pass show mail | <%= config.bin %> credentials:create mail --level general HOST=mail.example.com PASSWORD=-',
    '<%= config.bin %> credentials:create payments --level production --from-file .env -a web-vault',
  ];
  static override strict = false;
  static override usage =
    'credentials:create NAME --level LEVEL [KEY=VALUE...] [--from-file FILE] [-a APP-SPACE]';
  static override args = {
    name: argument.required('name of the credential'),
    vars: argument.optional('KEY=VALUE, one or more'),
  };
  static override flags = {
    level: Flags.option({
      options: LEVELS,
      required: true,
      description: 'apps that can have it: those in prod spaces, or those in any space',
    })(),
    app: Flags.string({
      char: 'a',
      description: 'app that owns it (default the platform)',
      helpValue: 'APP-SPACE',
    }),
    'from-file': fromFileFlag,
  };

  async run(): Promise<Addon> {
    const { args, argv, flags } = await this.parse(CredentialsCreate);
    checkNamed(args.name);
    const name = parseCredentialName(args.name);
    const config = await varsGiven(argv.slice(1) as string[], flags['from-file']);
    checkLocally(() => checkCredentialKeys(Object.keys(config)));
    const { addons } = await this.api();
    const input = { plan: planOf(flags.level), name, config };
    return flags.app === undefined ? addons.create(input) : addons.createInApp({ app: flags.app, ...input });
  }

  protected render(credential: Addon, out: Output): void {
    out.note('Created:');
    out.facts(credentialFacts(credential));
    if ((credential.attached_to ?? []).length === 0)
      out.note(`Next: aka credentials:attach ${credential.name} -a APP-SPACE`);
  }
}
