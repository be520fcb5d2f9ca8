import { AkaCommand } from '../../src/cli/command.js';
import { type DynoReport, lackingVars, reportDynos, showDynos } from '../../src/cli/dyno-view.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';

export default class Ps extends AkaCommand<DynoReport[]> {
  static override summary = 'list the dynos of an app';
  static override description = 'For crashed dynos, also shows the last lines of output.';
  static override examples = ['<%= config.bin %> ps -a web-demo'];
  static override flags = { app: appFlag };

  protected override readonly advice = ['reason'];

  async run(): Promise<DynoReport[]> {
    const { flags } = await this.parse(Ps);
    const app = appNamed(flags.app);
    const api = await this.api();
    return reportDynos(api, await api.dynos.list({ app }));
  }

  protected render(dynos: DynoReport[], out: Output): void {
    if (dynos.length === 0) return out.note('No dynos: a build brings them. aka deploy -a APP-SPACE');
    showDynos(out, dynos);
    for (const sentence of lackingVars(dynos)) this.caution(sentence);
  }
}
