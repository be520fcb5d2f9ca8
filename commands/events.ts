import { Flags } from '@oclif/core';
import { AkaCommand } from '../src/cli/command.js';
import { EXIT } from '../src/cli/exit-codes.js';
import type { Output } from '../src/cli/output.js';
import { taken } from '../src/cli/streams.js';
import type { PlatformEvents } from '../src/contract/apps-api.js';
import type { PlatformEvent } from '../src/contract/wire.js';
import { printable } from '../src/model/rule.js';

type Change = Pick<Extract<PlatformEvent, { event: 'change' }>, 'seq' | 'action' | 'space' | 'app' | 'at'>;

export default class Events extends AkaCommand<AsyncIterable<Change>> {
  static override summary = 'list or follow changes';
  static override description =
    'Shows the number, the action and the subject of each change in your spaces. With --json, prints one JSON document per line. For the user and the details of a change, see the audit log: <%= config.bin %> audits';
  static override examples = [
    '<%= config.bin %> events --tail',
    '<%= config.bin %> events --since 120 --tail --json',
  ];
  static override flags = {
    tail: Flags.boolean({ char: 't', description: 'follow new changes' }),
    since: Flags.integer({
      description: 'number of a change: only later ones (default 0, with --tail the last change)',
      helpValue: 'SEQ',
      min: 0,
    }),
  };

  async run(): Promise<AsyncIterable<Change>> {
    const { flags } = await this.parse(Events);
    const follow = flags.tail === true;
    const since = flags.since ?? (follow ? undefined : 0);
    const { events } = await this.api();
    const filter = { follow, ...(since !== undefined && { since }) };
    return this.#changes(await events.read(filter, this.untilInterrupted()), follow);
  }

  /** Changes that are followed end at Ctrl-C; if they do before, the reader has to know. */
  async *#changes(events: PlatformEvents, follow: boolean): AsyncGenerator<Change> {
    for await (const each of events) {
      if (each.event === 'hello') continue;
      const { seq, action, space, app, at } = each;
      yield { seq, action, space, app, at };
    }
    if (!follow || this.answer !== EXIT.done) return;
    this.answer = EXIT.unreachable;
    this.caution('The events ended: the platform was stopped.');
  }

  protected async render(changes: AsyncIterable<Change>, out: Output): Promise<void> {
    let any = false;
    for await (const { seq, at, action, space, app } of changes) {
      any = true;
      const subject = app === null ? (space ?? '') : `${app}-${space}`;
      const cells = [String(seq), out.style.faint(printable(at)), printable(action), printable(subject)];
      out.styled(cells.join(out.isTerminal ? ' ' : '\t').trimEnd());
      await taken(process.stdout);
    }
    if (!any) out.note('No changes.');
  }
}
