/** RFC 5280, 4.2.1.10. */
export const NAME_CONSTRAINTS = '2.5.29.30';

const SEQUENCE = 0x30;
const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/**
 * The DER of the extension that lets a certificate authority speak for some domains and what is below them, and for
 * no address: addresses are excluded since naming domains alone would leave them open.
 */
export function nameConstraints(domains: readonly string[]): Buffer<ArrayBuffer> {
  const permitted = domains.map((domain) => der(SEQUENCE, der(DNS_NAME, Buffer.from(domain, 'ascii'))));
  // An address and its mask, all zero: every one of IPv4, every one of IPv6.
  const excluded = [8, 32].map((bytes) => der(SEQUENCE, der(IP_ADDRESS, Buffer.alloc(bytes))));
  return der(SEQUENCE, der(PERMITTED, ...permitted), der(EXCLUDED, ...excluded));
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
