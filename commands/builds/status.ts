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
  static override summary = 'report of a check that a build waits for';
  static override description =
    `You must be registered for the check, or have the token of a reporter that is: in AKA_TOKEN for a platform elsewhere, or in a file. It is never taken from the command line, which others can read. Nobody approves their own build.

success lets the build go on when no other check is missing. failure and error end it for good.`;
  static override examples = [
    '<%= config.bin %> builds:status 1 -a web-vault --context app/web-vault --state success',
    'pass show scanner | <%= config.bin %> builds:status 1 -a web-vault --context app/web-vault --state failure --description "2 holes" --token-file -',
  ];
  static override args = { build: argument.optional('number of the build; the newest unless named') };
  static override flags = {
    app: appFlag,
    context: Flags.string({
      description: 'check that is reported of',
      helpValue: 'CONTEXT',
      required: true,
    }),
    state: Flags.option({
      description: 'how it stands',
      options: CHECK_STATES,
      required: true,
    })(),
    description: Flags.string({ char: 'd', description: 'what there is to say about it', helpValue: 'TEXT' }),
    'target-url': Flags.string({ description: 'page with more about it', helpValue: 'URL' }),
    checksum: Flags.string({
      description: 'checksum of the source that was reviewed, as builds:info shows it',
      helpValue: 'sha256:DIGITS',
    }),
    name: Flags.string({ description: 'what the check calls itself', helpValue: 'TEXT' }),
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
