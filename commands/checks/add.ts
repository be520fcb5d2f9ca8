import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Reporter } from '../../src/contract/wire.js';
import { parseContext, parseReporterName } from '../../src/model/checks.js';
import { given } from '../../src/model/given.js';

export default class ChecksAdd extends AkaCommand<Reporter> {
  static override summary = 'let somebody report of a check of builds';
  static override description =
    `CONTEXT is source/HOST/OWNER/NAME for a repository, app/APP-SPACE, or pipeline/NAME. There may be several reporters of a check; any of them can report.

--token makes a secret for a program, which sends it as a bearer token. --webhook makes one that GitHub signs its events with; of the checks of the repository, --follow names the one that counts. --user takes reports of somebody who logs in as themselves. A secret is shown now, and never again.

Nobody approves their own build: what you add with a secret can't report of builds that you ask for.`;
  static override examples = [
    '<%= config.bin %> checks:add app/web-vault --token --name scanner',
    '<%= config.bin %> checks:add source/github.com/acme/shop --webhook --follow ci',
    '<%= config.bin %> checks:add app/web-vault --user ann',
  ];
  static override args = { context: argument.required('check that it reports of') };
  static override flags = {
    token: Flags.boolean({ description: 'a program, by a token of its own' }),
    webhook: Flags.boolean({ description: 'the GitHub repository, by the events it signs' }),
    user: Flags.string({ description: 'a user, by their name', helpValue: 'NAME' }),
    follow: Flags.string({
      description: 'with --webhook: the status or check run that stands for all of them',
      helpValue: 'CHECK',
    }),
    name: Flags.string({ description: 'what it is called in the audit log', helpValue: 'NAME' }),
  };

  async run(): Promise<Reporter> {
    const { args, flags } = await this.parse(ChecksAdd);
    const { token, webhook, user, follow: follows } = flags;
    if ([token, webhook, user !== undefined].filter(Boolean).length !== 1)
      throw usage('Who reports is not clear.', 'Give one of --token, --webhook and --user NAME.');
    if (webhook && follows === undefined)
      throw usage('A webhook follows one check of the repository.', 'Name it: --follow CHECK');
    if (!webhook && follows !== undefined) throw usage('--follow is for --webhook.');
    const context = parseContext(args.context);
    const name = flags.name === undefined ? undefined : parseReporterName(flags.name);
    const kind = token ? 'token' : webhook ? 'webhook' : 'user';
    const { checks } = await this.api();
    return checks.add({ context, kind, ...given({ name, follows, user }) });
  }

  protected render(reporter: Reporter, out: Output): void {
    const { name, context, kind, follows, user, secret, path } = reporter;
    out.note('Added:');
    out.facts([
      ['Reporter', name],
      ['Check', context],
      ['Kind', kind],
      ...(user == null ? [] : ([['User', user]] as const)),
      ...(follows == null ? [] : ([['Follows', follows]] as const)),
      ...(path == null ? [] : ([['Path', path]] as const)),
      ...(secret === undefined ? [] : ([['Secret', secret]] as const)),
    ]);
    if (secret !== undefined) out.note('Keep the secret now: it is not shown again.');
  }
}
