import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import type { Stack } from '../../src/contract/wire.js';

export default class Stacks extends AkaCommand<Stack[]> {
  static override summary = 'list stacks';
  static override examples = ['<%= config.bin %> stacks'];

  async run(): Promise<Stack[]> {
    await this.parse(Stacks);
    const { stacks } = await this.api();
    return stacks.list();
  }

  protected render(stacks: Stack[], out: Output): void {
    if (stacks.length === 0) return out.note('No stacks.');
    out.table(
      ['STACK', 'REGION', 'STATE', 'DEFAULT'],
      stacks.map((stack) => [stack.name, stack.region.name, stack.state, stack.default ? 'yes' : '']),
    );
  }
}
