import { AkaCommand } from '../../src/cli/command.js';
import { staleVarsTexts } from '../../src/cli/dyno-view.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import {
  budgetText,
  complianceEffects,
  concernCells,
  dynosText,
  showApps,
  spaceFacts,
} from '../../src/cli/space-view.js';
import type { Discovery, Dyno, Space } from '../../src/contract/wire.js';
import { FOR_EVER } from '../../src/model/compliance.js';

type SpaceInfo = Space & { discovery: Discovery; dynos: Dyno[] | null };

export default class SpacesInfo extends AkaCommand<SpaceInfo> {
  static override summary = 'show a space';
  static override description = 'Shows its compliance, domains and discovery.';
  static override examples = [
    '<%= config.bin %> spaces:info demo',
    "<%= config.bin %> spaces:info demo --json | jq -r '.compliance[]'",
  ];
  static override args = { space: argument.required('name of the space') };

  protected override readonly advice = ['remedy', 'reason'];

  async run(): Promise<SpaceInfo> {
    const { args } = await this.parse(SpacesInfo);
    const api = await this.api();
    const space = await api.spaces.get({ space: args.space });
    const [discovery, dynos] = await Promise.all([
      api.spaces.discovery({ space: space.id }),
      // Who does not say what network a space has does not know its dynos either, but app by app.
      space.network === undefined ? null : api.dynos.inSpace({ space: space.name }),
    ]);
    for (const text of staleVarsTexts(discovery.stale)) this.caution(text);
    return { ...space, discovery, dynos };
  }

  protected render({ discovery, dynos, ...space }: SpaceInfo, out: Output): void {
    out.facts([
      ...spaceFacts(space),
      ...(dynos === null ? [] : ([['Dynos', dynosText(discovery.apps, dynos)]] as const)),
    ]);
    if (space.compliance.length > 0) {
      out.heading('Compliance');
      const concerns = concernCells(space.concerns, out.style);
      const lacks = concerns.length === 0 ? [] : ([['not so', concerns]] as const);
      out.facts([...complianceEffects(space), ...lacks]);
      out.note(FOR_EVER);
    }
    out.heading('Apps');
    if (discovery.apps.length === 0) out.note(`No apps yet: aka apps:create NAME --space ${space.name}`);
    else showApps(out, discovery);
    const budget = budgetText(discovery);
    if (budget === undefined) return;
    out.heading('Environment');
    out.facts([['Budget', budget]]);
  }
}
