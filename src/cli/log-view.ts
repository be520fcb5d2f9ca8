import type { LogEntry } from '../contract/logs.js';
import { printable } from '../model/rule.js';
import type { Output, Style } from './output.js';
import { taken } from './streams.js';

/** A line of a log, as far as it is shown. */
type Shown = Pick<LogEntry, 'at' | 'line'>;

/** Shows the lines of a log as they come; `who` says of each whose it is, where that is not known anyway. */
export async function showLog<Line extends Shown>(
  lines: AsyncIterable<Line>,
  out: Output,
  who: (line: Line) => string = () => '',
): Promise<void> {
  let any = false;
  for await (const line of lines) {
    any = true;
    out.styled(logText(line, who(line), out.style));
    await taken(process.stdout);
  }
  if (!any) out.note('No lines.');
}

function logText({ at, line }: Shown, who: string, style: Style): string {
  const whose = who === '' ? [] : [tintOf(who, style)(`${printable(who)} |`)];
  return [style.faint(printable(at)), ...whose, style.program(line)].join(' ');
}

/** Always the same colour for the same name. */
function tintOf(name: string, { tints }: Style): (text: string) => string {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return tints[hash % tints.length] ?? ((text) => text);
}
