import type { LogLine } from '../contract/wire.js';
import { printable } from '../model/rule.js';
import type { Style } from './output.js';

/** A line of a log for a reader: when, who, and what; `withApp` where it may be any of several apps. */
export function logText({ at, app, dyno, line }: LogLine, style: Style, withApp = false): string {
  const who = printable(withApp ? `${app} ${dyno}` : dyno);
  return `${style.faint(printable(at))} ${tintOf(who, style)(`${who} |`)} ${printable(line)}`;
}

/** A line of a log for a program: one JSON document. What a terminal could take for a command is escaped in it. */
export function logJson(line: LogLine): string {
  return printable(JSON.stringify(line));
}

/** Always the same colour for the same name. */
function tintOf(name: string, { tints }: Style): (text: string) => string {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return tints[hash % tints.length] ?? ((text) => text);
}
