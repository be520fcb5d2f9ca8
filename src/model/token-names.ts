import { quote, Refusal, RuleError } from './rule.js';

const LENGTH = { min: 2, max: 40 } as const;
/** Who says in the audit log what came of what others wanted. */
const RESERVED = 'aka';

/**
 * Parses the name of a token; upper case is folded. It stands in the audit log for whoever has the token. Throws a
 * {@link RuleError} for what is no name, and a {@link Refusal} for that of the platform itself.
 */
export function parseTokenName(input: string): string {
  const name = input.toLowerCase();
  const { min, max } = LENGTH;
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length < min || name.length > max) {
    throw new RuleError(
      'invalid_token_name',
      `${quote(input)} is not a name for a token.`,
      `A token is named with ${min} to ${max} letters, digits and single dashes, a letter first.`,
    );
  }
  if (name !== RESERVED) return name;
  throw new Refusal('reserved_token_name', `${quote(name)} is the platform itself.`, 'Choose another name.');
}
