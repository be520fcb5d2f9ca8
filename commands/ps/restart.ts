import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { checkRuns } from '../../src/cli/needs-running.js';
import type { Output } from '../../src/cli/output.js';
import type { Dyno } from '../../src/contract/wire.js';

export default class PsRestart extends AkaCommand<Dyno[]> {
  static override summary = 'restart the dynos of an app';
  static override description = 'Restarts in batches. An old dyno runs until its replacement is up.';
  static override examples = [
    '<%= config.bin %> ps:restart -a web-demo',
    '<%= config.bin %> ps:restart web.1 -a web-demo',
    '<%= config.bin %> ps:restart worker -a web-demo',
  ];
  static override args = {
    dyno: argument.optional('dyno such as web.1, or process type (default all dynos)'),
  };
  static override flags = { app: appFlag };

  protected override readonly advice = ['reason'];

  async run(): Promise<Dyno[]> {
    const { args, flags } = await this.parse(PsRestart);
    const { dyno } = args;
    const api = await this.api();
    const { name: app } = await api.apps.get({ app: appNamed(flags.app) });
    await checkRuns(api, 'no dyno runs that could be restarted');
    return dyno === undefined ? api.dynos.restartAll({ app }) : api.dynos.restart({ app, dyno });
  }

  protected render(dynos: Dyno[], out: Output): void {
    const [first] = dynos;
    if (first === undefined) return out.note('No dyno runs that could be restarted.');
    out.line(`Restarting ${dynos.map(({ name }) => name).join(', ')} of ${first.app.name}.`);
    this.hint(`Wait until they are up: aka ps:wait -a ${first.app.name}`);
  }
}
