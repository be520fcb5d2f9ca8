import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import { HOST_COLUMNS, hostRow, parsePort, spacesFlag } from '../../src/cli/host-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Host } from '../../src/contract/wire.js';

export default class PlatformDenyHost extends AkaCommand<Host[]> {
  static override summary = 'revoke the access of dynos to a service on this machine';
  static override description = 'Closes open connections at once.';
  static override examples = ['<%= config.bin %> platform:deny-host 5432 --space demo'];
  static override args = { port: argument.required('allowed port') };
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
