import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { argument } from '../../src/cli/flags.js';
import { HOST_COLUMNS, hostRow, parsePort, spacesFlag } from '../../src/cli/host-view.js';
import type { Output } from '../../src/cli/output.js';
import type { Host } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';
import { DEFAULT_HOST_NAME, parseHostName } from '../../src/model/host-services.js';

export default class PlatformAllowHost extends AkaCommand<Host[]> {
  static override summary = 'let dynos reach a service of this machine';
  static override description =
    `What listens on the port at 127.0.0.1 of the platform's machine, such as a database, can then be reached by the dynos of the spaces named, and of no others: under NAME and the same port. It holds at once, for running dynos too.`;
  static override examples = [
    '<%= config.bin %> platform:allow-host 5432 --space demo',
    '<%= config.bin %> platform:allow-host 5432 --space demo --space demo-staging --name database.internal',
  ];
  static override args = { port: argument.required('port that the service listens on') };
  static override flags = {
    space: spacesFlag,
    name: Flags.string({
      description: `what dynos call the machine; ${DEFAULT_HOST_NAME} unless told`,
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
