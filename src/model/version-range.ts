/** Major, minor and patch; those that a range leaves open are missing. */
type Parts = readonly number[];

/**
 * Whether a version such as `v20.1.0` is in a range as package.json has them, such as `>=18 <21 || 22.x`. True for a range
 * that isn't understood, so that it warns of nothing.
 */
export function satisfies(version: string, range: string): boolean {
  const own = parts(version.replace(/-.*$/, ''));
  if (own === undefined) return true;
  return range.split('||').some((each) => isInAll(own, each.trim()));
}

function isInAll(version: Parts, range: string): boolean {
  const span = /^(\S+)\s+-\s+(\S+)$/.exec(range);
  if (span !== null) return isInAll(version, `>=${span[1]} <=${span[2]}`);
  const words = range.replace(/([<>=~^]+)\s+/g, '$1').split(/\s+/);
  return words.every((word) => isIn(version, word));
}

function isIn(version: Parts, word: string): boolean {
  const [, operator = '', text = ''] = /^([<>=~^]*)(.*)$/.exec(word) ?? [];
  const wanted = parts(text);
  if (wanted === undefined) return true;
  const order = compare(version, wanted);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '^': {
      // Up to the first number that isn't 0.
      const fixed = wanted.findIndex((part) => part > 0);
      return isSame(version, wanted, fixed === -1 ? wanted.length : fixed + 1) && isAtLeast(version, wanted);
    }
    case '~':
      return isSame(version, wanted, 2) && isAtLeast(version, wanted);
    default:
      return order === 0;
  }
}

/** What a range leaves open is the same as anything. */
function compare(version: Parts, wanted: Parts): number {
  const at = wanted.findIndex((part, index) => part !== version[index]);
  return at === -1 ? 0 : (version[at] ?? 0) - (wanted[at] ?? 0);
}

function isSame(version: Parts, wanted: Parts, count: number): boolean {
  return compare(version, wanted.slice(0, count)) === 0;
}

function isAtLeast(version: Parts, wanted: Parts): boolean {
  return compare(version, wanted) >= 0;
}

/** Undefined for what is no version. */
function parts(text: string): Parts | undefined {
  const numbers = /^v?(?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2}$/.test(text)
    ? text.replace(/^v/, '').split('.')
    : undefined;
  const open = numbers?.findIndex((part) => /^[xX*]$/.test(part)) ?? -1;
  return numbers?.slice(0, open === -1 ? 3 : open).map(Number);
}
