import { timingSafeEqual } from 'node:crypto';
import type { Caller } from '../caller.js';
import { ACCESS_TOKEN_MIN } from '../files/access-token.js';
import { secretDigest } from '../services/secrets.js';
import type { Session } from '../services/session.js';
import { isExpired } from '../store/tokens.js';

/** Whom a token stands for. */
export interface Holder extends Omit<Caller, 'origin' | 'unnamed' | 'session'> {
  /** Whether it may say for whom it asks: see behalf.ts. */
  readonly trusted?: boolean;
}

/** A secret that stands for a user when it is sent in `Authorization`. */
interface BearerToken extends Holder {
  readonly secret: string;
}

/** Whose token this is; undefined for any other. */
export type TokenCheck = (bearer: string) => Holder | undefined;

/** How often is written down that a token was used, in milliseconds: each time would be a write a request. */
const NOTED = 60_000;

/**
 * Makes the check for a set of tokens, which keeps their digests only. It takes the same time whether and wherever a
 * bearer is right or wrong. Throws a TypeError for a secret of fewer than 32 characters.
 */
export function bearerTokens(tokens: readonly BearerToken[]): TokenCheck {
  const known = tokens.map(({ secret, ...holder }) => {
    if (secret.length < ACCESS_TOKEN_MIN) {
      throw new TypeError(`The token of ${holder.name} has fewer than ${ACCESS_TOKEN_MIN} characters.`);
    }
    return { holder, digest: secretDigest(secret) };
  });
  return (bearer) => {
    const given = secretDigest(bearer);
    let found: Holder | undefined;
    for (const each of known) {
      if (timingSafeEqual(each.digest, given)) found = each.holder;
    }
    return found;
  };
}

/**
 * The check for the tokens that administrators made. The data is asked each time, some microseconds, so that one which
 * was revoked, by whatever process, opens nothing from then on. Only the digest of a bearer is ever compared, and
 * whoever sends one can't choose that: how long it takes says nothing of any secret.
 */
export function storedTokens({ store, now }: Pick<Session, 'store' | 'now'>): TokenCheck {
  return (bearer) => {
    const token = store.tokens.byDigest(secretDigest(bearer));
    const at = now();
    if (token === undefined || isExpired(token, at)) return undefined;
    if (token.usedAt === null || at.getTime() - Date.parse(token.usedAt) >= NOTED) {
      try {
        store.tokens.used(token.name, at.toISOString());
      } catch {
        // It opens the platform also when nothing can be written: on a full disk somebody must be able to make room.
      }
    }
    // A user token whose spaces are all gone opens none.
    return {
      name: token.name,
      token: token.name,
      role: token.role,
      ...(token.role === 'user' && { spaces: token.spaces }),
      ...(token.trusted && { trusted: true }),
    };
  };
}
