import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { HOST_COLUMNS, hostRow } from '../../src/cli/host-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Host } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class PlatformAllowedHosts extends AkaCommand<Host[]> {
  static override summary = 'list the services on this machine that dynos can reach';
  static override examples = [
    '<%= config.bin %> platform:allowed-hosts',
    '<%= config.bin %> platform:allowed-hosts --space demo',
  ];
  static override flags = {
    space: Flags.string({ char: 's', description: 'only services for this space', helpValue: 'SPACE' }),
  };

  async run(): Promise<Host[]> {
    const { flags } = await this.parse(PlatformAllowedHosts);
    const { hosts } = await this.api();
    return hosts.list(given({ space: flags.space }));
  }

  protected render(hosts: Host[], out: Output): void {
    if (hosts.length === 0) return out.note('None: aka platform:allow-host PORT --space SPACE');
    out.table(HOST_COLUMNS, hosts.map(hostRow));
  }
}
