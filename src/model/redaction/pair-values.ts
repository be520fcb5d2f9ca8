import { matchAt, skipBlanks } from './cursor.js';
import { backslashesBefore, endsString, findClosingQuote, findDoubledEnd } from './quotes.js';
import { REDACTED, type Span } from './spans.js';

/** A name, its separator and what is known of the place it stands in: this is what tells where the value ends. */
export interface Pair {
  name: string;
  /** Where the name begins, its quote included. */
  start: number;
  /** Where the value may begin, after the separator. */
  value: number;
  separator: '=' | ':' | 'encoded';
  /** The quote round the name, with the backslashes before it. */
  quote: string;
  /** Whether it is the first thing on its line. */
  first: boolean;
  lineStart: number;
  /** The quote of the string that the pair stands in. */
  within: string;
}

/** Values that tell nothing, whatever their name: switches, absence, and the placeholders of usage lines. */
const LITERAL =
  /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE|null|NULL|nil|none|None|undefined|yes|no|on|off|VALUE|FILE|HOST|-|\*+|\.{3})?\s*$/;

const LITERAL_LIMIT = 12;

export const QUOTE = /(\\*)(["'`])/y;

/** Whether a quote begins no value but ends the string round it. */
export function isEnd([, backslashes = '', quote]: RegExpExecArray, within: string): boolean {
  return quote === within.slice(-1) && endsString(backslashes.length, within.length - 1);
}

/** What may follow the quote that ends a string. */
const AFTER_QUOTE = /[\s,;&)\]}]|\/?>|\\[nrt]|["'`](?=[\s,;)\]}]|$)|$/y;

/** The same in a connection string, where a backslash is no escape. */
const AFTER_ATTRIBUTE = /\s{0,8}(?:;|$)|["'`]/y;

const NEXT_PAIR = String.raw`;(?=\s{0,8}(?:[A-Za-z][\w .-]{0,60}=|[\r\n]|$))|&(?=[\w.%[\]-]{1,60}=)`;

/** Where a value ends that has no quotes of its own, by the place its pair stands in. */
const ENDS = {
  parameter: String.raw`[&#\s"<>]|'(?=[\s,;\]}]|$)|,(?=[a-z][a-z0-9+.-]{1,40}:\/\/)`,
  encoded: String.raw`[&#\s"'<>]|%(?:25){0,4}26`,
  attribute: String.raw`[\r\n]|;(?=\s{0,8}(?:[A-Za-z][\w .-]{0,60}=|[\r\n]|$))`,
  assignment: String.raw`[\r\n]|(?<![ \t])[ \t]+(?=-{1,2}[A-Za-z]|[\w.-]{1,60}[ \t]{0,8}=)|${NEXT_PAIR}`,
  word: String.raw`\s|,(?=\s|$|[\w.-]{1,60}[=:])|${NEXT_PAIR}`,
  line: String.raw`[\r\n]`,
  flow: String.raw`[,}\])\r\n]`,
};

const ends = new Map<string, RegExp>();

/** The first end of that kind, or of the string that the pair stands in. */
export function findEnd(text: string, from: number, kind: keyof typeof ENDS, within: string): number {
  const quote = within.slice(-1);
  const key = kind + quote;
  let end = ends.get(key);
  if (end === undefined) {
    end = new RegExp(quote === '' ? ENDS[kind] : `${ENDS[kind]}|\\\\{0,8}${quote}|\\\\[rn]`, 'gi');
    ends.set(key, end);
  }
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}

export function isLiteral(text: string, start: number, end: number): boolean {
  return end - start <= LITERAL_LIMIT && LITERAL.test(text.slice(start, end));
}

/** Names that point to where a secret is rather than hold it, with the values that show it. */
function pointsElsewhere(text: string, { name, value }: Pair): boolean {
  if (/^(?:SharedAccessKeyName|PublicKeyToken)$/i.test(name)) return true;
  if (/(?:file|path|dir|sslcert|sslkey|sslrootcert)$/i.test(name)) {
    return matchAt(text, value, /\s{0,8}\\{0,8}["']?(?:[/~]|\.{1,2}\/|[A-Za-z]:\\)/y) !== null;
  }
  return (
    /(?:url|uri|endpoint)$/i.test(name) &&
    matchAt(text, value, /\s{0,8}\\{0,8}["']?[a-z][a-z0-9+.-]{1,40}:\/\//iy) !== null
  );
}

/** A quoted value without its quotes. JSON ends at the first unescaped one, elsewhere a delimiter must follow it. */
function readQuoted(text: string, pair: Pair, at: number, opening: RegExpExecArray): Span | undefined {
  const [whole, backslashes = '', quote = ''] = opening;
  const start = at + whole.length;
  const attribute = pair.separator === '=' && kindOf(text, pair) === 'attribute';
  const after = attribute ? AFTER_ATTRIBUTE : AFTER_QUOTE;
  const close = (from: number): number =>
    attribute ? text.indexOf(whole, from) : findClosingQuote(text, from, quote, backslashes.length);
  let end = close(start);
  while (end !== -1 && pair.quote === '') {
    const next = end + whole.length;
    const doubled = text.startsWith(whole, next);
    if (!doubled && matchAt(text, next, after) !== null) break;
    end = close(doubled ? next + whole.length : next);
  }
  if (end === -1) end = text.length;
  return isLiteral(text, start, end) ? undefined : { start, end };
}

/** Where an object or array ends, brackets within its strings not counted; the end of the text if it has none. */
function findBalancedEnd(text: string, from: number): number {
  const bracket = /[{}[\]"]/g;
  bracket.lastIndex = from;
  let depth = 0;
  for (let found = bracket.exec(text); found !== null; found = bracket.exec(text)) {
    if (found[0] === '"') {
      const escapes = backslashesBefore(text, found.index);
      const close = findClosingQuote(text, bracket.lastIndex, '"', escapes);
      if (close === -1) return text.length;
      bracket.lastIndex = close + escapes + 1;
    } else {
      depth += found[0] === '{' || found[0] === '[' ? 1 : -1;
      if (depth <= 0) return bracket.lastIndex;
    }
  }
  return text.length;
}

/** The lines of a YAML block below a name: indented deeper, or list items. */
function readBlock(text: string, pair: Pair, from: number): Span | undefined {
  const indent = pair.start - pair.lineStart;
  let start = -1;
  let end = from;
  for (let line = from; line < text.length; ) {
    const newline = text.indexOf('\n', line);
    const next = newline === -1 ? text.length : newline + 1;
    const first = skipBlanks(text, line);
    const blank = first >= next - 1 && /\s|^$/.test(text.charAt(first));
    const item = first - line >= indent && text.startsWith('- ', first);
    if (!blank && first - line <= indent && !item) break;
    if (!blank) {
      if (start === -1) start = first;
      end = newline === -1 ? text.length : newline;
    }
    line = next;
  }
  return start === -1 ? undefined : { start, end };
}

function isParameter(text: string, { start, separator }: Pair): boolean {
  return separator === '=' && /[?&#]/.test(text.charAt(start - 1));
}

/** How an unquoted value ends. */
function kindOf(text: string, pair: Pair): keyof typeof ENDS {
  if (pair.separator === 'encoded') return 'encoded';
  let outer = pair.start - 1;
  while (outer > pair.start - 8 && /\s/.test(text.charAt(outer))) outer--;
  const opening = text.charAt(outer);
  if (pair.separator === '=') {
    if (isParameter(text, pair)) return 'parameter';
    if (opening === ';') return 'attribute';
    return pair.first ? 'assignment' : 'word';
  }
  if (pair.first || /^(?:proxy-)?authorization$|cookie$/i.test(pair.name)) return 'line';
  return pair.quote !== '' || /[{,[(]/.test(opening) ? 'flow' : 'word';
}

/** The value of a pair whose name is sensitive, or undefined where there is nothing to hide. */
export function readValue(text: string, pair: Pair): Span | undefined {
  if (pointsElsewhere(text, pair)) return undefined;
  const { separator, value } = pair;
  const at = separator === 'encoded' ? value : skipBlanks(text, value);
  if (separator === '=' && at > value) {
    if (isParameter(text, pair) || matchAt(text, at, /[\w.-]{1,60}[ \t]{0,8}=/y) !== null) return undefined;
  }
  const opening = matchAt(text, at, QUOTE);
  // An apostrophe needs no encoding in a parameter, so it quotes nothing there.
  const apostrophe = opening?.[2] === "'" && isParameter(text, pair);
  // An escaped quote opens a string only within another one.
  const stray = opening?.[1] !== '' && pair.within === '' && pair.quote === '';
  if (opening !== null && !isEnd(opening, pair.within) && !apostrophe && !stray) {
    return readQuoted(text, pair, at, opening);
  }
  const marked = text.startsWith(REDACTED, at);
  const shown = pair.quote === '' ? REDACTED : pair.quote + REDACTED + pair.quote;
  if (separator === ':' && !marked && /[{[]/.test(text.charAt(at)) && text.charAt(at + 1) !== '{') {
    return { start: at, end: findBalancedEnd(text, at), shown };
  }
  const braced =
    text.charAt(at) === '{' && (text.charAt(at + 1) !== '{' || kindOf(text, pair) === 'attribute');
  if (separator === '=' && braced) {
    return { start: at + 1, end: findDoubledEnd(text, at + 1, '}') };
  }
  if (separator === ':' && pair.first) {
    const header = matchAt(text, at, /(?:[|>][+-]?\d?[+-]?)?[ \t]*(?:#[^\n]*)?\r?\n/y);
    if (header !== null) return readBlock(text, pair, at + header[0].length);
  }
  // The marker's own bracket is no end of a flow sequence.
  const end = findEnd(text, marked ? at + REDACTED.length : at, kindOf(text, pair), pair.within);
  if (isLiteral(text, at, end)) return undefined;
  return separator === ':' && pair.quote !== '' && !marked ? { start: at, end, shown } : { start: at, end };
}
