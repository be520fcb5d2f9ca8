import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import { HOST_COLUMNS, hostRow, parsePort, spacesFlag } from '../../src/cli/host-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Host } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';
import { DEFAULT_HOST_NAME, parseHostName } from '../../src/model/host-services.js';

export default class PlatformAllowHost extends AkaCommand<Host[]> {
  static override summary = 'allow dynos to reach a service on this machine';
  static override description =
    'Dynos of the named spaces can connect to NAME:PORT, which leads to 127.0.0.1:PORT on the machine of the platform. Takes effect at once, even for running dynos.';
  static override examples = [
    '<%= config.bin %> platform:allow-host 5432 --space demo',
    '<%= config.bin %> platform:allow-host 5432 --space demo --space demo-staging --name database.internal',
  ];
  static override args = { port: argument.required('port of the service') };
  static override flags = {
    space: spacesFlag,
    name: Flags.string({
      description: `host name for dynos (default ${DEFAULT_HOST_NAME})`,
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<Host[]> {
    const { args, flags } = await this.parse(PlatformAllowHost);
    const port = parsePort(args.port);
    const name = flags.name === undefined ? undefined : parseHostName(flags.name);
    const api = await this.api();
    const allowed: Host[] = [];
    for (const space of flags.space) allowed.push(await api.hosts.allow({ space, port, ...given({ name }) }));
    if ((await api.platform.settings()).network === 'loopback') {
      this.caution(
        `Dynos are in the network of the machine here: all of them reach it anyway, at 127.0.0.1:${port}, and by no other name.`,
      );
    }
    return allowed;
  }

  protected render(hosts: Host[], out: Output): void {
    out.table(HOST_COLUMNS, hosts.map(hostRow));
  }
}
