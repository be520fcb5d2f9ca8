import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { showTopology } from '../../src/cli/topology-view.js';
import type { Topology } from '../../src/contract/wire.js';

export default class SpacesTopology extends AkaCommand<Topology> {
  static override summary = 'show the apps and network access of a space';
  static override description =
    'Shows dynos, addresses and allowed connections. To test that they are enforced: <%= config.bin %> spaces:check SPACE';
  static override examples = [
    '<%= config.bin %> spaces:topology demo',
    "<%= config.bin %> spaces:topology demo --json | jq -r '.apps[].dynos[].host'",
  ];
  static override args = { space: argument.required('name of the space') };

  protected override readonly advice = ['reason'];

  async run(): Promise<Topology> {
    const { args } = await this.parse(SpacesTopology);
    const { spaces } = await this.api();
    return spaces.topology({ space: args.space });
  }

  protected render(topology: Topology, out: Output): void {
    showTopology(out, topology);
  }
}
