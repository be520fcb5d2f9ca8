import { Flags } from '@oclif/core';
import { eventDetails, sinceIn } from '../../src/cli/audit-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { momentCell } from '../../src/cli/moment.js';
import type { Cell, Output } from '../../src/cli/output.js';
import type { AuditEvent } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class Audits extends AkaCommand<AuditEvent[]> {
  static override summary = 'list audit records';
  static override description = 'Lists every change and every refused request, newest first.';
  static override examples = [
    '<%= config.bin %> audits',
    '<%= config.bin %> audits --space demo --since 7d --details',
    '<%= config.bin %> audits --app web-demo --user ann --since 2026-11-01 --size 50',
  ];
  static override flags = {
    space: Flags.string({ char: 's', description: 'only records of this space', helpValue: 'SPACE' }),
    app: Flags.string({ char: 'a', description: 'only records of this app', helpValue: 'APP-SPACE' }),
    user: Flags.string({ char: 'u', description: 'only records of this user or token', helpValue: 'NAME' }),
    since: Flags.string({
      description: 'only records since: 7d, 12h or 30m ago, or a day or time in UTC',
      helpValue: 'TIME',
    }),
    details: Flags.boolean({
      description: 'also show the origin of each request, and the change or the reason for the refusal',
    }),
    size: Flags.integer({
      description: 'number of records (default 20)',
      helpValue: 'NUMBER',
      default: 20,
      min: 1,
      max: 10_000,
    }),
  };

  #detailed = false;

  async run(): Promise<AuditEvent[]> {
    const { flags } = await this.parse(Audits);
    const { space, app, user, size } = flags;
    const since = sinceIn(flags.since);
    this.#detailed = flags.details;
    const { audits } = await this.api();
    const events = await audits.list({ size, ...given({ space, app, user, since }) });
    // Not every platform knows of times; what it answered is then not what was asked for.
    return since === undefined
      ? events
      : events.filter(({ received_at: at }) => Date.parse(at) >= Date.parse(since));
  }

  protected render(events: AuditEvent[], out: Output): void {
    if (events.length === 0) return out.note('No records like that. All of them: aka audits');
    const head = ['NUMBER', 'TIME', 'WHO', 'WHAT', 'OUTCOME', 'SPACE', 'APP'];
    out.table(
      this.#detailed ? [...head, 'FROM', 'DETAILS'] : head,
      events.map((event) => [...cellsOf(event, out), ...(this.#detailed ? detailsOf(event) : [])]),
    );
  }
}

function cellsOf(event: AuditEvent, out: Output): Cell[] {
  return [
    event.seq ?? '',
    momentCell(out, event.received_at),
    event.username ?? '',
    event.action,
    event.outcome === 'refused' ? { text: 'refused', style: out.style.caution } : (event.outcome ?? ''),
    event.space ?? '',
    event.app ?? '',
  ];
}

function detailsOf(event: AuditEvent): Cell[] {
  const { origin, details } = eventDetails(event);
  return [origin, details];
}
