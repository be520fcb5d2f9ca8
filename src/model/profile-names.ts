import { quote, Refusal, RuleError } from './rule.js';

const LONGEST = 40;

/** The platform on this machine goes by this name, which no profile can have. */
export const EMBEDDED = 'embedded';

/**
 * Parses the name of a profile that is to be made; upper case is folded. Throws a {@link RuleError} for what is no name,
 * and a {@link Refusal} for that of the platform on this machine.
 */
export function parseProfileName(input: string): string {
  const name = input.toLowerCase();
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) || name.length > LONGEST) {
    throw new RuleError(
      'invalid_profile_name',
      `${quote(input)} is not a name for a profile.`,
      `A profile is named with at most ${LONGEST} letters, digits and single dashes.`,
    );
  }
  if (name !== EMBEDDED) return name;
  throw new Refusal(
    'reserved_profile_name',
    `${quote(name)} is the platform on this machine, and always there.`,
    'Choose another name.',
  );
}
