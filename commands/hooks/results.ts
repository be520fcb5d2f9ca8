import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { callCell, callFacts, HOOK, hookNamed, whyCall } from '../../src/cli/hook-view.js';
import { momentCell } from '../../src/cli/moment.js';
import type { Output } from '../../src/cli/output.js';
import type { HookResult } from '../../src/contract/wire.js';

export default class HooksResults extends AkaCommand<HookResult[]> {
  static override summary = 'list the deliveries of a webhook';
  static override description =
    'Lists the newest first. --call shows one delivery with its request and response. The platform keeps the last 100 finished deliveries for 30 days.';
  static override examples = [
    '<%= config.bin %> hooks:results https://ci.example.com/hook -a web-demo',
    '<%= config.bin %> hooks:results https://ci.example.com/hook -a web-demo --size 5 --json',
  ];
  static override args = { hook: argument.required(HOOK) };
  static override flags = {
    app: appFlag,
    call: Flags.string({ description: 'id of a delivery to show in full', helpValue: 'ID' }),
    size: Flags.integer({
      description: 'number of deliveries (default 20)',
      helpValue: 'NUMBER',
      default: 20,
      min: 1,
      max: 200,
    }),
  };

  #isWhole = false;

  async run(): Promise<HookResult[]> {
    const { args, flags } = await this.parse(HooksResults);
    const app = appNamed(flags.app);
    const api = await this.api();
    const { id: hook } = await hookNamed(api, app, args.hook);
    this.#isWhole = flags.call !== undefined;
    if (flags.call !== undefined) return [await api.hooks.result({ app, hook, result: flags.call })];
    const results = await api.hooks.results({ app, hook });
    return results.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1)).slice(0, flags.size);
  }

  protected render(results: HookResult[], out: Output): void {
    if (this.#isWhole) {
      for (const result of results) out.facts(callFacts(result));
      return;
    }
    if (results.length === 0) return out.note('It was not called yet.');
    out.table(
      ['CALL', 'TIME', 'EVENT', 'STATUS', 'CODE', 'TRIES', 'WHY'],
      results.map((result) => [
        result.id,
        momentCell(out, result.created_at),
        result.event ?? '',
        callCell(out, result),
        result.last_attempt.response.code ?? '',
        result.num_attempts,
        whyCall(result),
      ]),
    );
  }
}
