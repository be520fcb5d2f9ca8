import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { sinceIn } from '../../src/cli/audit-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { interrupted } from '../../src/cli/failure.js';
import { argument } from '../../src/cli/flags.js';
import { writeLines } from '../../src/cli/local-platform.js';
import type { Output } from '../../src/cli/output.js';
import { isStream, taken } from '../../src/cli/streams.js';
import type { AuditLines } from '../../src/contract/apps-api.js';
import type { AuditLine } from '../../src/contract/wire.js';
import { auditLineText } from '../../src/model/audit-line.js';
import { given } from '../../src/model/given.js';

interface Exported {
  readonly file: string;
  readonly bytes: number;
  readonly records: number;
  /** The number of the first; null if there is none, and so the head. */
  readonly first: number | null;
  readonly head: string | null;
}

export default class AuditsExport extends AkaCommand<Exported | AuditLines> {
  static override summary = 'export audit records as JSON lines';
  static override description =
    `Writes to FILE, readable by its owner only, or to standard output. With --space, replaces the records of other spaces by hashes, so that the chain stays verifiable.

Verify the export without the platform: <%= config.bin %> audits:verify --file FILE. The format is in docs/audit.md.`;
  static override examples = [
    '<%= config.bin %> audits:export audit.jsonl',
    '<%= config.bin %> audits:export november.jsonl --space demo --since 2026-11-01',
    '<%= config.bin %> audits:export --since 7d',
  ];
  static override args = { file: argument.optional('file to write (default standard output)') };
  static override flags = {
    space: Flags.string({
      char: 's',
      description: 'only records of this space',
      helpValue: 'SPACE',
    }),
    since: Flags.string({
      description: 'only records since: 7d, 12h or 30m ago, or a day or time in UTC',
      helpValue: 'TIME',
    }),
    force: Flags.boolean({ char: 'f', description: 'overwrite the file if it exists' }),
  };

  async run(): Promise<Exported | AuditLines> {
    const { args, flags } = await this.parse(AuditsExport);
    const since = sinceIn(flags.since);
    const { audits } = await this.api();
    const lines = await audits.export(given({ space: flags.space, since }), this.untilInterrupted());
    return args.file === undefined ? lines : this.#written(resolve(args.file), lines, flags.force);
  }

  async #written(file: string, lines: AuditLines, replace: boolean): Promise<Exported> {
    let records = 0;
    let first: number | null = null;
    let last: AuditLine | undefined;
    const texts = async function* (isInterrupted: () => boolean): AsyncGenerator<string> {
      for await (const line of lines) {
        records += 1;
        first ??= line.seq;
        last = line;
        yield auditLineText(line);
      }
      // What ended early is no export.
      if (isInterrupted()) throw interrupted();
    };
    const bytes = await writeLines(
      file,
      texts(() => this.answer === EXIT.interrupted),
      { replace },
    );
    return { file, bytes, records, first, head: last?.hash ?? null };
  }

  protected async render(result: Exported | AuditLines, out: Output): Promise<void> {
    if (isStream(result)) {
      for await (const line of result) {
        out.raw(auditLineText(line));
        await taken(process.stdout);
      }
      return;
    }
    const { file, bytes, records, first, head } = result;
    out.facts([
      ['File', file],
      ['Bytes', bytes],
      ['Records', records],
      ['First', first ?? 'none'],
      ['Head', head ?? 'none'],
    ]);
  }
}
