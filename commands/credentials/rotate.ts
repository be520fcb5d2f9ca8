import { AkaCommand } from '../../src/cli/command.js';
import { checkNamed } from '../../src/cli/credential-view.js';
import { checkLocally } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { fromFileFlag, varsGiven } from '../../src/cli/vars-given.js';
import type { Addon } from '../../src/contract/wire.js';
import { checkCredentialKeys } from '../../src/model/addons.js';

export default class CredentialsRotate extends AkaCommand<Addon> {
  static override summary = 'give a credential new values, in every app that gets it';
  static override description =
    'All of these apps are released, so that their dynos are replaced by others with the new values; if one of them can not be, nothing changes for any. Vars that are not named keep their values. KEY=- takes the value from standard input, or asks for it at a terminal.';
  static override examples = [
    'pass show stripe | <%= config.bin %> credentials:rotate payments TOKEN=-',
    '<%= config.bin %> credentials:rotate mail --from-file .env',
  ];
  static override strict = false;
  static override usage = 'credentials:rotate CREDENTIAL [KEY=VALUE...] [--from-file FILE]';
  static override args = {
    credential: argument.required('name of the credential'),
    vars: argument.optional('KEY=VALUE, any number of them'),
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
