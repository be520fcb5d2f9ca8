import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed, argument, formationFlags } from '../../src/cli/flags.js';
import { formationFacts, wantedOf } from '../../src/cli/formation-view.js';
import type { Output } from '../../src/cli/output.js';
import { concernTexts } from '../../src/cli/space-view.js';
import type { Formation } from '../../src/contract/wire.js';

export default class PsCreate extends AkaCommand<Formation> {
  static override summary = 'add a process type to an app';
  static override description =
    'Builds add the process types of the Procfile automatically. Requests to the app go to dynos of type web.';
  static override examples = [
    '<%= config.bin %> ps:create worker --command "node worker.js" -a web-demo',
    '<%= config.bin %> ps:create web --command "npm start" --quantity 2 --healthcheck /healthz -a web-demo',
  ];
  static override args = { type: argument.required('name of the process type, such as worker') };
  static override flags = { app: appFlag, ...formationFlags };

  protected override readonly advice = ['remedy'];

  async run(): Promise<Formation> {
    const { args, flags } = await this.parse(PsCreate);
    const app = appNamed(flags.app);
    const { formations } = await this.api();
    return formations.create({ app, type: args.type, ...wantedOf(flags) });
  }

  protected render(formation: Formation, out: Output): void {
    out.facts(formationFacts(formation));
    for (const text of concernTexts(formation.concerns)) this.caution(text);
  }
}
