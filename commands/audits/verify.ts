import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { headIn } from '../../src/cli/audit-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { verifyExportFile } from '../../src/cli/local-platform.js';
import type { Cell, Output } from '../../src/cli/output.js';
import type { AuditVerdict } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class AuditsVerify extends AkaCommand<AuditVerdict> {
  static override summary = 'verify the integrity of the audit log';
  static override description =
    `Each record holds the hash of the one before. Exits 1 at the first record that was changed, moved or removed.

The log must contain the head in the config folder of the platform, or else in its last digest. --against adds a head that you kept. Every digest and every export has one. --file needs no platform.`;
  static override examples = [
    '<%= config.bin %> audits:verify',
    '<%= config.bin %> audits:verify --against 52732f6495b5c96c32187ac9411119ca70e504d8ad9982993c563f9846484219',
    '<%= config.bin %> audits:export audit.jsonl && <%= config.bin %> audits:verify --file audit.jsonl',
  ];
  static override flags = {
    against: Flags.string({ description: 'hash that the chain must contain', helpValue: 'HEAD' }),
    file: Flags.string({
      description: 'verify this file from audits:export instead of the platform',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<AuditVerdict> {
    const { flags } = await this.parse(AuditsVerify);
    const against = headIn(flags.against);
    const verdict =
      flags.file === undefined
        ? await (await this.api()).audits.verify(given({ against }))
        : await verifyExportFile(resolve(flags.file), against);
    this.answer = verdict.ok ? EXIT.done : EXIT.no;
    return verdict;
  }

  protected render(verdict: AuditVerdict, out: Output): void {
    const { against, first, hidden = 0, unchecked = 0 } = verdict;
    out.facts([
      ['Chain', chainCell(verdict, out)],
      ...(against === undefined ? [] : ([['Against', againstCell(against, out)]] as const)),
      ['Records', verdict.records],
      ...(first === undefined ? [] : ([['First', first]] as const)),
      ...(hidden === 0 ? [] : ([['Not told', hidden]] as const)),
      ...(unchecked === 0 ? [] : ([['Not checked', `${unchecked}: they are older than digests`]] as const)),
      ['Head', verdict.head],
    ]);
  }
}

function chainCell({ broken }: AuditVerdict, { style }: Output): Cell {
  if (broken === undefined) return { text: 'whole', style: style.good };
  const line = broken.line === undefined ? '' : ` (line ${broken.line})`;
  return { text: `broken at record ${broken.seq}${line}: ${broken.reason}`, style: style.bad };
}

function againstCell({ found, seq }: NonNullable<AuditVerdict['against']>, { style }: Output): Cell {
  return found
    ? { text: `found: it is the head of record ${seq}`, style: style.good }
    : { text: 'not found: records that led to it were cut off, or it is of another log', style: style.bad };
}
