import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import type { Reporter } from '../../src/contract/wire.js';
import { parseContext, parseReporterName } from '../../src/model/checks.js';
import { given } from '../../src/model/given.js';

export default class ChecksAdd extends AkaCommand<Reporter> {
  static override summary = 'register a reporter of a status check';
  static override description =
    `CONTEXT is source/HOST/OWNER/NAME for a repository, app/APP-SPACE, or pipeline/NAME. A check can have several reporters. Any of them can report.

--token creates a bearer token for a program. --webhook creates a secret for webhooks from GitHub. --follow names the GitHub check that counts. --user registers a user. Copy the secret now; it won't be shown again.

You can't approve your own build: a reporter with a secret that you created can't report on builds that you started.`;
  static override examples = [
    '<%= config.bin %> checks:add app/web-vault --token --name scanner',
    '<%= config.bin %> checks:add source/github.com/acme/shop --webhook --follow ci',
    '<%= config.bin %> checks:add app/web-vault --user ann',
  ];
  static override args = { context: argument.required('status check to report') };
  static override flags = {
    token: Flags.boolean({ description: 'register a program with a bearer token' }),
    webhook: Flags.boolean({ description: 'register the GitHub repository with a webhook secret' }),
    user: Flags.string({ description: 'register a user by name', helpValue: 'NAME' }),
    follow: Flags.string({
      description: 'with --webhook: name of the status or check run on GitHub that counts',
      helpValue: 'CHECK',
    }),
    name: Flags.string({ description: 'name in the audit log', helpValue: 'NAME' }),
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
