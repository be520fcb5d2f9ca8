/** The most links that are followed one after another, as in Linux. */
const LINKS_MAX = 40;

/**
 * Whether a symbolic link leads to a place inside the tree it is in, existing or not, whatever links are on the way.
 * `links` are all those of the tree, target by path; paths are relative to its top, with `/` between names.
 *
 * Looking at the text alone would not do: with `sub/up -> ..`, `sub/up/..` is above the top.
 */
export function staysInside(path: string, links: ReadonlyMap<string, string>): boolean {
  const at: string[] = [];
  const ahead = path.split('/').toReversed();
  for (let followed = 0; ; ) {
    const name = ahead.pop();
    if (name === undefined) return true;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (at.pop() === undefined) return false;
      continue;
    }
    at.push(name);
    const target = links.get(at.join('/'));
    if (target === undefined) continue;
    if (target.startsWith('/') || ++followed > LINKS_MAX) return false;
    at.pop();
    ahead.push(...target.split('/').toReversed());
  }
}
