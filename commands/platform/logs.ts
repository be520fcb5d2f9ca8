import { Flags } from '@oclif/core';
import { tailFlag } from '../../src/cli/flags.js';
import { showLog } from '../../src/cli/log-view.js';
import { MachineCommand } from '../../src/cli/machine-command.js';
import type { Output } from '../../src/cli/output.js';
import type { LogEntry } from '../../src/contract/logs.js';

export default class PlatformLogs extends MachineCommand<AsyncIterable<LogEntry>> {
  static override summary = 'show the log of the local platform';
  static override description =
    "Doesn't include the logs of apps. Works even when the platform is stopped. With --json, prints one JSON document per line.";
  static override examples = [
    '<%= config.bin %> platform:logs',
    '<%= config.bin %> platform:logs -n 1000 --json',
    '<%= config.bin %> platform:logs --tail',
  ];
  static override flags = {
    tail: tailFlag,
    lines: Flags.integer({
      char: 'n',
      description: 'number of last lines (default 100)',
      default: 100,
      min: 0,
      helpValue: 'LINES',
    }),
  };

  async run(): Promise<AsyncIterable<LogEntry>> {
    const { flags } = await this.parse(PlatformLogs);
    const machine = this.thisMachine('have its log read from here');
    const follow = flags.tail ? { follow: this.untilInterrupted() } : {};
    return await machine.daemonLog({ lines: flags.lines, ...follow });
  }

  protected async render(entries: AsyncIterable<LogEntry>, out: Output): Promise<void> {
    await showLog(entries, out);
  }
}
