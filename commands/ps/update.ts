import { AkaCommand } from '../../src/cli/command.js';
import { usage } from '../../src/cli/failure.js';
import { appFlag, appNamed, argument, formationFlags } from '../../src/cli/flags.js';
import { formationFacts, nextOf, wantedOf } from '../../src/cli/formation-view.js';
import type { Output } from '../../src/cli/output.js';
import { concernTexts } from '../../src/cli/space-view.js';
import type { Formation } from '../../src/contract/wire.js';

export default class PsUpdate extends AkaCommand<Formation> {
  static override summary = 'scale or reconfigure a process type';
  static override description =
    'A new command, size, port or health check replaces the running dynos. In a socs space, a new command waits for status checks.';
  static override examples = [
    '<%= config.bin %> ps:update web --quantity 3 -a web-demo',
    '<%= config.bin %> ps:update worker --grace 30 -a web-demo',
    '<%= config.bin %> ps:update web --size gp2 --healthcheck /healthz -a web-demo',
  ];
  static override args = { type: argument.required('process type, such as web') };
  static override flags = { app: appFlag, ...formationFlags };

  protected override readonly advice = ['remedy'];

  async run(): Promise<Formation> {
    const { args, flags } = await this.parse(PsUpdate);
    const app = appNamed(flags.app);
    const wanted = wantedOf(flags);
    if (Object.keys(wanted).length === 0) {
      throw usage(
        'Nothing to change is named.',
        'Name it: --quantity, --size, --command, --port, --healthcheck or --grace',
      );
    }
    const { formations } = await this.api();
    return formations.update({ app, type: args.type, ...wanted });
  }

  protected render(formation: Formation, out: Output): void {
    out.facts(formationFacts(formation));
    for (const text of concernTexts(formation.concerns)) this.caution(text);
    this.hint(nextOf(formation));
  }
}
