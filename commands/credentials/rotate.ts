import { AkaCommand } from '../../src/cli/command.js';
import { checkNamed } from '../../src/cli/credential-view.js';
import { checkLocally } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { fromFileFlag, varsGiven } from '../../src/cli/vars-given.js';
import type { Addon } from '../../src/contract/wire.js';
import { checkCredentialKeys } from '../../src/model/addons.js';

export default class CredentialsRotate extends AkaCommand<Addon> {
  static override summary = 'rotate the values of a credential';
  static override description =
    `Creates a release of every app with the credential, which replaces their dynos. If one app can't be released, nothing changes.

Other vars keep their values. KEY=- reads the value from standard input, or prompts for it at a terminal.`;
  static override examples = [
    'pass show stripe | <%= config.bin %> credentials:rotate payments TOKEN=-',
    '<%= config.bin %> credentials:rotate mail --from-file .env',
  ];
  static override strict = false;
  static override usage = 'credentials:rotate CREDENTIAL [KEY=VALUE...] [--from-file FILE]';
  static override args = {
    credential: argument.required('name of the credential'),
    vars: argument.optional('KEY=VALUE, one or more'),
  };
  static override flags = { 'from-file': fromFileFlag };

  async run(): Promise<Addon> {
    const { args, argv, flags } = await this.parse(CredentialsRotate);
    checkNamed(args.credential);
    const config = await varsGiven(argv.slice(1) as string[], flags['from-file']);
    checkLocally(() => checkCredentialKeys(Object.keys(config)));
    const { addons } = await this.api();
    return addons.update({ addon: args.credential, config });
  }

  protected render({ name, attached_to: apps = [] }: Addon, out: Output): void {
    const those = apps.map((app) => app.name).join(', ');
    out.line(`Rotated ${name}${those === '' ? '; no app gets it' : ` for ${those}`}.`);
  }
}
