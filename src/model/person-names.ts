import { RuleError } from './rule.js';

/** As many characters as an account of Akkeris may have. */
const NAME_MAX = 128;
const VIA = ' via ';

/**
 * Parses the name of a person as a trusted token says it; it goes into the audit log. Throws a {@link RuleError} unless
 * it is 1 to 128 printable characters of ASCII without blanks at its ends: that is what a header can hold, and what looks
 * the same to everybody.
 */
export function parsePersonName(text: string): string {
  if (/^[!-~](?:[ -~]*[!-~])?$/.test(text) && text.length <= NAME_MAX) return text;
  throw new RuleError(
    'invalid_username',
    'The name in x-username is not one that can stand in the audit log.',
    `It has 1 to ${NAME_MAX} printable characters of ASCII, and no blank at its ends.`,
  );
}

/** What the audit log calls somebody who came by a trusted token: no token or user of the machine has such a name. */
export function viaName(person: string, token: string): string {
  return `${person}${VIA}${token}`;
}

/** The names of one person: of `jane via gateway` also jane, who may come by a token of her own as well. */
export function namesOfPerson(name: string): string[] {
  const at = name.lastIndexOf(VIA);
  return at < 0 ? [name] : [name, name.slice(0, at)];
}

/** The token of `jane via gateway`; undefined for who came by none of those. */
export function tokenOf(name: string): string | undefined {
  const at = name.lastIndexOf(VIA);
  return at < 0 ? undefined : name.slice(at + VIA.length);
}
