import { Cursor, matchAt } from './cursor.js';
import { isSensitiveMember, isSensitiveName, type Words } from './names.js';
import { findEnd, isEnd, isLiteral, type Pair, QUOTE, readValue } from './pair-values.js';
import { backslashesBefore, findClosingQuote, findDoubledEnd } from './quotes.js';
import { matches, type Span } from './spans.js';

const PERCENT = 37;
const COLON = 58;
const EQUALS = 61;

const NAME_LIMIT = 120;

const LINE_LEAD_LIMIT = 80;

/** After a colon without a blank these are a port, or the tag of an image, not a value. */
const PORT_OR_TAG = /(?:\d{1,5}(?=[\s,;/]|$)|v?\d{1,9}(?:\.\d{1,9}){1,4}[\w.-]{0,40}(?=[\s,;@]|$)|latest\b)/y;

/** Commands and plans of this tool, by what is before their colon: `credentials:attach` tells no secret. */
const COMMAND_OR_PLAN: Readonly<Record<string, RegExp>> = {
  credentials: /(?:attach|create|destroy|detach|info|rotate|general|production)(?=[\s,;.?)"'`]|$)/y,
  auth: /(?:login|logout|profile|token|whoami)(?=[\s,;.?)"'`]|$)/y,
};

/** Letters, digits and `_ - . % [ ]`, which percent-encoded and nested parameter names have too. */
function isNameCode(code: number): boolean {
  if (code < 48) return code === 45 || code === 46 || code === 37;
  return code < 58 || (code > 64 && code < 92) || code === 93 || code === 95 || (code > 96 && code < 123);
}

/** The name before a separator, with where it begins and its quote. */
function readName(
  text: string,
  separator: number,
  floor: number,
): Pick<Pair, 'name' | 'start' | 'quote'> | undefined {
  let end = separator;
  while (end > separator - 8 && /[ \t+?]/.test(text.charAt(end - 1))) end--;
  if (end <= floor) return undefined;
  // `config['password'] = ...`
  if (text.charAt(end - 1) === ']' && /["']/.test(text.charAt(end - 2))) end--;
  const quote = text.charAt(end - 1);
  if (quote === '"' || quote === "'") {
    const depth = Math.min(backslashesBefore(text, end - 1), 16);
    const close = end - 1 - depth;
    const least = Math.max(floor, close - NAME_LIMIT);
    const open = text.slice(least, close).lastIndexOf(quote);
    if (open === -1) return undefined;
    const start = least + open;
    return { name: text.slice(start + 1, close), start, quote: '\\'.repeat(depth) + quote };
  }
  const least = Math.max(floor, end - NAME_LIMIT);
  let start = end;
  while (start > least && isNameCode(text.charCodeAt(start - 1))) start--;
  if (/^[nrt]/.test(text.slice(start, end)) && text.charAt(start - 1) === '\\') start++;
  return start === end ? undefined : { name: text.slice(start, end), start, quote: '' };
}

/** Whether an unquoted name and a colon are a pair at all: not so in an ARN, an image, a host and port, a path. */
function isColonPair(text: string, { name, start, value }: Pair): boolean {
  const words = Object.hasOwn(COMMAND_OR_PLAN, name) ? COMMAND_OR_PLAN[name] : undefined;
  if (words !== undefined && matchAt(text, value, words) !== null) return false;
  if (/[/:@$]/.test(text.charAt(start - 1)) || /[:/]/.test(text.charAt(value))) return false;
  return /pin|pass|pw|otp/i.test(name) || matchAt(text, value, PORT_OR_TAG) === null;
}

/** How long the separator at `at` is: `=`, `:`, or `=` percent-encoded any number of times; 0 where there is none. */
function separatorLength(text: string, at: number, code: number): number {
  if (code === EQUALS || code === COLON) return 1;
  return code === PERCENT ? (matchAt(text, at, /%(?:25){0,4}3d/iy)?.[0].length ?? 0) : 0;
}

/** Values of members, parameters, attributes, assignments and headers whose name is sensitive. */
function findNamedValues(text: string, structures: readonly Span[], words: Words): Span[] {
  const spans: Span[] = [];
  const cursor = new Cursor(text);
  let resume = 0;
  let structure = 0;
  let sibling = -1;
  let floor = 0;
  const known = new Map<string, boolean>();
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const length = separatorLength(text, at, code);
    if (length === 0 || at < resume) continue;
    const named = readName(text, at, Math.max(floor, resume));
    floor = at + length;
    if (named === undefined) continue;
    const lists = /^(?:name|key|value)$/i.test(named.name);
    const sensitive = known.get(named.name) ?? isSensitiveMember(named.name, words);
    known.set(named.name, sensitive);
    if (!lists && !sensitive) continue;
    while ((structures[structure]?.end ?? text.length + 1) <= named.start) structure++;
    // `user:key=value@host` is no pair, but one after a blank may reach beyond the login before it.
    const inside = (structures[structure]?.start ?? text.length) <= named.start;
    if (inside && !/\s/.test(text.charAt(named.start - 1))) continue;
    cursor.moveTo(named.start);
    const { lineStart, within } = cursor;
    const lead = named.start - lineStart < LINE_LEAD_LIMIT ? text.slice(lineStart, named.start) : 'x';
    const separator = length > 1 ? 'encoded' : code === EQUALS ? '=' : ':';
    const pair: Pair = {
      name: named.name,
      start: named.start,
      quote: named.quote,
      separator,
      value: floor + (matchAt(text, floor, /[=>]{1,2}/y)?.[0].length ?? 0),
      lineStart,
      first: /^[\s>]*(?:- )?(?:(?:export|set|setenv|env) +)?$/i.test(lead) || /\\[nr] *$/.test(lead),
      within,
    };
    if (separator === ':' && named.quote === '' && !isColonPair(text, pair)) continue;
    // `{"name": "DB_PASSWORD", "value": "..."}`, as containers and hosts list their environment.
    const follows = /^value$/i.test(named.name) && named.start >= sibling && named.start <= sibling + 6;
    if (/^(?:name|key)$/i.test(named.name)) {
      const held = matchAt(text, pair.value, /\s{0,8}\\{0,8}["']?([\w.-]{1,100})\\{0,8}["']?[\s,]{0,80}/y);
      sibling = held !== null && isSensitiveName(held[1] ?? '', { words }) ? pair.value + held[0].length : -1;
    }
    if (!follows && !sensitive) continue;
    const span = readValue(text, pair);
    if (span === undefined || span.start >= span.end) continue;
    spans.push(span);
    resume = span.end;
  }
  return spans;
}

/** Values after a sensitive flag, as in `--password hunter2`, also in a list of quoted arguments. */
function findFlagValues(text: string, words: Words): Span[] {
  const spans: Span[] = [];
  const flags = /(?<![\w-])--?([A-Za-z][\w.-]{0,60})(?:[ \t]+(?![-\s])|["']\s{0,8},\s{0,8}(?=["'](?!-)))/g;
  const cursor = new Cursor(text);
  for (const flag of text.matchAll(flags)) {
    const at = flag.index + flag[0].length;
    if (!isSensitiveMember(flag[1] ?? '', words)) continue;
    cursor.moveTo(at);
    const opening = matchAt(text, at, QUOTE);
    // The quote that ends the string round the flag begins no value.
    if (opening !== null && isEnd(opening, cursor.within)) continue;
    const [whole = '', backslashes = '', quote = ''] = opening ?? [];
    const close =
      opening === null ? -1 : findClosingQuote(text, at + whole.length, quote, backslashes.length);
    const start = close === -1 ? at : at + whole.length;
    const end = close === -1 ? findEnd(text, at, 'word', cursor.within) : close;
    if (!isLiteral(text, start, end)) spans.push({ start, end });
  }
  return spans;
}

/** Secrets that other languages write without a separator. */
const IDIOMS = [
  /\blogin\s{1,8}\S{1,200}\s{1,8}password\s{1,8}(?<secret>\S+)/gi,
  /(?<![\w-])(?:-u|--user|--proxy-user)[\s=]{1,8}["']?[^\s:"'@/]{1,200}:(?<secret>[^\s"']+)/g,
  /^[ \t]{0,80}(?:requirepass|masterauth)[ \t]{1,8}(?<secret>\S+)/gim,
];

/** Passwords in SQL, as in `IDENTIFIED BY 'hunter2'`. */
function findSqlPasswords(text: string): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const found of text.matchAll(/\b(?:identified\s{1,8}by|password)\s{1,8}'/gi)) {
    const start = found.index + found[0].length;
    if (start < end) continue;
    end = findDoubledEnd(text, start, "'");
    if (start < end) spans.push({ start, end });
  }
  return spans;
}

/** Text of XML elements with a sensitive name. */
function findElementValues(text: string, words: Words): Span[] {
  return [...text.matchAll(/<([A-Za-z_][\w:.-]{0,60})(?:\s[^<>]{0,200})?>([^<]+)/g)]
    .filter(([, name = '', body = '']) => body.trim() !== '' && isSensitiveMember(name, words))
    .map(({ index, 0: whole, 2: body = '' }) => ({
      start: index + whole.length - body.length,
      end: index + whole.length,
    }));
}

/** Secrets that are told by the name beside them. Names inside `structures`, secrets already found, are mostly none. */
export function findPairs(text: string, structures: readonly Span[], words: Words): Span[] {
  return [
    ...findNamedValues(text, structures, words),
    ...findFlagValues(text, words),
    ...IDIOMS.flatMap((idiom) => matches(text, idiom)),
    ...findSqlPasswords(text),
    ...findElementValues(text, words),
  ];
}
