import { RuleError, shown } from './rule.js';

/** A SHA-256 as 64 hexadecimal digits in lower case: what sources and slugs are known by. */
export type Digest = string & { readonly __digest: true };

const HEX = /^[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return HEX.test(text);
}

/** Reads `sha256:` and 64 hexadecimal digits, of any case. Throws a {@link RuleError}. */
export function parseChecksum(text: string): Digest {
  const [kind = '', ...rest] = text.trim().toLowerCase().split(':');
  const hex = rest.join(':');
  if (kind === 'sha256' && isDigest(hex)) return hex;
  throw new RuleError(
    'invalid_checksum',
    `${shown(text, 100) || 'An empty word'} is no checksum.`,
    'It reads sha256: and 64 hexadecimal digits, as sha256sum prints them.',
  );
}
