import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { showTopology } from '../../src/cli/topology-view.js';
import type { Topology } from '../../src/contract/wire.js';

export default class SpacesTopology extends AkaCommand<Topology> {
  static override summary = 'show the apps, dynos and addresses of a space, and who reaches whom';
  static override description =
    'What is meant to be; whether it holds, <%= config.bin %> spaces:check proves.';
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
