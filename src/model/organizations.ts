import { quote, RuleError } from './rule.js';

const LENGTH = { min: 2, max: 40 } as const;

/** Parses the name of an organization that is to be created; upper case is folded. Throws a {@link RuleError}. */
export function parseOrganizationName(input: string): string {
  const name = input.toLowerCase();
  const { min, max } = LENGTH;
  if (/^[a-z][a-z0-9-]*$/.test(name) && name.length >= min && name.length <= max) return name;
  throw new RuleError(
    'invalid_organization_name',
    `${quote(input)} is not a name for an organization.`,
    `An organization is named with ${min} to ${max} letters, digits and dashes, a letter first.`,
  );
}
