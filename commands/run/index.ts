import { Flags } from '@oclif/core';
import { attach, exitCodeOf, terminalHere } from '../../src/cli/attach.js';
import { AkaCommand } from '../../src/cli/command.js';
import { tunnelTarget } from '../../src/cli/connect.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { CommandError, failureOf, usage } from '../../src/cli/failure.js';
import { appNamed } from '../../src/cli/flags.js';
import { runFlags, runOrder } from '../../src/cli/run-flags.js';
import type { ProgramExit, RunOrder } from '../../src/contract/tunnels.js';

interface Ran {
  readonly app: string;
  readonly dyno: string;
  readonly exit_code: number;
  readonly signal: string | null;
}

export default class Run extends AkaCommand<Ran> {
  static override summary = 'run a command in a one-off dyno';
  static override description =
    `Uses the files and config vars of the current release, and the network of the space. Several words are a program and its arguments. One word is a command line for the shell.

At a terminal, the command is interactive and defaults to a shell. Elsewhere, standard input, output and error pass through.

Exits with the code of the program, 128 plus the signal number, or 125 if it couldn't be run. With --json, the output of the program goes to standard error.`;
  static override examples = [
    '<%= config.bin %> run -a web-demo -- node migrate.js',
    '<%= config.bin %> run -a web-demo -- sh',
    '<%= config.bin %> run -a web-demo --size gp2 --env LOG_LEVEL=debug -- "node report.js | sort"',
    'echo hello | <%= config.bin %> run -a web-demo -- tr a-z A-Z',
  ];
  static override strict = false;
  static override usage = 'run -a APP-SPACE [FLAGS] -- COMMAND...';
  static override flags = {
    ...runFlags,
    tty: Flags.boolean({
      allowNo: true,
      description: 'allocate a terminal (default if standard input and output are terminals)',
    }),
  };

  async run(): Promise<Ran> {
    const { argv, flags } = await this.parse(Run);
    const app = appNamed(flags.app);
    const json = this.jsonEnabled();
    const terminal = flags.tty ?? (!json && process.stdin.isTTY && process.stdout.isTTY);
    const command = argv.length === 0 && terminal ? ['sh'] : argv.map(String);
    if (command.length === 0) throw usage('A command is missing.', 'For example: aka run -a web-demo -- ls');
    const order: RunOrder = {
      ...runOrder(command, flags),
      ...(terminal && { terminal: terminalHere(this.env) }),
    };
    const { dyno, exit } = await this.#run(app, order, { terminal, json }).catch((error: unknown) => {
      throw ownFailure(error);
    });
    if (exit.over_memory === true)
      this.caution(`${dyno} took more memory than its size allows: choose a larger one with --size.`);
    const code = exitCodeOf(exit);
    process.exitCode = code;
    return { app, dyno, exit_code: code, signal: exit.signal };
  }

  /** What there is to show, the program has printed itself. */
  protected render(): void {}

  async #run(
    app: string,
    order: RunOrder,
    { terminal, json }: { terminal: boolean; json: boolean },
  ): Promise<{ dyno: string; exit: ProgramExit }> {
    const target = await tunnelTarget(this.flags, this.env);
    await this.announce();
    const { RemoteRun } = await import('../../src/client/remote-run.js');
    const run = await RemoteRun.start(target, app, order);
    const exit = await attach(run, { terminal, stdout: json ? process.stderr : process.stdout });
    return { dyno: run.dyno, exit };
  }
}

/** Any other code would be taken for the program's; that nothing runs at all is what it is for every command. */
function ownFailure(error: unknown): CommandError {
  const failure = failureOf(error);
  return new CommandError({
    ...failure,
    exit: failure.id === 'not_running' ? EXIT.unreachable : EXIT.ownFailure,
  });
}
