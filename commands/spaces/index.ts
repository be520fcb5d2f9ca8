import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { complianceFlag } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { complianceText } from '../../src/cli/space-view.js';
import type { Space } from '../../src/contract/wire.js';
import { parseCompliance } from '../../src/model/compliance.js';
import { given } from '../../src/model/given.js';

export default class Spaces extends AkaCommand<Space[]> {
  static override summary = 'list spaces';
  static override description =
    'Sorted by name. With --compliance, lists only spaces that have all the named compliances.';
  static override examples = [
    '<%= config.bin %> spaces',
    '<%= config.bin %> spaces --compliance prod --json',
  ];
  static override flags = {
    compliance: complianceFlag,
    stack: Flags.string({ char: 's', description: 'only spaces on this stack', helpValue: 'STACK' }),
  };

  protected override readonly advice = ['remedy'];

  async run(): Promise<Space[]> {
    const { flags } = await this.parse(Spaces);
    const compliance = flags.compliance && parseCompliance(flags.compliance);
    const { spaces } = await this.api();
    const { items } = await spaces.list(given({ compliance: compliance?.join(','), stack: flags.stack }));
    return items;
  }

  protected render(spaces: Space[], out: Output): void {
    if (spaces.length === 0) return out.note('No spaces like that. All of them: aka spaces');
    out.table(
      ['SPACE', 'COMPLIANCE', 'STACK', 'APPS', 'DESCRIPTION'],
      spaces.map((space) => [
        space.name,
        complianceText(space.compliance),
        space.stack.name,
        space.apps ?? '',
        space.description ?? '',
      ]),
    );
  }
}
