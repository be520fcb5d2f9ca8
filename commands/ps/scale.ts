import { AkaCommand } from '../../src/cli/command.js';
import { appFlag, appNamed } from '../../src/cli/flags.js';
import { looksLikeApp } from '../../src/cli/input/app-word.js';
import type { Output } from '../../src/cli/output.js';
import { parseScale, scaleChanges } from '../../src/cli/scale-words.js';
import { concernTexts } from '../../src/cli/space-view.js';
import type { Formation } from '../../src/contract/wire.js';

export default class PsScale extends AkaCommand<Formation[]> {
  static override summary = 'scale the process types of an app';
  static override description =
    'TYPE=NUMBER sets the number of dynos. TYPE+NUMBER and TYPE-NUMBER change it. TYPE=NUMBER:SIZE also sets the size. Makes all changes or none. Without arguments, shows the process types.';
  static override examples = [
    '<%= config.bin %> ps:scale web=2 worker+1 -a web-demo',
    '<%= config.bin %> ps:scale web=2:gp2 -a web-demo',
    '<%= config.bin %> ps:scale -a web-demo',
  ];
  static override strict = false;
  static override usage = 'ps:scale [TYPE=NUMBER[:SIZE]]... [-a APP-SPACE]';
  static override flags = { app: appFlag };

  protected override readonly advice = ['remedy'];

  async run(): Promise<Formation[]> {
    const { argv, flags } = await this.parse(PsScale);
    const words = argv.map(String);
    const named = flags.app === undefined ? words.find(looksLikeApp) : undefined;
    const app = appNamed(flags.app ?? named);
    const wanted = parseScale(words.filter((word) => word !== named));
    const { formations } = await this.api();
    if (wanted.length === 0) return formations.list({ app });
    const now = wanted.some(({ by }) => by !== '=') ? await formations.list({ app }) : [];
    return formations.batch({ app, changes: scaleChanges(wanted, now) });
  }

  protected render(formations: Formation[], out: Output): void {
    if (formations.length === 0)
      return out.note('No process types yet: a deployment adds those of the Procfile.');
    out.table(
      ['TYPE', 'QUANTITY', 'SIZE', 'COMMAND'],
      formations.map(({ type, quantity, size, command }) => [type, String(quantity), size, command ?? '']),
    );
    for (const text of formations.flatMap(({ concerns }) => concernTexts(concerns))) this.caution(text);
  }
}
