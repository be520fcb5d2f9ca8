import type { LogLines } from '../contract/apps-api.js';
import { AkaCommand } from './command.js';
import { EXIT } from './exit-codes.js';
import { logJson, logText } from './log-view.js';
import { styleFor } from './output.js';
import { atInterrupt } from './signals.js';

/** A command whose result is lines of a log, printed as they come: for a program, each a JSON document. */
export abstract class LogCommand extends AkaCommand<void> {
  /** Prints what `read` reads, until that ends or Ctrl-C ends it. */
  protected async print(
    read: (signal: AbortSignal) => Promise<LogLines>,
    { withApp = false, none = 'No lines yet.' } = {},
  ): Promise<void> {
    const end = new AbortController();
    atInterrupt(() => {
      this.answer = EXIT.interrupted;
      end.abort();
    });
    const style = await styleFor(process.stdout, this.env);
    const json = this.jsonEnabled();
    let count = 0;
    for await (const line of await read(end.signal)) {
      count += 1;
      process.stdout.write(`${json ? logJson(line) : logText(line, style, withApp)}\n`);
    }
    if (count === 0 && !end.signal.aborted) this.hint(none);
  }

  protected render(): void {}

  protected override printJson(): void {}
}
