import { AkaCommand } from '../../src/cli/command.js';
import { showDynos } from '../../src/cli/dyno-view.js';
import { untilUp } from '../../src/cli/dynos-up.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import { checkRuns } from '../../src/cli/needs-running.js';
import type { Output } from '../../src/cli/output.js';
import { secondsOf, Waiting, waitFlag, withSeconds } from '../../src/cli/waiting.js';
import type { Dyno } from '../../src/contract/wire.js';

export default class PsWait extends AkaCommand<Dyno[]> {
  static override summary = 'wait until the dynos of an app are up';
  static override description =
    'Also waits for the newest release to finish. Exits 1 if a dyno crashes. Exits 8 at the timeout, for example while a dyno is evicted.';
  static override examples = [
    '<%= config.bin %> ps:wait -a web-demo',
    '<%= config.bin %> ps:wait -a web-demo --wait=30',
  ];
  static override flags = { app: appFlag, wait: waitFlag };

  protected override readonly advice = ['reason'];

  async run(): Promise<Dyno[]> {
    const { flags } = await this.parse(PsWait, withSeconds(this.argv));
    const seconds = secondsOf(flags.wait);
    const api = await this.api();
    const { name: app } = await api.apps.get({ app: appNamed(flags.app) });
    await checkRuns(api, 'no dyno would come up');
    const unfinished = {
      says: `Not all dynos of ${app} are up.`,
      hint: `See them: aka ps -a ${app}`,
    };
    const waiting = new Waiting(seconds, unfinished);
    try {
      return await untilUp(
        api,
        { apps: [app], list: () => api.dynos.list({ app }) },
        { waiting, unfinished },
      );
    } finally {
      waiting.over();
    }
  }

  protected render(dynos: Dyno[], out: Output): void {
    if (dynos.length === 0) return out.note('It is to have no dynos.');
    showDynos(out, dynos);
  }
}
