import { quote } from '../model/rule.js';

/**
 * Says where a server stored something else than it was asked to: an older Akkeris takes `socsprod` for a compliance
 * and answers that all is well. What the answer doesn't show is not judged.
 */
export function storedOtherwise(
  asked: Readonly<Record<string, unknown>>,
  stored: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(asked).flatMap(([member, wanted]) => {
    const shown =
      member === 'name'
        ? (stored.simple_name ?? stored.name)
        : stored[member === 'org' ? 'organization' : member];
    if (wanted === undefined || wanted === null || shown === undefined || shown === null) return [];
    return same(wanted, shown)
      ? []
      : [`${member} ${display(shown)} was stored, not ${display(wanted)} as asked`];
  });
}

function same(wanted: unknown, shown: unknown): boolean {
  if (Array.isArray(wanted) && Array.isArray(shown)) {
    return display(wanted) === display(shown);
  }
  // Another resource: by its name or its id.
  if (typeof shown === 'object' && shown !== null) {
    return Object.entries(shown).some(
      ([member, value]) => ['id', 'name'].includes(member) && same(wanted, value),
    );
  }
  return String(wanted).toLowerCase() === String(shown).toLowerCase();
}

function display(value: unknown): string {
  if (Array.isArray(value))
    return (
      [...new Set(value.map((each) => quote(String(each).toLowerCase())))].toSorted().join(',') || 'nothing'
    );
  if (typeof value === 'object' && value !== null && 'name' in value) return display(value.name);
  return quote(String(value));
}
