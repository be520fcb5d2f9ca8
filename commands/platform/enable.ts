import { listenFlag, parseListen } from '../../src/cli/listen.js';
import type { Enabled } from '../../src/cli/local-platform.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';
import { listenText } from '../../src/contract/daemon.js';

export default class PlatformEnable extends MachineCommand<Enabled> {
  static override summary = 'start the platform at boot';
  static override description =
    "Installs a systemd user unit. Without systemd, prints instructions and exits 7. Doesn't start the platform now.";
  static override examples = [
    '<%= config.bin %> platform:enable',
    '<%= config.bin %> platform:enable --listen 127.0.0.1:5000',
  ];
  static override flags = { listen: listenFlag };

  async run(): Promise<Enabled> {
    const { flags } = await this.parse(PlatformEnable);
    const listen = parseListen(flags.listen);
    const machine = this.thisMachine('be enabled from here');
    const enabled = await machine.enable(listen && listenText(listen));
    if (enabled.starts === 'at login') {
      this.caution(`It starts when you log in. To have it start before that: ${enabled.linger}`);
    }
    this.hint('To start it now: aka platform:start');
    return enabled;
  }

  protected render({ unit, file, starts }: Enabled, out: Output): void {
    out.facts([
      ['Unit', unit],
      ['File', file],
      ['Starts', starts],
    ]);
  }
}
