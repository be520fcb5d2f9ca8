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
import { HOOK, hookNamed, type MadeHook, showMade } from '../../src/cli/hook-view.js';
import type { Output } from '../../src/cli/output.js';
import { given } from '../../src/model/given.js';

export default class HooksUpdate extends AkaCommand<MadeHook> {
  static override summary = 'update a webhook';
  static override description =
    '--events replaces the current events. --inactive discards pending deliveries. In a socs or prod space this needs an administrator.';
  static override examples = [
    '<%= config.bin %> hooks:update https://ci.example.com/hook --events all -a web-demo',
    '<%= config.bin %> hooks:update https://ci.example.com/hook --inactive -a web-demo',
    '<%= config.bin %> hooks:update https://ci.example.com/hook --new-secret -a web-demo',
  ];
  static override args = { hook: argument.required(HOOK) };
  static override flags = {
    app: appFlag,
    url: Flags.string({ description: HOOK_URL, helpValue: 'URL' }),
    events: eventsFlag,
    'secret-file': secretFileFlag,
    'new-secret': Flags.boolean({
      description: 'create a new secret, which is shown only once',
      exclusive: ['secret-file'],
    }),
    active: Flags.boolean({ description: 'resume deliveries', exclusive: ['inactive'] }),
    inactive: Flags.boolean({ description: 'stop deliveries' }),
  };

  async run(): Promise<MadeHook> {
    const { args, flags } = await this.parse(HooksUpdate);
    const app = appNamed(flags.app);
    const file = flags['secret-file'];
    if (flags.url === '-' && file === '-') throw usage('Standard input can be taken only once.');
    const made = flags['new-secret'] ? newHookSecret() : undefined;
    const change = given({
      url: flags.url === undefined ? undefined : await urlGiven(flags.url),
      events: flags.events && eventsGiven(flags.events),
      secret: file === undefined ? made : await secretIn(file),
      active: flags.active ? true : flags.inactive ? false : undefined,
    });
    if (Object.keys(change).length === 0) {
      throw usage(
        'Nothing to change is named.',
        'Name it: --url, --events, --secret-file, --new-secret, --active or --inactive',
      );
    }
    const api = await this.api();
    const { id } = await hookNamed(api, app, args.hook);
    const hook = await api.hooks.update({ app, hook: id, ...change });
    for (const warning of hook.warnings ?? []) this.caution(`${warning}.`);
    return made === undefined ? hook : { ...hook, secret: made };
  }

  protected render(hook: MadeHook, out: Output): void {
    showMade(out, hook);
  }
}
