import { AkaCommand } from '../../src/cli/command.js';
import { type DynoReport, lackingVars, reportDynos, showDynos } from '../../src/cli/dyno-view.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';

export default class SpacesPs extends AkaCommand<DynoReport[]> {
  static override summary = 'list the dynos of a space';
  static override examples = ['<%= config.bin %> spaces:ps demo'];
  static override args = { space: argument.required('name of the space') };

  protected override readonly advice = ['reason'];

  async run(): Promise<DynoReport[]> {
    const { args } = await this.parse(SpacesPs);
    const api = await this.api();
    return reportDynos(api, await api.dynos.inSpace({ space: args.space }));
  }

  protected render(dynos: DynoReport[], out: Output): void {
    if (dynos.length === 0) return out.note('No dynos: builds bring them. aka deploy -a APP-SPACE');
    showDynos(out, dynos, true);
    for (const sentence of lackingVars(dynos)) this.caution(sentence);
  }
}
