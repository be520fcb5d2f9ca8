import { parseCompliance, sameCompliance } from '../model/compliance.js';
import { isId } from '../model/names.js';
import { holdsRedacted } from '../model/redaction.js';
import { quote } from '../model/rule.js';
import { PROD_SIZE } from '../model/sizes.js';

/**
 * Says where a server stored something else than it was asked to: an older Akkeris takes `socsprod` for a compliance
 * and answers that all is well. What the answer doesn't show, or hides in part, is not judged.
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
  if (Array.isArray(wanted) && Array.isArray(shown)) return sameList(wanted, shown);
  if (isReference(shown)) {
    return isReference(wanted) ? sameMembers(wanted, shown) : isNamed(shown, wanted);
  }
  const text = String(shown);
  // Whose id that is can't be told from here.
  if (isId(text) && !isId(String(wanted))) return true;
  return holdsRedacted(text) || String(wanted).toLowerCase() === text.toLowerCase();
}

function sameList(wanted: readonly unknown[], shown: readonly unknown[]): boolean {
  if (!wanted.some(isReference)) return sameCompliance(words(wanted), words(shown));
  return wanted.every((each) => shown.some((it) => same(each, it)));
}

/** Whether what is asked of a resource is so, as far as it is shown. */
function sameMembers(wanted: Reference, shown: Reference): boolean {
  return Object.entries(wanted).every(([member, value]) => {
    if (member === 'id') return isNamed(shown, value);
    return shown[member] === undefined || shown[member] === null || same(value, shown[member]);
  });
}

/** Whether this is what another resource is asked for by: its id or its name, of which the latter may not be shown. */
function isNamed({ id, name }: Reference, wanted: unknown): boolean {
  if (name === undefined && !isId(String(wanted))) return true;
  return [id, name].some((key) => key !== undefined && same(wanted, key));
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
  if (Array.isArray(value) && !value.some(isReference)) {
    return value.length === 0 ? 'nothing' : quote(value.join(', '));
  }
  if (!isReference(value)) return quote(String(value));
  return value.name === undefined ? quote(JSON.stringify(value)) : display(value.name);
}

type Reference = Readonly<Record<string, unknown>>;

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null;
}
