import { AkaCommand } from '../../src/cli/command.js';
import { tunnelTarget } from '../../src/cli/connect.js';
import { usage } from '../../src/cli/failure.js';
import { appNamed } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { runFlags, runOrder } from '../../src/cli/run-flags.js';

type Detached = { readonly app: string; readonly dyno: string };

export default class RunDetached extends AkaCommand<Detached> {
  static override summary = 'run a command in the background in a one-off dyno';
  static override description =
    'The dyno has no input. It runs until its program exits or the platform stops. Its output goes to the log of the app.';
  static override examples = [
    '<%= config.bin %> run:detached -a web-demo -- node migrate.js',
    '<%= config.bin %> run:detached -a web-demo --size gp2 -- "node report.js | sort"',
  ];
  static override strict = false;
  static override usage = 'run:detached -a APP-SPACE [FLAGS] -- COMMAND...';
  static override flags = runFlags;

  async run(): Promise<Detached> {
    const { argv, flags } = await this.parse(RunDetached);
    const app = appNamed(flags.app);
    if (argv.length === 0)
      throw usage('A command is missing.', 'For example: aka run:detached -a web-demo -- ls');
    const order = { ...runOrder(argv.map(String), flags), detached: true };
    const target = await tunnelTarget(this.flags, this.env);
    await this.announce();
    const { openTunnel } = await import('../../src/client/tunnel.js');
    const { dyno, socket } = await openTunnel(target, { name: 'aka-run', app, order });
    socket.destroy();
    return { app, dyno };
  }

  protected render({ app, dyno }: Detached, out: Output): void {
    out.line(`Running in ${dyno} of ${app}.`);
    this.hint(`Follow its output: aka logs -t --dyno ${dyno} -a ${app}`);
  }
}
