import { RuleError } from './rule.js';

/**
 * The key under which a request may be repeated without a second effect: 1 to 255 visible ASCII characters, as a
 * header can hold. Throws a {@link RuleError}; answers the key otherwise.
 */
export function checkIdempotencyKey(key: string): string {
  if (/^[!-~]{1,255}$/.test(key)) return key;
  throw new RuleError(
    'invalid_idempotency_key',
    'An idempotency key has 1 to 255 visible ASCII characters.',
    'A random UUID is a good one.',
  );
}
