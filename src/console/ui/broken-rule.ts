import { RuleError } from '../../model/rule.js';

/** Returns what a rule says against something that was typed, with its way out; undefined if it holds. */
export function brokenRule(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return [error.message, error.hint].filter(Boolean).join(' ');
    throw error;
  }
}
