import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { contentOf } from '../../src/cli/content.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { newestBuild } from '../../src/cli/newest-build.js';
import type { Output } from '../../src/cli/output.js';
import { checkFacts } from '../../src/cli/status-view.js';
import type { BuildCheck } from '../../src/contract/wire.js';
import { CHECK_STATES, parseContext } from '../../src/model/checks.js';
import { given } from '../../src/model/given.js';

export default class BuildsStatus extends AkaCommand<BuildCheck> {
  static override summary = 'report a status check of a build';
  static override description =
    `You must be a registered reporter of the check, or have the token of one. Pass the token in AKA_TOKEN for a remote platform, or in a file. You can't approve your own build.

success lets the build continue when no other check is pending. failure and error end the build permanently.`;
  static override examples = [
    '<%= config.bin %> builds:status 1 -a web-vault --context app/web-vault --state success',
    'pass show scanner | <%= config.bin %> builds:status 1 -a web-vault --context app/web-vault --state failure --description "2 holes" --token-file -',
  ];
  static override args = { build: argument.optional('number of the build (default the newest)') };
  static override flags = {
    app: appFlag,
    context: Flags.string({
      description: 'status check to report',
      helpValue: 'CONTEXT',
      required: true,
    }),
    state: Flags.option({
      description: 'state of the check',
      options: CHECK_STATES,
      required: true,
    })(),
    description: Flags.string({ char: 'd', description: 'description of the result', helpValue: 'TEXT' }),
    'target-url': Flags.string({ description: 'URL of a page with details', helpValue: 'URL' }),
    checksum: Flags.string({
      description: 'checksum of the reviewed source, as in builds:info',
      helpValue: 'sha256:DIGITS',
    }),
    name: Flags.string({ description: 'display name of the check', helpValue: 'TEXT' }),
    'token-file': Flags.string({
      description: 'file with the token of a reporter; - is standard input',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<BuildCheck> {
    const { args, flags } = await this.parse(BuildsStatus);
    const app = appNamed(flags.app);
    const context = parseContext(flags.context);
    const { state, checksum, description, name, 'target-url': target_url } = flags;
    const file = flags['token-file'];
    const token = file === undefined ? undefined : await readToken(file);
    const api = await this.api();
    const build = args.build ?? (await newestBuild(api, app)).id;
    return api.builds.report({
      app,
      build,
      context,
      state,
      ...given({ checksum, description, name, target_url, token }),
    });
  }

  protected render(check: BuildCheck, out: Output): void {
    out.facts(checkFacts(check, out.style));
  }
}

async function readToken(file: string): Promise<string> {
  if (file === '-' && process.stdin.isTTY === true)
    throw usage('The token is taken from standard input, and that is a terminal.', 'Pipe it in.');
  const token = (await contentOf(file, 64 * 1024)).trim();
  if (token === '') throw usage('There is no token in what --token-file names.');
  return token;
}
