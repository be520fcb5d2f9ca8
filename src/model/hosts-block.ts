import { quote, RuleError } from './rule.js';

/** A line of a hosts file. */
export interface HostLine {
  readonly address: string;
  readonly name: string;
}

/** The lines of domains at an address, as hosts files have them. Throws a {@link RuleError} for what is no domain. */
export function hostLines(domains: readonly HostLine[]): string[] {
  return domains.map(({ address, name }) => {
    const isName =
      name.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(name);
    if (!isName || !/^[0-9a-f.:]+$/i.test(address)) {
      throw new RuleError('invalid_host', `${quote(`${address} ${name}`)} can't be a line of a hosts file.`);
    }
    return `${address} ${name}`;
  });
}

/**
 * The text of a hosts file with these lines in the block of one owner, and all else as it is; without lines, without the
 * block. The block is where it was before, or at the end. Throws a {@link RuleError} if its marks are not a pair.
 */
export function withBlock(text: string, owner: string, lines: readonly string[]): string {
  const [begin, end] = [markOf('begin', owner), markOf('end', owner)];
  const block = lines.length === 0 ? '' : [begin, ...lines, end, ''].join('\n');
  const [from, ...more] = placesOf(text, begin).map((place) => place.from);
  const [last, ...others] = placesOf(text, end);
  if (from === undefined && last === undefined) {
    // After a last line that has no end, there would be no way back to exactly what was there.
    return text === '' || text.endsWith('\n') ? text + block : block + text;
  }
  if (from === undefined || last === undefined || last.from < from || more.length + others.length > 0) {
    throw new RuleError(
      'damaged_block',
      `The lines of aka are not as it wrote them: ${from === undefined ? 'their begin' : 'their end'} is missing, or there more than once.`,
      `Take them out by hand: from "${begin}" to "${end}".`,
    );
  }
  return text.slice(0, from) + block + text.slice(last.to);
}

function markOf(which: 'begin' | 'end', owner: string): string {
  return `# aka ${which} ${JSON.stringify(owner)}`;
}

/** Where lines are that say just this, with their ends. An editor of Windows may have ended them its way. */
function placesOf(text: string, line: string): { readonly from: number; readonly to: number }[] {
  const places: { from: number; to: number }[] = [];
  for (let from = text.indexOf(line); from !== -1; from = text.indexOf(line, from + 1)) {
    const after = from + line.length;
    const [end] = /^[ \t]*(?:\r?\n|$)/.exec(text.slice(after)) ?? [];
    if ((from === 0 || text[from - 1] === '\n') && end !== undefined)
      places.push({ from, to: after + end.length });
  }
  return places;
}
