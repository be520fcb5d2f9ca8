import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import type { HookEvent } from '../../src/contract/wire.js';

export default class HooksEvents extends AkaCommand<HookEvent[]> {
  static override summary = 'list what hooks can be called for';
  static override description =
    'A hook may ask for one that does not happen on this platform, as it might on another; it is never called for that here.';
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
