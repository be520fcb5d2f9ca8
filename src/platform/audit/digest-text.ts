import type { Attachment } from './attachment.js';
import type { ChainState } from './chain.js';
import type { Digest, Told } from './digest.js';

/** A line that says what a digest is about, safe in a header: names and numbers only. */
export function digestSubject(digest: Digest): string {
  const { space, since, until, chain } = digest;
  const broken = chain.broken === undefined ? '' : 'AUDIT LOG BROKEN: ';
  return `[aka] ${broken}space ${space}, ${countsText(digest)}, ${day(since)} to ${day(until)}`;
}

/** `12 changes, 1 refusal, 1 check overruled`. */
export function countsText({ counts, overruled }: Digest): string {
  const sum = (outcome: 'done' | 'refused'): number => counts.reduce((all, count) => all + count[outcome], 0);
  const overrulings = overruled.entries.length + overruled.more;
  return [
    many(sum('done'), 'change', 'changes'),
    many(sum('refused'), 'refusal', 'refusals'),
    ...(overrulings === 0 ? [] : [many(overrulings, 'check overruled', 'checks overruled')]),
  ].join(', ');
}

/** What was found of the audit log, in a sentence. */
export function chainText({ records, broken }: ChainState): string {
  return broken === undefined
    ? `The audit log is whole: all ${records} records of the platform follow from each other.`
    : `The audit log is BROKEN at record ${broken.seq}: ${broken.reason}.`;
}

/** How the head of a digest is used. */
export function headText({ broken }: ChainState): string {
  return broken === undefined
    ? 'Keep this head: aka audits:verify --against HEAD tells later whether records were cut off or changed.'
    : 'This is the hash of the last record that fits. Find out who changed the log: aka audits:verify';
}

/** How to see those that are not told. */
export function moreText(more: number, { space, since }: Digest): string {
  return `${many(more, 'more is', 'more are')} not shown. All of them: aka audits:export --space ${space} --since ${since}`;
}

/** What goes with a digest, and how to check it. */
export function attachedText(attached: Attachment, { space, since, chain }: Digest): string {
  const { filename, first, last, isCut } = attached;
  const what = `Attached: records ${first} to ${last} of the log, those of other spaces as digests only.`;
  return isCut
    ? `${what} There are more than go with a mail: aka audits:export --space ${space} --since ${since}`
    : `${what} To check them: aka audits:verify --file ${filename} --against ${chain.head}`;
}

/** The parts of a digest that have a table, with their titles; those without any entry are left out. */
export function sectionsOf(digest: Digest): { readonly title: string; readonly told: Told }[] {
  return [
    { title: 'Checks overruled', told: digest.overruled },
    { title: 'Refusals', told: digest.refusals },
    { title: 'Changes', told: digest.changes },
  ].filter(({ told }) => told.entries.length > 0);
}

/** `2026-11-23 09:00`, in UTC; what is no time stays as it is. */
export function minute(time: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(time) ? time.slice(0, 16).replace('T', ' ') : time;
}

/** A digest as plain text, for any mail program and for terminals. */
export function digestText(digest: Digest, attached?: Attachment): string {
  const { space, since, until, chain } = digest;
  const lines = [
    `Space ${space}: ${countsText(digest)}`,
    `From ${minute(since)} to ${minute(until)} UTC`,
    '',
    chainText(chain),
    `Head: ${chain.head}`,
    headText(chain),
    ...(digest.counts.length === 0 ? [] : ['', ...countLines(digest)]),
  ];
  for (const { title, told } of sectionsOf(digest)) {
    lines.push('', title.toUpperCase(), ...toldLines(told));
    if (told.more > 0) lines.push(moreText(told.more, digest));
  }
  if (digest.records === 0) lines.push('', 'Nothing was changed, and nothing refused.');
  if (attached !== undefined) lines.push('', attachedText(attached, digest));
  return `${lines.join('\n')}\n`;
}

function countLines({ counts }: Digest): string[] {
  return columns([
    ['WHAT', 'DONE', 'REFUSED'],
    ...counts.map(({ action, done, refused }) => [action, String(done), String(refused)]),
  ]);
}

/** What happened stands below who did it, or lines would be too long for mail. */
function toldLines({ entries }: Told): string[] {
  const rows = columns([
    ['NUMBER', 'TIME (UTC)', 'WHO', 'FROM', 'APP', 'WHAT'],
    ...entries.map(({ seq, at, username, origin, app, action }) => [
      String(seq),
      minute(at),
      username,
      origin,
      app ?? '',
      action,
    ]),
  ]);
  const [head = '', ...lines] = rows;
  return [
    head,
    ...lines.flatMap((line, index) => {
      const what = entries[index]?.what ?? '';
      return what === '' ? [line] : [line, `    ${what}`];
    }),
  ];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function many(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

function day(time: string): string {
  return time.slice(0, 10);
}
