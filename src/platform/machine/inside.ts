import { BlockList, isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether an address belongs to this machine, a private network or nobody. What can't be read does. */
export function isInside(address: string): boolean {
  const plain = address.split('%')[0] ?? '';
  const family = isIP(plain);
  if (family === 0) return true;
  inside ??= insideNetworks();
  if (inside.check(plain, family === 4 ? 'ipv4' : 'ipv6')) return true;
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return own.some((one) => one.address.split('%')[0] === plain);
}

/**
 * Not to be reached from the internet (RFC 6890 and its registries), or a way to write an address that is not. An IPv4
 * address written as IPv6 (`::ffff:`) is looked up as what it is.
 */
const INSIDE = [
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
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

/** Made when it is first asked: most commands never do. */
let inside: BlockList | undefined;

function insideNetworks(): BlockList {
  const networks = new BlockList();
  for (const [net, bits] of INSIDE) networks.addSubnet(net, bits, isIPv6(net) ? 'ipv6' : 'ipv4');
  return networks;
}
