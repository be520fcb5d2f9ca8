import { RuleError } from './rule.js';

/**
 * Throws a {@link RuleError} if a text that people write, such as a description, can't be kept as it is: with a NUL,
 * where much of the world takes a text to end, or with half a character (a lone surrogate), which UTF-8 does not have.
 */
export function checkFreeText(what: string, text: string): void {
  if (!text.includes('\0') && !/\p{Surrogate}/u.test(text)) return;
  throw new RuleError(
    'invalid_text',
    `The ${what} holds a NUL or half a character, which can't be kept.`,
    'Leave it out; any other character is allowed.',
  );
}
