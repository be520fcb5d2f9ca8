import { Flags } from '@oclif/core';
import { EXIT } from '../../src/cli/exit-codes.js';
import { usage } from '../../src/cli/failure.js';
import type { Running } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';
import { atInterrupt } from '../../src/cli/signals.js';

type Started = Omit<Running, 'stop' | 'tokenFile'> & { readonly token_file: string | null };

export default class PlatformStart extends MachineCommand<Started> {
  static override summary = 'serve the platform of this machine to other programs';
  static override description =
    'The Apps API, on a unix socket in the data folder that only you can use, and on TCP if asked: there a bearer token is needed, which is that in AKA_TOKEN, API_AUTH or API_TOKEN, or else one that is made and kept in the config folder. It runs until it is told to stop with Ctrl-C or SIGTERM.';
  static override examples = [
    '<%= config.bin %> platform:start --foreground',
    '<%= config.bin %> platform:start --foreground --listen 127.0.0.1:5000',
  ];
  static override flags = {
    foreground: Flags.boolean({ description: 'stay in the foreground; needed' }),
    listen: Flags.string({
      description: 'also listen on this loopback address; port 0 takes any free one',
      helpValue: 'HOST:PORT',
    }),
  };

  async run(): Promise<Started> {
    const { flags } = await this.parse(PlatformStart);
    if (!flags.foreground) {
      throw usage(
        'The platform is served in the foreground only.',
        'Say so: aka platform:start --foreground',
      );
    }
    const machine = this.thisMachine('be started from here');
    const running = await machine.run(
      flags.listen === undefined ? {} : { listen: parseListen(flags.listen) },
    );
    stopOnSignals(running);
    for (const address of running.addresses) this.progress(`Listening on ${address}`);
    if (running.tokenFile !== null) this.progress(`The token for TCP is in ${running.tokenFile}`);
    const { pid, socket, addresses, tokenFile } = running;
    return { pid, socket, addresses, token_file: tokenFile };
  }

  protected render(started: Started, out: Output): void {
    out.facts([
      ['Process', started.pid],
      ['Addresses', started.addresses],
    ]);
  }
}

/** Ends the process in order: 0 if it was told to (SIGTERM), as interrupted at Ctrl-C. A second Ctrl-C ends it at once. */
function stopOnSignals(running: Running): void {
  const stop = (code: number): void => {
    void running.stop().finally(() => process.exit(code));
  };
  atInterrupt(() => stop(EXIT.interrupted));
  process.once('SIGTERM', () => stop(EXIT.done));
}

function parseListen(text: string): { host: string; port: number } {
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text);
  const port = Number(parts?.[2]);
  if (parts?.[1] === undefined || port > 65_535) {
    throw usage('--listen takes an address and a port.', 'For example: --listen 127.0.0.1:5000');
  }
  return { host: parts[1].replace(/^\[|\]$/g, ''), port };
}
