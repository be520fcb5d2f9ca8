import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import { tunnelTarget } from '../../src/cli/connect.js';
import { usage } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import { parsePort } from '../../src/cli/host-view.js';
import type { Output } from '../../src/cli/output.js';
import { listenText } from '../../src/contract/daemon.js';
import { isLoopback } from '../../src/model/addresses.js';
import { given } from '../../src/model/given.js';

interface Forwarded {
  readonly app: string;
  /** The one that was reached first; without --dyno connections go round all that are well. */
  readonly dyno: string;
  readonly port: number;
  /** Where it is here, as HOST:PORT. */
  readonly address: string;
}

export default class AppsForward extends AkaCommand<Forwarded> {
  static override summary = 'forward a local port to a dyno';
  static override description =
    'Runs until Ctrl-C. Connections go to the port of a healthy dyno, or of the dyno in --dyno. Only programs on this machine can connect.';
  static override examples = [
    '<%= config.bin %> apps:forward web-demo 5000',
    '<%= config.bin %> apps:forward db-demo 5432 --local 15432',
    '<%= config.bin %> apps:forward web-demo 9229 --dyno web.2',
  ];
  static override args = {
    app: argument.required('app, as APP-SPACE'),
    port: argument.required('port that a program in the dyno listens on'),
  };
  static override flags = {
    local: Flags.string({
      description: 'local address to listen on (default 127.0.0.1 and the same port, or a free one)',
      helpValue: '[HOST:]PORT',
    }),
    dyno: Flags.string({
      description: 'dyno to connect to, such as web.1 (default any healthy dyno)',
      helpValue: 'DYNO',
    }),
  };

  async run(): Promise<Forwarded> {
    const { args, flags } = await this.parse(AppsForward);
    const { app } = args;
    const port = parsePort(args.port);
    const local = flags.local === undefined ? { host: '127.0.0.1' } : parseLocal(flags.local);
    const target = await tunnelTarget(this.flags, this.env);
    const { forward } = await import('../../src/client/forward.js');
    const there = await forward({
      target,
      app,
      order: { port, ...given({ dyno: flags.dyno }) },
      local,
      onFailure: (message) => this.caution(message),
    });
    this.hint('Ctrl-C ends it.');
    return { app, dyno: there.dyno, port, address: listenText(there) };
  }

  protected render({ app, dyno, port, address }: Forwarded, out: Output): void {
    out.facts([
      ['Address', address],
      ['App', app],
      ['Dyno', dyno],
      ['Port', port],
    ]);
  }
}

/** Takes `[HOST:]PORT` apart. Throws unless the host is this machine alone. */
function parseLocal(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':');
  const host = at === -1 ? '127.0.0.1' : text.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  if (!isLoopback(host)) {
    throw usage(
      'Connections are taken from this machine only.',
      'Use a loopback address: --local 127.0.0.1:PORT',
      'not_loopback',
    );
  }
  return { host, port: parsePort(text.slice(at + 1)) };
}
