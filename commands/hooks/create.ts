import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import {
  eventsFlag,
  eventsGiven,
  HOOK_URL,
  newHookSecret,
  secretFileFlag,
  secretIn,
  urlGiven,
} from '../../src/cli/hook-input.js';
import { type MadeHook, showMade } from '../../src/cli/hook-view.js';
import type { Output } from '../../src/cli/output.js';

export default class HooksCreate extends AkaCommand<MadeHook> {
  static override summary = 'create a webhook';
  static override description =
    `The platform sends POST requests with a JSON body. x-akkeris-signature-256 is the HMAC of the body. Secrets are redacted.

Without --secret-file, creates a secret. Copy it now; it won't be shown again. The platform retries failed deliveries for about a day. Only administrators can use URLs on this machine or in private networks.`;
  static override examples = [
    '<%= config.bin %> hooks:create https://ci.example.com/hook --events build,released -a web-demo',
    'pass show ci/hook | <%= config.bin %> hooks:create https://ci.example.com/hook -e all -s - -a web-demo',
  ];
  static override args = { url: argument.required(HOOK_URL) };
  static override flags = {
    app: appFlag,
    events: eventsFlag,
    'secret-file': secretFileFlag,
    inactive: Flags.boolean({ description: 'create it without sending deliveries yet' }),
  };

  async run(): Promise<MadeHook> {
    const { args, flags } = await this.parse(HooksCreate);
    const app = appNamed(flags.app);
    const file = flags['secret-file'];
    if (flags.events === undefined)
      throw usage(
        'It is not said what it is to be called for.',
        'Name it: --events build,release, or --events all',
      );
    if (args.url === '-' && file === '-') throw usage('Standard input can be taken only once.');
    const events = eventsGiven(flags.events);
    const url = await urlGiven(args.url);
    const secret = file === undefined ? newHookSecret() : await secretIn(file);
    const { hooks } = await this.api();
    const hook = await hooks.create({ app, url, events, secret, active: !flags.inactive });
    for (const warning of hook.warnings ?? []) this.caution(`${warning}.`);
    return file === undefined ? { ...hook, secret } : hook;
  }

  protected render(hook: MadeHook, out: Output): void {
    out.note('Created:');
    showMade(out, hook);
  }
}
