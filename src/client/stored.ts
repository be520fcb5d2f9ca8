import { parseCompliance, sameCompliance } from '../model/compliance.js';
import { quote } from '../model/rule.js';
import { PROD_SIZE } from '../model/sizes.js';

/**
 * Says where a server stored something else than it was asked to: an older Akkeris takes `socsprod` for a compliance
 * and answers that all is well. What the answer doesn't show is not judged.
 */
export function storedOtherwise(
  asked: Readonly<Record<string, unknown>>,
  stored: Readonly<Record<string, unknown>>,
): { readonly member: string; readonly says: string }[] {
  return Object.entries(asked).flatMap(([member, wanted]) => {
    const shown =
      member === 'name'
        ? (stored.simple_name ?? stored.name)
        : stored[member === 'org' ? 'organization' : member];
    if (wanted === undefined || wanted === null || shown === undefined || shown === null) return [];
    const alsoFits = member === 'size' && typeof wanted === 'string' && same(`${wanted}${PROD_SIZE}`, shown);
    return same(wanted, shown) || alsoFits
      ? []
      : [{ member, says: `${member} ${display(shown)} was stored, not ${display(wanted)} as asked` }];
  });
}

function same(wanted: unknown, shown: unknown): boolean {
  if (Array.isArray(wanted) && Array.isArray(shown)) return sameCompliance(words(wanted), words(shown));
  // Another resource, which is asked for by its name or its id.
  if (isReference(shown)) return [shown.id, shown.name].some((key) => key !== undefined && same(wanted, key));
  return String(wanted).toLowerCase() === String(shown).toLowerCase();
}

/** The words of a list, parsed as compliance if they are; a stored one may be none. */
function words(list: readonly unknown[]): readonly string[] {
  const texts = list.map(String);
  try {
    return parseCompliance(texts);
  } catch {
    return texts;
  }
}

function display(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : quote(value.join(', '));
  return isReference(value) ? display(value.name) : quote(String(value));
}

function isReference(value: unknown): value is { readonly id?: unknown; readonly name?: unknown } {
  return typeof value === 'object' && value !== null;
}
