/** How many backslashes stand directly before `at`. */
export function backslashesBefore(text: string, at: number): number {
  let first = at;
  while (first > 0 && text.charCodeAt(first - 1) === 92) first--;
  return at - first;
}

/**
 * Whether a quote after so many backslashes ends a string whose opening quote has `depth` of them: JSON inside of JSON
 * doubles them and adds one, so at depth 1 a string ends at `\"` and `\\\"` is a quote within it. Fewer backslashes end an
 * outer string, and so this one too.
 */
export function endsString(escapes: number, depth: number): boolean {
  return escapes % (2 * (depth + 1)) <= depth;
}

/** The quote that ends a string, or -1; `depth` is the number of backslashes before its opening quote. */
export function findClosingQuote(
  text: string,
  from: number,
  quote: string,
  depth: number,
  end = text.length,
): number {
  for (let at = text.indexOf(quote, from); at !== -1 && at < end; at = text.indexOf(quote, at + 1)) {
    const escapes = Math.min(backslashesBefore(text, at), at - from);
    if (endsString(escapes, depth)) return at - Math.min(escapes, depth);
  }
  return -1;
}

/** Where a string ends in which its own end is written twice, as in SQL and ODBC; the end of the text if nowhere. */
export function findDoubledEnd(text: string, from: number, end: string): number {
  let at = text.indexOf(end, from);
  while (at !== -1 && text.charAt(at + 1) === end) at = text.indexOf(end, at + 2);
  return at === -1 ? text.length : at;
}
