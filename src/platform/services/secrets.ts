import { createHash, randomBytes } from 'node:crypto';

/** Random bytes of a secret: as many as can't be guessed. */
const LENGTH = 32;

/** A new secret for somebody to come in with, or to sign with: 43 letters, digits, dashes and underscores. */
export function newSecret(): string {
  return randomBytes(LENGTH).toString('base64url');
}

/**
 * What is kept of a secret. A plain hash is enough where a password would need a slow one with a salt: among 2^256
 * secrets, none is found by trying.
 */
export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
