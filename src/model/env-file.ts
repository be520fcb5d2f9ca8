import { RuleError } from './rule.js';

/** Why a line can't be read. */
type Fault =
  | 'is not of the form NAME=VALUE'
  | 'opens a quote that is never closed'
  | 'has text after a closing quote';

/** The start of a var: `export` is optional, as in a file for a shell. */
const START = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/;
/** Nothing more than blanks and a comment. */
const REST = /^[ \t]*(?:#.*)?$/;
/** A part of a quoted value. */
const PART = /'([^']*)'|`([^`]*)`|"((?:[^"\\]|\\[^])*)"|\\([^])/y;
/** What a backslash makes of a character in double quotes; before any other it is a plain backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  $: '$',
  '`': '`',
};

/**
 * Returns the vars of a .env file, in its order.
 *
 *     file   = line *(LF line), perhaps with a byte order mark first
 *     line   = blank / comment / ["export "] NAME "=" value [blank comment]
 *     value  = quoted / plain
 *     quoted = 1*( "'" any "'" / "`" any "`" / '"' any with escapes '"' / "\" any )   ; may have several lines
 *     plain  = any, to the end of the line or to a blank before "#"; blanks round it don't count
 *
 * So `PW=abc#123` is `abc#123`, and lines that a POSIX shell wrote (`'it'\''s'`) are read as it reads them. In double
 * quotes `\n`, `\r`, `\t`, `\"`, `\\`, `\$` and "\`" are escapes. Throws a {@link RuleError} that names the number of a
 * line that can't be read, or that sets a var again; it shows no text of the file.
 */
export function parseEnvFile(text: string): Map<string, string> {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const vars = new Map<string, string>();
  const setBy = new Map<string, number>();
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]?.replace(/\r$/, '') ?? '';
    if (REST.test(line)) continue;
    const number = at + 1;
    const [start, name] = START.exec(line) ?? [];
    if (start === undefined || name === undefined) throw unreadable(number, 'is not of the form NAME=VALUE');
    const earlier = setBy.get(name);
    if (earlier !== undefined) throw setTwice(number, earlier);
    setBy.set(name, number);
    const given = line.slice(start.length);
    if (/^["'`\\]/.test(given)) {
      const first = lines[at]?.slice(start.length) ?? '';
      const quoted = readQuoted([first, ...lines.slice(at + 1)].join('\n'), number);
      vars.set(name, quoted.value);
      at += quoted.lineFeeds;
    } else {
      vars.set(name, plain(given, line[start.length - 1] !== '='));
    }
  }
  return vars;
}

/** A comment may begin the value only behind a blank, which is between it and `=` if `isApart`. */
function plain(given: string, isApart: boolean): string {
  return given.replace(isApart ? /(?:^|[ \t]+)#.*$/ : /[ \t]+#.*$/, '').trim();
}

/** Reads a quoted value off the front of a text; tells how many line feeds are in it. */
function readQuoted(text: string, number: number): { value: string; lineFeeds: number } {
  let value = '';
  let end = 0;
  for (;;) {
    PART.lastIndex = end;
    const part = PART.exec(text);
    if (part === null) break;
    const [whole, single, back, double, escaped] = part;
    value += single ?? back ?? escaped ?? unescaped(double ?? '');
    end += whole.length;
  }
  const rest = text.slice(end).split('\n', 1)[0]?.replace(/\r$/, '') ?? '';
  if (/^["'`]/.test(rest)) throw unreadable(number, 'opens a quote that is never closed');
  if (!/^(?:$|[ \t])/.test(rest) || !REST.test(rest))
    throw unreadable(number, 'has text after a closing quote');
  return { value, lineFeeds: text.slice(0, end).split('\n').length - 1 };
}

function unescaped(text: string): string {
  return text.replace(/\\([^])/g, (whole, character: string) => ESCAPES[character] ?? whole);
}

function unreadable(number: number, fault: Fault): RuleError {
  return new RuleError(
    'invalid_env_file',
    `Line ${number} of the file ${fault}. Nothing was set.`,
    "A value with blanks before #, quotes or several lines is written in single quotes: NAME='VALUE'",
  );
}

function setTwice(number: number, earlier: number): RuleError {
  return new RuleError(
    'invalid_env_file',
    `Line ${number} of the file sets a var that line ${earlier} sets already. Nothing was set.`,
    'Remove one of the two lines.',
  );
}
