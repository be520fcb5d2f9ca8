import { Flags } from '@oclif/core';
import { AkaCommand } from '../../src/cli/command.js';
import type { Output } from '../../src/cli/output.js';
import type { AuditEvent } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class Audits extends AkaCommand<AuditEvent[]> {
  static override summary = 'list the newest audit records: every change, and every refusal';
  static override examples = ['<%= config.bin %> audits', '<%= config.bin %> audits --space demo --size 50'];
  static override flags = {
    space: Flags.string({ char: 's', description: 'only what happened in this space', helpValue: 'SPACE' }),
    app: Flags.string({ char: 'a', description: 'only what happened to this app', helpValue: 'APP-SPACE' }),
    user: Flags.string({ char: 'u', description: 'only what this user did', helpValue: 'NAME' }),
    size: Flags.integer({ description: 'how many', helpValue: 'NUMBER', default: 20, min: 1, max: 10_000 }),
  };

  async run(): Promise<AuditEvent[]> {
    const { flags } = await this.parse(Audits);
    const { space, app, user, size } = flags;
    const { audits } = await this.api();
    return audits.list({ size, ...given({ space, app, user }) });
  }

  protected render(events: AuditEvent[], out: Output): void {
    if (events.length === 0) return out.note('No records like that. All of them: aka audits');
    out.table(
      ['NUMBER', 'TIME', 'WHO', 'WHAT', 'OUTCOME', 'SPACE', 'APP'],
      events.map((event) => [
        event.seq ?? '',
        event.received_at,
        event.username ?? '',
        event.action,
        event.outcome === 'refused' ? { text: 'refused', style: out.style.caution } : (event.outcome ?? ''),
        event.space ?? '',
        event.app ?? '',
      ]),
    );
  }
}
