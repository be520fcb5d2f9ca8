/**
 * What may be shown of a config var: hidden whole when its name says secret, otherwise hidden only where its value does.
 * The rules look for spans in the text (`redaction/*.ts`) and never rewrite anything else, so that what is harmless is
 * returned byte for byte. Every rule takes time linear in its input.
 */

import { isSensitiveName, type RedactionRules } from './redaction/names.js';
import { findPairs } from './redaction/pairs.js';
import { merge, REDACTED, replace } from './redaction/spans.js';
import { findBlocks, findTokens } from './redaction/tokens.js';
import { findLogins } from './redaction/urls.js';

export { isSensitiveName, REDACTED, type RedactionRules };

/** How often a text is looked at until nothing changes; ordinary ones need two looks, the second to see it is settled. */
const MAX_LOOKS = 5;

const MARKER = /(?:\[|%(?:25){0,4}5b|\\u005b)\s*redacted\s*(?:\]|%(?:25){0,4}5d|\\+u005d)/i;

function look(text: string, prose: boolean): string {
  const structures = merge([...findBlocks(text), ...findLogins(text, prose)]);
  const secrets = [...structures, ...findTokens(text), ...findPairs(text, structures)];
  return secrets.length === 0 ? text : replace(text, merge(secrets));
}

/** Redacts until another look changes nothing, so the result is its own redaction; a text that won't settle is hidden. */
function settle(text: string, prose: boolean): string {
  let current = text;
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const next = look(current, prose);
    if (next === current) return current;
    current = next;
  }
  return REDACTED;
}

/** A value with its secrets hidden, told by the value alone; the harmless rest stays as it is. */
export function redactValue(value: string): string {
  return settle(value, false);
}

/** The value of the config var `name` as it may be shown. An empty value stays empty: there is nothing to hide. */
export function redact(name: string, value: string, rules?: RedactionRules): string {
  if (value === '') return '';
  return isSensitiveName(name, rules) ? REDACTED : redactValue(value);
}

/** Config vars as they may be shown. */
export function redactVars(
  vars: Readonly<Record<string, string>>,
  rules?: RedactionRules,
): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, redact(name, value, rules)]));
}

/** Free text, such as an error message or a debug line, with its secrets hidden and its sentences left readable. */
export function redactText(text: string): string {
  return settle(text, true);
}

/** Whether a value holds the marker, also encoded as in a URL or JSON: it was read redacted and must not be stored. */
export function holdsRedacted(value: string): boolean {
  return MARKER.test(value);
}
