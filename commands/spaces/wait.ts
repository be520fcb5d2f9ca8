import { AkaCommand } from '../../src/cli/command.js';
import { showDynos } from '../../src/cli/dyno-view.js';
import { untilUp } from '../../src/cli/dynos-up.js';
import { argument } from '../../src/cli/flags.js';
import { checkRuns } from '../../src/cli/needs-running.js';
import type { Output } from '../../src/cli/output.js';
import { secondsOf, Waiting, waitFlag, withSeconds } from '../../src/cli/waiting.js';
import type { Dyno } from '../../src/contract/wire.js';

export default class SpacesWait extends AkaCommand<Dyno[]> {
  static override summary = 'wait until all dynos of a space are up';
  static override description =
    'Also waits for the newest releases to finish. Exits 1 if a dyno crashes, and 8 at the timeout.';
  static override examples = [
    '<%= config.bin %> spaces:wait demo',
    '<%= config.bin %> spaces:wait demo --wait=60',
  ];
  static override args = { space: argument.required('name of the space') };
  static override flags = { wait: waitFlag };

  protected override readonly advice = ['reason'];

  async run(): Promise<Dyno[]> {
    const { args, flags } = await this.parse(SpacesWait, withSeconds(this.argv));
    const seconds = secondsOf(flags.wait);
    const api = await this.api();
    const { name: space } = await api.spaces.get({ space: args.space });
    await checkRuns(api, 'no dyno would come up');
    const { items } = await api.apps.list({ space });
    const unfinished = {
      says: `Not all dynos of space ${space} are up.`,
      hint: `See them: aka spaces:ps ${space}`,
    };
    const waiting = new Waiting(seconds, unfinished);
    try {
      const apps = items.map(({ name }) => name);
      return await untilUp(api, { apps, list: () => api.dynos.inSpace({ space }) }, { waiting, unfinished });
    } finally {
      waiting.over();
    }
  }

  protected render(dynos: Dyno[], out: Output): void {
    if (dynos.length === 0) return out.note('Its apps are to have no dynos.');
    showDynos(out, dynos, true);
  }
}
