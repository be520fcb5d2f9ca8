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
  static override summary = 'keep secrets in one place for several apps';
  static override description =
    `One of level production goes to apps in prod spaces only, one of level general to apps in any space. With -a it belongs to that app, which gets it at once; then it goes only to apps whose space is socs and prod as far as that one's is. Otherwise it is the platform's, which administrators create. KEY=- takes the value from standard input, or asks for it at a terminal, so that a secret is neither in the shell's history nor in the list of processes. Nobody is ever shown a value again.`;
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
    vars: argument.optional('KEY=VALUE, any number of them'),
  };
  static override flags = {
    level: Flags.option({
      options: LEVELS,
      required: true,
      description: 'which apps may get it: in prod spaces only, or in any space',
    })(),
    app: Flags.string({ char: 'a', description: 'app that it belongs to', helpValue: 'APP-SPACE' }),
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
