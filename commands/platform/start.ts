import { Flags } from '@oclif/core';
import {
  alreadyRunning,
  type Daemon,
  daemonFacts,
  daemonOf,
  launchFailure,
} from '../../src/cli/daemon-view.js';
import { listenFlag, parseListen } from '../../src/cli/listen.js';
import type { Listen, LocalPlatform } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';
import { endWith } from '../../src/cli/serving.js';
import { listenText } from '../../src/contract/daemon.js';
import { VERSION } from '../../src/contract/version.js';

export default class PlatformStart extends MachineCommand<Daemon> {
  static override summary = 'start the local platform';
  static override description =
    `Runs in the background until platform:stop or shutdown. A supervisor restarts it after a crash. With --foreground, runs without a supervisor until Ctrl-C or SIGTERM.

Serves the Apps API on a unix socket in the data folder that only you can use. With --listen, also serves it on TCP, with bearer tokens.

Valid tokens are those of platform:tokens, and one from AKA_TOKEN, API_AUTH or API_TOKEN. Without such a variable, the platform creates one in the config folder.`;
  static override examples = [
    '<%= config.bin %> platform:start',
    '<%= config.bin %> platform:start --listen 127.0.0.1:5000',
    '<%= config.bin %> platform:start --foreground',
    '<%= config.bin %> platform:start --no-egress',
  ];
  static override flags = {
    foreground: Flags.boolean({ description: 'run in the foreground, for a service manager' }),
    listen: listenFlag,
    egress: Flags.boolean({
      allowNo: true,
      description: 'allow dynos to reach other machines (default the current setting)',
    }),
  };

  async run(): Promise<Daemon> {
    const { flags } = await this.parse(PlatformStart);
    const listen = parseListen(flags.listen);
    const machine = this.thisMachine('be started from here');
    if (flags.egress !== undefined) await machine.configure({ egress: flags.egress ? 'open' : 'sealed' });
    const lost = await machine.lostAuditHead();
    if (lost !== undefined) this.caution(`${lost} To look at it: aka audits:verify`);
    const daemon = flags.foreground
      ? await this.#serve(machine, listen)
      : await this.#launch(machine, listen);
    // Under --json they are in the result.
    if (this.jsonEnabled()) return daemon;
    for (const address of daemon.addresses) this.progress(`Listening on ${address}`);
    if (daemon.token_file !== null) this.progress(`The token for TCP is in ${daemon.token_file}`);
    return daemon;
  }

  protected render(daemon: Daemon, out: Output): void {
    out.facts(daemonFacts(daemon));
  }

  async #serve(machine: LocalPlatform, listen: Listen | undefined): Promise<Daemon> {
    // What it makes is its user's alone, whatever it is started from.
    process.umask(0o077);
    const running = await machine.run({
      ...(listen !== undefined && { listen }),
      onDefect: (line) => this.progress(line),
    });
    endWith(running);
    return daemonOf(await running.status(), { socket: running.socket, already_running: false });
  }

  async #launch(machine: LocalPlatform, listen: Listen | undefined): Promise<Daemon> {
    const wanted = { version: VERSION, listen: listen === undefined ? null : listenText(listen) };
    const there = await machine.daemon();
    if (there !== undefined) return alreadyRunning(there, wanted, machine.socket);
    const launched = await machine.launch(wanted.listen ?? undefined);
    if (launched.kind !== 'running') throw launchFailure(launched);
    if (!launched.own) return alreadyRunning(launched.status, wanted, machine.socket);
    return daemonOf(launched.status, { socket: machine.socket, already_running: false });
  }
}
