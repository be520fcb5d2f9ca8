import { quote, Refusal, RuleError } from './rule.js';

/** What a stack can be: for everybody, not yet for prod spaces, or for no new spaces. */
export const STACK_STATES = ['public', 'beta', 'deprecated'] as const;
export type StackState = (typeof STACK_STATES)[number];

const LENGTH = { min: 2, max: 40 } as const;
/** Words that domains have in the place of a stack. */
const RESERVED: ReadonlySet<string> = new Set(['internal', 'localhost']);

/**
 * Parses the name of a stack that is to be created; upper case is folded. It is a label of the domains of its apps.
 * Throws a {@link RuleError} for what is no name, and a {@link Refusal} for one that domains have already.
 */
export function parseStackName(input: string): string {
  const name = parse('stack', input);
  if (!RESERVED.has(name)) return name;
  throw new Refusal(
    'reserved_stack_name',
    `${quote(name)} has a meaning of its own in domains.`,
    'Choose another name.',
  );
}

/** Parses the name of a region that is to be created; upper case is folded. Throws a {@link RuleError}. */
export function parseRegionName(input: string): string {
  return parse('region', input);
}

function parse(noun: 'stack' | 'region', input: string): string {
  const name = input.toLowerCase();
  const { min, max } = LENGTH;
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) && name.length >= min && name.length <= max) return name;
  throw new RuleError(
    `invalid_${noun}_name`,
    `${quote(input)} is not a name for a ${noun}.`,
    `A ${noun} is named with ${min} to ${max} letters, digits and single dashes, a letter first.`,
  );
}
