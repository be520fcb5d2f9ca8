import { isSensitiveMember, isSensitiveName } from './names.js';
import { backslashesBefore, findClosingQuote } from './quotes.js';
import { matches, REDACTED, type Span } from './spans.js';

/** A name, its separator and what is known of the place it stands in: this is what tells where the value ends. */
interface Pair {
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

const NEWLINE = 10;
const PERCENT = 37;
const COLON = 58;
const EQUALS = 61;

const NAME_LIMIT = 120;

const LINE_LEAD_LIMIT = 80;

/** Values that tell nothing, whatever their name. */
const LITERAL = /^(?:true|false|null|nil|none|undefined|yes|no|on|off)?\s*$/i;

const LITERAL_LIMIT = 12;

/** After a colon without a blank these are a port, or the tag of an image, not a value. */
const PORT_OR_TAG = /(?:\d{1,5}(?=[\s,;/]|$)|v?\d{1,9}(?:\.\d{1,9}){1,4}[\w.-]{0,40}(?=[\s,;@]|$)|latest\b)/y;

const QUOTE = /(\\*)(["'`])/y;

/** What may follow the quote that ends a string. */
const AFTER_QUOTE = /[\s,;&)\]}]|\/?>|\\[nrt]|["'`](?=[\s,;)\]}]|$)|$/y;

/** The same in a connection string, where a backslash is no escape. */
const AFTER_ATTRIBUTE = /\s{0,8}(?:;|$)|["'`]/y;

const NEXT_PAIR = String.raw`;(?=\s{0,8}(?:[A-Za-z][\w .-]{0,60}=|[\r\n]|$))|&(?=[\w.%[\]-]{1,60}=)`;

/** Where a value ends that has no quotes of its own, by the place its pair stands in. */
const ENDS = {
  parameter: String.raw`[&#\s"<>]|'(?=[\s,;\]}]|$)|,(?=[a-z][a-z0-9+.-]{1,40}:\/\/)`,
  encoded: String.raw`[&#\s"'<>]|%(?:25)*26`,
  attribute: String.raw`[\r\n]|;(?=\s{0,8}(?:[A-Za-z][\w .-]{0,60}=|[\r\n]|$))`,
  assignment: String.raw`[\r\n]|(?<![ \t])[ \t]+(?=-{1,2}[A-Za-z]|[\w.-]{1,60}[ \t]{0,8}=)|${NEXT_PAIR}`,
  word: String.raw`\s|,(?=\s|$|[\w.-]{1,60}[=:])|${NEXT_PAIR}`,
  line: String.raw`[\r\n]`,
  flow: String.raw`[,}\])\r\n]`,
};

const ends = new Map<string, RegExp>();

/** The first end of that kind, or of the string that the pair stands in. */
function findEnd(text: string, from: number, kind: keyof typeof ENDS, within: string): number {
  const key = kind + within;
  let end = ends.get(key);
  if (end === undefined) {
    end = new RegExp(within === '' ? ENDS[kind] : `${ENDS[kind]}|\\\\{0,8}${within}|\\\\+[rn]`, 'gi');
    ends.set(key, end);
  }
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}

function matchAt(text: string, at: number, sticky: RegExp): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

function isLiteral(text: string, start: number, end: number): boolean {
  return end - start <= LITERAL_LIMIT && LITERAL.test(text.slice(start, end));
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at++;
  return at;
}

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

/** Whether an unquoted name and a colon are a pair at all: not so in an ARN, an image, a host and port, a path. */
function isColonPair(text: string, { name, start, value }: Pair): boolean {
  if (/[/:@$]/.test(text.charAt(start - 1)) || /[:/]/.test(text.charAt(value))) return false;
  return /pin|pass|pw|otp/i.test(name) || matchAt(text, value, PORT_OR_TAG) === null;
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
  const bracket = /[{}[\]]|(\\*)"/g;
  bracket.lastIndex = from;
  let depth = 0;
  for (let found = bracket.exec(text); found !== null; found = bracket.exec(text)) {
    if (found[1] !== undefined) {
      const close = findClosingQuote(text, bracket.lastIndex, '"', found[1].length);
      if (close === -1) return text.length;
      bracket.lastIndex = close + found[0].length;
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
function readValue(text: string, pair: Pair): Span | undefined {
  if (pointsElsewhere(text, pair)) return undefined;
  const { separator, value } = pair;
  const at = separator === 'encoded' ? value : skipBlanks(text, value);
  if (separator === '=' && at > value) {
    if (isParameter(text, pair) || matchAt(text, at, /[\w.-]{1,60}[ \t]{0,8}=/y) !== null) return undefined;
  }
  const opening = matchAt(text, at, QUOTE);
  // An apostrophe needs no encoding in a parameter, so it quotes nothing there.
  const quotes =
    opening !== null && pair.within !== opening[0] && (opening[2] !== "'" || !isParameter(text, pair));
  if (quotes) return readQuoted(text, pair, at, opening);
  const marked = text.startsWith(REDACTED, at);
  const shown = pair.quote === '' ? REDACTED : pair.quote + REDACTED + pair.quote;
  if (separator === ':' && !marked && /[{[]/.test(text.charAt(at)) && text.charAt(at + 1) !== '{') {
    return { start: at, end: findBalancedEnd(text, at), shown };
  }
  const braced =
    text.charAt(at) === '{' && (text.charAt(at + 1) !== '{' || kindOf(text, pair) === 'attribute');
  if (separator === '=' && braced) {
    const close = matchAt(text, at + 1, /(?:[^}]|\}\})*/y)?.[0].length ?? 0;
    return { start: at + 1, end: at + 1 + close };
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

/** How long the separator at `at` is: `=`, `:`, or `=` percent-encoded any number of times; 0 where there is none. */
function separatorLength(text: string, at: number, code: number): number {
  if (code === EQUALS || code === COLON) return 1;
  return code === PERCENT ? (matchAt(text, at, /%(?:25)*3d/iy)?.[0].length ?? 0) : 0;
}

/** Values of members, parameters, attributes, assignments and headers whose name is sensitive. */
function findNamedValues(text: string, structures: readonly Span[]): Span[] {
  const spans: Span[] = [];
  let lineStart = 0;
  let lastQuote = -1;
  let resume = 0;
  let structure = 0;
  let sibling = -1;
  let floor = 0;
  const known = new Map<string, boolean>();
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE) lineStart = at + 1;
    else if ((code === 34 || code === 39 || code === 96) && !/\w/.test(text.charAt(at - 1))) lastQuote = at;
    const length = separatorLength(text, at, code);
    if (length === 0 || at < resume) continue;
    const named = readName(text, at, Math.max(floor, resume));
    floor = at + length;
    if (named === undefined) continue;
    const lists = /^(?:name|key|value)$/i.test(named.name);
    const sensitive = known.get(named.name) ?? isSensitiveMember(named.name);
    known.set(named.name, sensitive);
    if (!lists && !sensitive) continue;
    while ((structures[structure]?.end ?? text.length + 1) <= named.start) structure++;
    if ((structures[structure]?.start ?? text.length) <= named.start) continue;
    const lead = named.start - lineStart < LINE_LEAD_LIMIT ? text.slice(lineStart, named.start) : 'x';
    const separator = length > 1 ? 'encoded' : code === EQUALS ? '=' : ':';
    const quoteBefore = lastQuote >= lineStart && lastQuote < named.start;
    const pair: Pair = {
      name: named.name,
      start: named.start,
      quote: named.quote,
      separator,
      value: floor + (matchAt(text, floor, /[=>]{1,2}/y)?.[0].length ?? 0),
      lineStart,
      first: /^[\s>]*(?:- )?(?:(?:export|set|setenv|env) +)?$/i.test(lead) || /\\[nr] *$/.test(lead),
      within: quoteBefore
        ? '\\'.repeat(Math.min(backslashesBefore(text, lastQuote), 8)) + text.charAt(lastQuote)
        : '',
    };
    if (separator === ':' && named.quote === '' && !isColonPair(text, pair)) continue;
    // `{"name": "DB_PASSWORD", "value": "..."}`, as containers and hosts list their environment.
    const follows = /^value$/i.test(named.name) && named.start >= sibling && named.start <= sibling + 6;
    if (/^(?:name|key)$/i.test(named.name)) {
      const held = matchAt(text, pair.value, /\s{0,8}\\{0,8}["']?([\w.-]{1,100})\\{0,8}["']?[\s,]{0,80}/y);
      sibling = held !== null && isSensitiveName(held[1] ?? '') ? pair.value + held[0].length : -1;
    }
    if (!follows && !sensitive) continue;
    const span = readValue(text, pair);
    if (span === undefined || span.start >= span.end) continue;
    spans.push(span);
    resume = span.end;
  }
  return spans;
}

/** Values after a sensitive flag, as in `--password hunter2`. */
function findFlagValues(text: string): Span[] {
  const spans: Span[] = [];
  for (const flag of text.matchAll(/(?<![\w-])--?([A-Za-z][\w.-]{0,60})[ \t]+(?![-\s])/g)) {
    const at = flag.index + flag[0].length;
    if (!isSensitiveMember(flag[1] ?? '')) continue;
    const opening = matchAt(text, at, QUOTE);
    const close =
      opening === null
        ? -1
        : findClosingQuote(text, at + opening[0].length, opening[2] ?? '', (opening[1] ?? '').length);
    const quoted = opening !== null && close !== -1;
    const start = quoted ? at + opening[0].length : at;
    const end = quoted ? close : findEnd(text, at, 'word', '');
    if (!isLiteral(text, start, end)) spans.push({ start, end });
  }
  return spans;
}

/** Secrets that other languages write without a separator. */
const IDIOMS = [
  /\blogin\s{1,8}\S{1,200}\s{1,8}password\s{1,8}(?<secret>\S+)/gi,
  /\b(?:identified\s{1,8}by|password)\s{1,8}'(?<secret>(?:[^']|'')+)/gi,
  /(?<![\w-])(?:-u|--user|--proxy-user)[\s=]{1,8}["']?[^\s:"'@/]{1,200}:(?<secret>[^\s"']+)/g,
  /^[ \t]{0,80}(?:requirepass|masterauth)[ \t]{1,8}(?<secret>\S+)/gim,
];

/** Text of XML elements with a sensitive name. */
function findElementValues(text: string): Span[] {
  return [...text.matchAll(/<([A-Za-z_][\w:.-]{0,60})(?:\s[^<>]{0,200})?>([^<]+)/g)]
    .filter(([, name = '', body = '']) => body.trim() !== '' && isSensitiveMember(name))
    .map(({ index, 0: whole, 2: body = '' }) => ({
      start: index + whole.length - body.length,
      end: index + whole.length,
    }));
}

/** Secrets that are told by the name beside them. Names within `structures`, secrets already found, are none. */
export function findPairs(text: string, structures: readonly Span[]): Span[] {
  return [
    ...findNamedValues(text, structures),
    ...findFlagValues(text),
    ...IDIOMS.flatMap((idiom) => matches(text, idiom)),
    ...findElementValues(text),
  ];
}
