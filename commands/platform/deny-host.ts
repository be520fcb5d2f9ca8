import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import { HOST_COLUMNS, hostRow, parsePort, spacesFlag } from '../../src/cli/host-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Host } from '../../src/contract/wire.js';

export default class PlatformDenyHost extends AkaCommand<Host[]> {
  static override summary = 'let dynos reach a service of this machine no more';
  static override description = 'Connections that are open end at once.';
  static override examples = ['<%= config.bin %> platform:deny-host 5432 --space demo'];
  static override args = { port: argument.required('port that was allowed') };
  static override flags = { space: spacesFlag };

  async run(): Promise<Host[]> {
    const { args, flags } = await this.parse(PlatformDenyHost);
    const port = String(parsePort(args.port));
    const { hosts } = await this.api();
    const denied: Host[] = [];
    for (const space of flags.space) denied.push(await hosts.deny({ space, port }));
    return denied;
  }

  protected render(hosts: Host[], out: Output): void {
    out.table(HOST_COLUMNS, hosts.map(hostRow));
  }
}
