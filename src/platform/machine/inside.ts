import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Returns whether an address belongs to this machine, a private network or nobody. True for text that is no address.
 * Read when it is called: an interface may get an address at any time.
 */
export function isInside(address: string): boolean {
  inside ??= networks(INSIDE);
  return isOneOf(address, inside);
}

/**
 * Returns whether an address is this machine, link-local, or a way to write an IPv4 address that can't be looked
 * through. Other private networks are not. True for text that is no address.
 */
export function isThisMachineOrLink(address: string): boolean {
  machineAndLink ??= networks(MACHINE_AND_LINK);
  return isOneOf(address, machineAndLink);
}

type Network = readonly [net: string, bits: number];

/** IPv4 addresses as IPv6 ones of networks that translate: which of them a gateway leads to is not known here. */
const TRANSLATED: readonly Network[] = [
  ['::', 96],
  // SIIT (RFC 7915), with the address in the last 32 bits as for ::ffff:0:0/96.
  ['::ffff:0:0:0', 96],
  ['64:ff9b:1::', 48],
  // Teredo and 6to4.
  ['2001::', 32],
  ['2002::', 16],
];

/** Not to be reached from the internet (RFC 6890 and its registries), or a way to write an address that is not. */
const INSIDE: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Everything but 2000::/3, which is all that is given out: 5f00::/16, fc00::/7, fe80::/10 and ff00::/8 among others.
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const MACHINE_AND_LINK: readonly Network[] = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ...TRANSLATED,
];

/** Made when first needed: most commands never do. */
let inside: Networks | undefined;
let machineAndLink: Networks | undefined;

/** One list a family: BlockList compares IPv4 addresses with networks of IPv6, too. */
type Networks = Readonly<Record<'ipv4' | 'ipv6', BlockList>>;

function networks(list: readonly Network[]): Networks {
  const found = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [net, bits] of list) found[familyOf(net)].addSubnet(net, bits, familyOf(net));
  return found;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function isOneOf(address: string, list: Networks): boolean {
  const plain = canonical(address);
  if (plain === undefined) return true;
  const family = familyOf(plain);
  if (list[family].check(plain, family)) return true;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return own.some((one) => canonical(one.address) === plain);
}

/**
 * One spelling for each address, without a zone. An IPv4 address in `::ffff:0:0/96` or behind the well-known NAT64 prefix,
 * by which machines without IPv4 reach the rest of the internet, is taken for what it is.
 */
function canonical(address: string): string | undefined {
  const plain = address.split('%')[0] ?? '';
  if (isIP(plain) !== 6) return isIP(plain) === 4 ? plain : undefined;
  const text = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [, high, low] = /^(?:::ffff|64:ff9b:):(?:([0-9a-f]{1,4}):)?([0-9a-f]{0,4})$/.exec(text) ?? [];
  if (low === undefined) return text;
  const number = [high, low].map((hex) => Number.parseInt(hex || '0', 16));
  return number.flatMap((half) => [half >> 8, half & 255]).join('.');
}
