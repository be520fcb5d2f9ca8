/**
 * What may be shown of a config var: hidden whole when its name says secret, otherwise hidden only where its value does.
 * The rules look for spans in the text (`redaction/*.ts`) and never rewrite anything else, so that what is harmless is
 * returned byte for byte. Every rule takes time linear in its input.
 */

import { isSensitiveName, type RedactionRules, type Words } from './redaction/names.js';
import { findPairs } from './redaction/pairs.js';
import { merge, REDACTED, replace, type Span } from './redaction/spans.js';
import { findBlocks, findTokens } from './redaction/tokens.js';
import { findLogins } from './redaction/urls.js';

export { isSensitiveName, REDACTED, type RedactionRules };

/** How often a text is looked at until nothing changes; ordinary ones need two looks, the second to see it is settled. */
const MAX_LOOKS = 5;

const MARKER = /(?:\[|%(?:25){0,4}5b|\\u005b)\s*redacted\s*(?:\]|%(?:25){0,4}5d|\\+u005d)/i;

function look(text: string, prose: boolean, words: Words): Span[] {
  const structures = merge([...findBlocks(text), ...findLogins(text, prose)]);
  return merge([...structures, ...findTokens(text), ...findPairs(text, structures, words)]);
}

/**
 * Redacts until another look changes nothing, so the result is its own redaction; a text that won't settle is hidden.
 * `found` hears of each piece that is hidden.
 */
function settle(
  text: string,
  prose: boolean,
  words: Words,
  found: (piece: string) => void = () => {},
): string {
  let current = text;
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const secrets = look(current, prose, words);
    const next = replace(current, secrets);
    if (next === current) return current;
    for (const { start, end } of secrets) current.slice(start, end).split(REDACTED).forEach(found);
    current = next;
  }
  found(text);
  return REDACTED;
}

/** A value with its secrets hidden, told by the value alone; the harmless rest stays as it is. */
export function redactValue(value: string, rules?: RedactionRules): string {
  return settle(value, false, rules?.words);
}

/**
 * What is secret of the config var `name`, for whoever looks for it elsewhere: the value as a whole if the name says
 * so, and each part of it that its form gives away. None is empty.
 */
export function secretsIn(name: string, value: string, rules?: RedactionRules): string[] {
  const pieces = new Set<string>(isSensitiveName(name, rules) ? [value] : []);
  settle(value, false, rules?.words, (piece) => pieces.add(piece));
  // An object that was hidden whole has passwords of its own.
  const outer = [...pieces].filter((piece) => piece !== value);
  for (const piece of outer) settle(piece, false, rules?.words, (inner) => pieces.add(inner));
  pieces.delete('');
  return [...pieces];
}

/** The value of the config var `name` as it may be shown. An empty value stays empty: there is nothing to hide. */
export function redact(name: string, value: string, rules?: RedactionRules): string {
  if (value === '') return '';
  return isSensitiveName(name, rules) ? REDACTED : redactValue(value, rules);
}

/** Config vars as they may be shown. */
export function redactVars(
  vars: Readonly<Record<string, string>>,
  rules?: RedactionRules,
): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, redact(name, value, rules)]));
}

/** Free text, such as an error message or a debug line, with its secrets hidden and its sentences left readable. */
export function redactText(text: string, rules?: RedactionRules): string {
  return settle(text, true, rules?.words);
}

/** Whether a value holds the marker, also encoded as in a URL or JSON: it was read redacted and must not be stored. */
export function holdsRedacted(value: string): boolean {
  return MARKER.test(value);
}
