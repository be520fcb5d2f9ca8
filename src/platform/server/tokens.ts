import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../caller.js';
import { ACCESS_TOKEN_MIN } from '../files/access-token.js';

/** A secret that stands for a user when it is sent as `Authorization: Bearer SECRET`. */
interface BearerToken {
  readonly name: string;
  readonly role: Caller['role'];
  readonly secret: string;
}

/** Whose token this is; undefined for any other. */
export type TokenCheck = (bearer: string) => Omit<Caller, 'origin'> | undefined;

/**
 * Makes the check for a set of tokens, which keeps their digests only. It takes the same time whether and wherever a
 * bearer is right or wrong. Throws a TypeError for a secret of fewer than 32 characters.
 */
export function bearerTokens(tokens: readonly BearerToken[]): TokenCheck {
  const known = tokens.map(({ name, role, secret }) => {
    if (secret.length < ACCESS_TOKEN_MIN) {
      throw new TypeError(`The token of ${name} has fewer than ${ACCESS_TOKEN_MIN} characters.`);
    }
    return { name, role, digest: digest(secret) };
  });
  return (bearer) => {
    const given = digest(bearer);
    let found: Omit<Caller, 'origin'> | undefined;
    for (const each of known) {
      if (timingSafeEqual(each.digest, given)) found = { name: each.name, role: each.role };
    }
    return found;
  };
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
