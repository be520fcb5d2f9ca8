import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { callFacts, HOOK, hookNamed } from '../../src/cli/hook-view.js';
import { checkRuns } from '../../src/cli/needs-running.js';
import type { Output } from '../../src/cli/output.js';
import { Waiting } from '../../src/cli/waiting.js';
import type { HookResult } from '../../src/contract/wire.js';

/** A call takes ten seconds at most, and may have to wait for others of the same hook. */
const PATIENCE = 30;

export default class HooksTest extends AkaCommand<HookResult> {
  static override summary = 'send a test delivery to a webhook';
  static override description =
    "Sends a ping event and prints the response. Exits 1, and retries later, if the receiver doesn't return 2xx.";
  static override examples = ['<%= config.bin %> hooks:test https://ci.example.com/hook -a web-demo'];
  static override args = { hook: argument.required(HOOK) };
  static override flags = { app: appFlag };

  async run(): Promise<HookResult> {
    const { args, flags } = await this.parse(HooksTest);
    const app = appNamed(flags.app);
    const api = await this.api();
    const { id: hook } = await hookNamed(api, app, args.hook);
    await checkRuns(api, 'nothing would be called');
    const { id } = await api.hooks.test({ app, hook });
    const waiting = new Waiting(PATIENCE, {
      says: 'The call waits for others of the same hook.',
      hint: `See it: aka hooks:results ${hook} -a ${app}`,
    });
    try {
      const called = await waiting.until(async () => {
        const result = await api.hooks.result({ app, hook, result: id });
        return result.num_attempts > 0 ? result : undefined;
      });
      if (called.last_attempt.status !== 'succeeded') this.answer = EXIT.no;
      return called;
    } finally {
      waiting.over();
    }
  }

  protected render(result: HookResult, out: Output): void {
    out.facts(callFacts(result));
  }
}
