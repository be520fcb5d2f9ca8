import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import type { HookEvent } from '../../src/contract/wire.js';

export default class HooksEvents extends AkaCommand<HookEvent[]> {
  static override summary = 'list webhook events';
  static override description =
    'A webhook can subscribe to events that this platform never sends, because other platforms send them.';
  static override examples = ['<%= config.bin %> hooks:events'];

  async run(): Promise<HookEvent[]> {
    await this.parse(HooksEvents);
    const { hooks } = await this.api();
    return hooks.events();
  }

  protected render(events: HookEvent[], out: Output): void {
    out.table(
      ['EVENT', 'HERE', 'WHEN'],
      events.map(({ type, happens, description }) => [
        type,
        happens === false ? 'never' : 'yes',
        description,
      ]),
    );
  }
}
