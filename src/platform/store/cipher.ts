import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { AppsApiError } from '../../contract/errors.js';

const NONCE = 12;
const TAG = 16;
/** The first byte of everything sealed, so that another way of sealing can come later. */
const AES_256_GCM = 1;

/** Length of a key in bytes. */
export const KEY_LENGTH = 32;

/**
 * Seals what must not be readable in the database file: AES-256-GCM, with a random nonce each time. What it is the
 * value of (`place`) is authenticated with it, so that sealed values can't be moved about.
 */
export class Cipher {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(text: string, place: string): Uint8Array {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(AES_256_GCM), nonce, sealed, cipher.getAuthTag()]);
  }

  /** A digest by which the same text is known again, and which tells nobody without the key what it is of. */
  digest(text: string, place: string): string {
    const key = createHmac('sha256', this.#key).update('digest').digest();
    return createHmac('sha256', key).update(`${place}\n${text}`).digest('hex');
  }

  /** Throws an {@link AppsApiError} if this is not what was sealed at that place with this key. */
  open(sealed: Uint8Array, place: string): string {
    try {
      if (sealed[0] !== AES_256_GCM) throw new Error('unknown seal');
      const nonce = sealed.subarray(1, 1 + NONCE);
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce)
        .setAAD(Buffer.from(place))
        .setAuthTag(sealed.subarray(sealed.length - TAG));
      const body = sealed.subarray(1 + NONCE, sealed.length - TAG);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    } catch {
      throw new AppsApiError({
        id: 'unreadable_secret',
        status: 500,
        message: "A stored secret can't be opened: it was damaged, or sealed with another key.",
        hint: 'Restore the platform from a backup: aka platform:restore FILE',
      });
    }
  }
}
