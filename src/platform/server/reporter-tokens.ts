import { secretDigest } from '../services/secrets.js';
import type { Store } from '../store/store.js';
import type { TokenCheck } from './tokens.js';

/**
 * The check for the tokens of those who report of checks, as they are at the moment: a removed one is not valid any
 * more. They may use nothing but that check. Looking for a digest tells nothing about the secret it is of.
 */
export function reporterTokens({ reporters }: Pick<Store, 'reporters'>): TokenCheck {
  return (bearer) => {
    const found = reporters.byDigest(secretDigest(bearer));
    return found && { name: found.name, role: 'reporter', spaces: [], reporter: found.id };
  };
}

/** A check that takes what the first of some takes, each of which is asked. */
export function anyOf(checks: readonly TokenCheck[]): TokenCheck {
  return (bearer) => {
    const found = checks.map((check) => check(bearer));
    return found.find((caller) => caller !== undefined);
  };
}
