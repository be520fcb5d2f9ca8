import type { AuditEvent } from '../../contract/wire.js';

/** What the list of audit records is narrowed to. */
export interface AuditListFilter {
  readonly space: string;
  readonly app: string;
  readonly user: string;
  /** A time, or how long ago, such as `7d`. */
  readonly since: string;
  /** In the action; `refused` shows refusals only. */
  readonly action: string;
  readonly refused: boolean;
  /** How many of the newest records to look through. */
  readonly size: number;
}

export const FIRST_SIZE = 100;
const SIZE_MAX = 10_000;

/** Reads the filter in the address of the page. */
export function auditFilterIn(query: URLSearchParams): AuditListFilter {
  const size = Number(query.get('size') ?? FIRST_SIZE);
  const text = (name: string): string => query.get(name) ?? '';
  return {
    space: text('space'),
    app: text('app'),
    user: text('user'),
    since: text('since'),
    action: text('action'),
    refused: text('refused') === '1',
    size: Number.isInteger(size) && size > 0 && size <= SIZE_MAX ? size : FIRST_SIZE,
  };
}

/** The filter as the address of the page has it. */
export function auditQueryOf({ refused, size, ...texts }: AuditListFilter): Record<string, string> {
  return { ...texts, refused: refused ? '1' : '', size: size === FIRST_SIZE ? '' : String(size) };
}

/** The part of a filter that the platform applies. */
export function askedOf({ space, app, user, since, size }: AuditListFilter) {
  return {
    size,
    ...(space !== '' && { space }),
    ...(app !== '' && { app }),
    ...(user !== '' && { user }),
    ...(since !== '' && { since }),
  };
}

/** The records that pass the part of a filter that the platform doesn't apply. */
export function matchingRecords(
  records: readonly AuditEvent[],
  { action, refused }: AuditListFilter,
): AuditEvent[] {
  const wanted = action.trim().toLowerCase();
  return records.filter(
    (record) => record.action.toLowerCase().includes(wanted) && (!refused || outcomeOf(record) === 'refused'),
  );
}

/** How what a record tells ended, such as `done` or `refused`. */
export function outcomeOf({ outcome, info }: AuditEvent): string {
  return outcome ?? textAt(parsed(info), 'outcome') ?? 'done';
}

/** What a record says beside its columns, as pairs of name and text. */
export function detailsOf({ info }: AuditEvent): [name: string, text: string][] {
  const event = parsed(info);
  const details = event.details;
  const pairs = typeof details === 'object' && details !== null ? Object.entries(details) : [];
  return pairs.map(([name, value]) => [name.replaceAll('_', ' '), detailText(value)]);
}

/** The details that say something to people at once, in a line. */
export function summaryOf(details: readonly (readonly [name: string, text: string])[]): string {
  return details
    .filter(([name, text]) => !IDENTIFIERS.has(name) && text !== '')
    .map(([name, text]) => `${name} ${text}`)
    .join(', ');
}

/** Names of details that only programs compare. */
const IDENTIFIERS: ReadonlySet<string> = new Set(['id', 'slug', 'checksum', 'data', 'head']);

function detailText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(detailText).join(', ');
  return JSON.stringify(value);
}

/** Where a change came from, such as `cli`, and as what. */
export function originOf({ info }: AuditEvent): string {
  const event = parsed(info);
  return [textAt(event, 'role'), textAt(event, 'origin')].filter(Boolean).join(', ');
}

function parsed(info: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(info);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textAt(event: Record<string, unknown>, name: string): string | undefined {
  const value = event[name];
  return typeof value === 'string' ? value : undefined;
}
