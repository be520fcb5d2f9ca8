/** What is shown in place of a secret. */
export const REDACTED = '[redacted]';

/** A stretch of text to hide, end exclusive. `shown` replaces it where the marker alone would break the syntax. */
export interface Span {
  start: number;
  end: number;
  shown?: string;
}

/** Sorted spans, those that overlap made one. An outer span keeps how it is shown. */
export function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end };
  }
  return merged;
}

/** The text with every span replaced. The spans are sorted and don't overlap, as `merge` leaves them. */
export function replace(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, shown } of spans) {
    parts.push(text.slice(from, start), shown ?? REDACTED);
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/** All matches of a global expression as spans: of the named group `secret` where it has one, else whole. */
export function matches(text: string, pattern: RegExp): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern)) {
    const secret = match.groups?.secret ?? match[0];
    // The secret is the last part of every such expression, so its place needs no index bookkeeping.
    const end = match.index + match[0].length;
    if (secret !== '') spans.push({ start: end - secret.length, end });
  }
  return spans;
}
