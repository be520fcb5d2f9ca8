import { findClosingQuote } from './quotes.js';
import { matches, type Span } from './spans.js';

/** In these schemes a colon and digits are a port, even where an `@` follows in the path. */
const WEB = /^(?:[a-z]+\+)?(?:https?|wss?)$/i;

const PORT = /^\d{0,5}$/;

/** Hosts that can't well be the middle of a password: with a port or a domain, an address in brackets, localhost. */
const CREDIBLE_HOST =
  /^(?:[\w.-]+:\d{2,5}|localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-f:.]+\](?::\d{1,5})?)(?:,(?:[\w.-]+:\d{2,5}|[\w-]+(?:\.[\w-]+)+))*$/i;

/** What follows the last `@` of a login that was seen whole. */
const HOST = /^[\w%[(\u0080-\uffff][\w.~%:[\]()+,\u0080-\uffff-]*(?:[/?#\s;|]|$)/;

const HOST_LIST = /^[\w.-]+(?::\d{1,5})?(?:,[\w.-]+(?::\d{1,5})?)+[\s,;|]*$/;

const ADDRESS_LITERAL = /^\[[\da-f:.%]*\](?::\d*)?$/i;

/** Where a query surely begins, as against a question mark in a password. */
const QUERY = /\?[\w.%[\]-]{1,60}=/;

const SCHEME_LIMIT = 40;

/** How far behind a login the end of the string is looked for that it stands in. */
const QUOTE_REACH = 300;

interface Start {
  scheme: number;
  authority: number;
}

/** Offsets within the authority and what follows it. `open` says that the end of the login was not seen. */
interface Login {
  user: number;
  password: number;
  end: number;
  open: boolean;
}

/** Where the scheme before `end` begins; `end` itself where there is none. */
function schemeBefore(text: string, end: number): number {
  const least = Math.max(0, end - SCHEME_LIMIT);
  let scheme = end;
  for (let at = end - 1; at >= least; at--) {
    const code = text.charCodeAt(at);
    const letter = (code | 32) > 96 && (code | 32) < 123;
    // Digits, `+`, `-` and `.` are in a scheme but don't begin it.
    if (!letter && !(code > 47 && code < 58) && code !== 43 && code !== 45 && code !== 46) break;
    if (letter) scheme = at;
  }
  return scheme;
}

function findStarts(text: string): Start[] {
  const starts: Start[] = [];
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', at + 3)) {
    const scheme = schemeBefore(text, at);
    // Without a scheme, or with an empty login, it is a piece of a password.
    if ((at - scheme < 2 && at > 0) || text.charAt(at + 3) === '@') continue;
    const previous = starts.at(-1);
    // In `a://user://b@host` the second one is a piece of the password.
    const glued = previous !== undefined && !/[/?#\s,;|"']/.test(text.slice(previous.authority, scheme));
    if (!glued) starts.push({ scheme, authority: at + 3 });
  }
  return starts;
}

function hostOf(text: string): string {
  return text.slice(text.lastIndexOf('@') + 1).split(/[/?#\s]/, 1)[0] ?? '';
}

function isHostList(text: string): boolean {
  return text.length < 1000 && HOST_LIST.test(text);
}

function isCredibleHost(host: string): boolean {
  return host.length < 1000 && CREDIBLE_HOST.test(host);
}

/**
 * The login at the start of a URL's authority. A password may hold any character, so it ends at the last `@`: hiding a
 * host too many is harmless, showing half a password is not.
 */
function parseLogin(url: string, web: boolean): Login | undefined {
  const query = QUERY.exec(url);
  const beforeQuery = query === null ? url : url.slice(0, query.index);
  const rest = query !== null && isCredibleHost(hostOf(beforeQuery)) ? beforeQuery : url;
  const last = rest.lastIndexOf('@');
  const path = rest.search(/[/?#]/);
  const head = path === -1 ? rest : rest.slice(0, path);
  const open = last !== -1 && !HOST.test(rest.slice(last + 1));
  const at = head.lastIndexOf('@');
  const colon = head.indexOf(':');
  if (at !== -1 && colon !== -1 && colon < at) return { user: colon, password: colon + 1, end: last, open };
  if (at !== -1) {
    // `me@corp.com:pass/word@host`: what follows the colon is no port.
    const port = /^(?:\[[^\]]*\]|[^:[\]]*):([^:]*)$/.exec(head.slice(at + 1))?.[1];
    if (port === undefined || PORT.test(port) || last === at)
      return { user: at, password: at, end: at, open: false };
    const user = head.length - port.length - 1;
    return { user, password: user + 1, end: last, open };
  }
  if (colon === -1 || ADDRESS_LITERAL.test(head) || (last === -1 && isHostList(head))) return undefined;
  const port = /^\d{2,5}(?=[\s,;|)\]}]*$)/.test(head.slice(colon + 1));
  if (port && (last === -1 || (web && rest.charAt(head.length) === '/'))) return undefined;
  if (last === -1) return { user: colon, password: colon + 1, end: rest.length, open: true };
  return { user: colon, password: colon + 1, end: last, open };
}

/** Whether a user name is rather a token: long, with letters and digits mixed within its parts. */
function isTokenLike(user: string): boolean {
  if (user.length < 20 || /@|%40/.test(user)) return false;
  return !user.split(/[-_.+~%]/).every((part) => /^(?:[a-z]{0,24}|\d{0,8})$/i.test(part));
}

/** Logins in URLs of any scheme. */
function findUrlLogins(text: string, prose: boolean): Span[] {
  const spans: Span[] = [];
  const starts = findStarts(text);
  let lineEnd = -1;
  let strict = false;
  let nextAt = 0;
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i];
    if (start === undefined) break;
    const { scheme, authority } = start;
    if (authority > lineEnd) {
      const lineStart = text.lastIndexOf('\n', scheme) + 1;
      // A line that begins with a URL is a list of them, with no words between, so blanks belong to a password.
      strict = !prose && /^\s*(?:[a-z]{2,10}:)?$/i.test(text.slice(lineStart, scheme));
      const newline = text.indexOf('\n', authority);
      lineEnd = newline === -1 ? text.length : newline;
    }
    let limit = Math.min(starts[i + 1]?.scheme ?? text.length, lineEnd);
    let end = limit;
    const quote = /(\\*)(["'`])$/.exec(text.slice(Math.max(0, scheme - 8), scheme));
    const closing =
      quote === null ? -1 : findClosingQuote(text, authority, quote[2] ?? '', (quote[1] ?? '').length, limit);
    if (closing !== -1) {
      end = closing;
      limit = closing;
    } else if (!strict) {
      const blank = text.slice(authority, limit).search(/[\s"<>`]/);
      if (blank !== -1) end = authority + blank;
    }
    const url = text.slice(authority, end);
    const login = parseLogin(url, WEB.test(text.slice(scheme, authority - 3)));
    if (login === undefined) continue;
    let passwordEnd = authority + login.end;
    if (login.open) {
      if (nextAt !== -1 && nextAt < end) nextAt = text.indexOf('@', end);
      const reach = closing === -1 ? lineEnd : closing;
      if (nextAt !== -1 && nextAt < reach) {
        while ((starts[i + 1]?.scheme ?? text.length) <= nextAt) i++;
        const stop = Math.min(starts[i + 1]?.scheme ?? text.length, reach);
        passwordEnd = nextAt + text.slice(nextAt, stop).lastIndexOf('@');
      } else if (login.end === url.length) continue;
    } else if (login.password < login.end && !isCredibleHost(hostOf(url))) {
      const later = text.slice(end, limit).lastIndexOf('@');
      if (later !== -1) passwordEnd = end + later;
    }
    const user = text.slice(authority, authority + login.user);
    if (isTokenLike(user)) spans.push({ start: authority, end: authority + login.user });
    if (login.password < login.end || login.open)
      spans.push({ start: authority + login.password, end: passwordEnd });
  }
  return spans.filter((span) => span.start < span.end);
}

/** Go's `user:password@tcp(host:3306)/db` and its like. */
function findDriverLogins(text: string, prose: boolean): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const found of text.matchAll(/@(?:tcp[46]?|udp|unix|cloudsql(?:-\w{1,10})?)\(/gi)) {
    if (found.index < from) continue;
    let start = found.index;
    while (start > from && !isLoginEdge(text, start, found.index, prose)) start--;
    const login = text.slice(start, found.index);
    const colon = login.indexOf(':');
    if (colon !== -1 && !/^(?:mysql|mariadb):\/\//i.test(login))
      spans.push({ start: start + colon + 1, end: found.index });
    const closing = text.indexOf(')', found.index);
    from = closing === -1 ? text.length : closing + 1;
  }
  return spans;
}

/** Whether a login ending at `end` can't reach back over the character before `at`: a blank in prose, its own quote. */
function isLoginEdge(text: string, at: number, end: number, prose: boolean): boolean {
  const before = text.charAt(at - 1);
  if (prose) return /[\s"'`=]/.test(before);
  if (before === '\n') return true;
  const opens = /["'`]/.test(before) && (at === 1 || /[\s:=,{[(\\]/.test(text.charAt(at - 2)));
  return opens && text.slice(end, end + QUOTE_REACH).includes(before);
}

/** Oracle's `jdbc:oracle:thin:user/password@host`. */
function findOracleLogins(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const found of text.matchAll(/jdbc:oracle:\w{2,5}:[^/\s@:]{0,128}\//gi)) {
    const start = found.index + found[0].length;
    if (found.index < from) continue;
    const blank = /[\s"'<>]|$/.exec(text.slice(start));
    from = start + (blank?.index ?? 0);
    const at = text.slice(start, from).lastIndexOf('@');
    if (at > 0) spans.push({ start, end: start + at });
  }
  return spans;
}

/** `user:password@host:port`, as proxies are given without a scheme. */
function findBareLogin(text: string, from: number, end: number): Span[] {
  const login = text.slice(from, end);
  const at = login.lastIndexOf('@');
  const colon = login.indexOf(':');
  const host = login.slice(at + 1);
  if (colon === -1 || at < colon + 2 || host.length > 300 || !/^[\w.-]+:\d{2,5}(?:\/\S*)?$/.test(host))
    return [];
  const user = login.slice(0, colon);
  return login.includes('://') || !/^(?:.{0,80}[=,;(])?[\w.+%-]*$/.test(user)
    ? []
    : [{ start: from + colon + 1, end: from + at }];
}

/** Bare logins among the words of a text, or a whole value that is one, with blanks in its password. */
function findBareLogins(text: string, prose: boolean): Span[] {
  if (!text.includes('@')) return [];
  const spans = prose ? [] : findBareLogin(text, 0, text.length);
  for (const { index, 0: word } of text.matchAll(/[^\s"'`<>]+/g)) {
    if (word.includes('@')) spans.push(...findBareLogin(text, index, index + word.length));
  }
  return spans;
}

/** Percent-encoded URLs, as in `?next=https%3A%2F%2Fuser%3Apassword%40host`. */
const ENCODED_LOGIN = /%3A%2F%2F[^\s&"'%]{0,80}%3A(?<secret>[^\s&"']{1,200}?)(?=%40)/gi;

/** Passwords, and tokens given as user names, of the logins in a text. */
export function findLogins(text: string, prose: boolean): Span[] {
  return [
    ...findUrlLogins(text, prose),
    ...findDriverLogins(text, prose),
    ...findOracleLogins(text),
    ...findBareLogins(text, prose),
    ...matches(text, ENCODED_LOGIN),
  ];
}
