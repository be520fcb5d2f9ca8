/** An address as its bytes: 4 of IPv4, 16 of IPv6. */
type Address = readonly number[];

/**
 * Returns whether a list of NO_PROXY covers a host: which is then reached without a proxy. Entries are parted by commas
 * or blanks. Each is `*`, a domain with all below it (`example.com`, also written `.example.com` and `*.example.com`), an
 * address (`::1`, `[::1]`) or a network of addresses (`10.0.0.0/8`); all but a network may have a port. Case and a dot at
 * the end don't matter, as for curl and Go. An entry that is none of these covers nothing.
 */
export function isWithoutProxy(list: string, host: string, port: number): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  const address = parseAddress(name);
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => covers(entry.toLowerCase(), name, address, port));
}

function covers(entry: string, name: string, address: Address | undefined, port: number): boolean {
  if (entry === '*') return true;
  const network = /^\[?([^\]/]+)\]?\/(\d{1,3})$/.exec(entry);
  if (network !== null) {
    const [, first = '', bits = ''] = network;
    return address !== undefined && isWithin(address, parseAddress(first), Number(bits));
  }
  const { base, only } = parted(entry);
  if (only !== undefined && only !== port) return false;
  if (address !== undefined) {
    const given = parseAddress(base);
    return given !== undefined && isWithin(address, given, 8 * given.length);
  }
  const domain = base.replace(/^\*?\./, '').replace(/\.$/, '');
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

/** An entry without its port. The colons of an IPv6 address without brackets are its own. */
function parted(entry: string): { readonly base: string; readonly only?: number } {
  const [, base = entry, only] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  return { base: base.replace(/^\[|\]$/g, ''), ...(only !== undefined && { only: Number(only) }) };
}

function isWithin(address: Address, first: Address | undefined, bits: number): boolean {
  if (address.length !== first?.length || bits > 8 * first.length) return false;
  return address.every((byte, index) => {
    const mask = 0xff & ~(0xff >> Math.min(8, Math.max(0, bits - 8 * index)));
    return (byte & mask) === ((first[index] ?? 0) & mask);
  });
}

/** Only in the usual forms: four decimal numbers, or groups of hexadecimal digits, of which `::` leaves out the zeros. */
function parseAddress(text: string): Address | undefined {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (v4 !== undefined) return v4.every((byte) => byte <= 255) ? v4 : undefined;
  if (!text.includes(':') || !URL.canParse(`http://[${text}]`)) return undefined;
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
