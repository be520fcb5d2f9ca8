import { writeFileSync } from 'node:fs';
import { EngineError, GATEWAY_HOST } from '../engine.js';
import type { Subnet } from '../protocol.js';
import type { Ip } from './ip.js';

export interface Space {
  readonly name: string;
  readonly bridge: string;
  readonly table: number;
  readonly subnet: Subnet;
}

/** Numbers of rules: each space's before that of the addresses of this namespace. */
const SPACE_RULE = 100;
const ELSE_RULE = 101;
const LOCAL_RULE = 32_000;
const FIRST_TABLE = 1000;

/**
 * The bridges of all spaces, in one network namespace. That a dyno reaches nothing of another space through it is the
 * work of routing rules: what comes in over a bridge is looked up in a table with that space's own addresses only, and
 * otherwise dropped; nothing is ever forwarded.
 */
export class Spaces {
  private readonly spaces = new Map<string, Space>();
  private next = 1;

  private constructor(private readonly ip: Ip) {}

  static async open(ip: Ip): Promise<Spaces> {
    // A new namespace takes its settings from the machine's, which may forward, filter or speak IPv6.
    for (const [name, value] of [
      ['ipv4/ip_forward', 0],
      ['ipv4/conf/all/rp_filter', 0],
      ['ipv4/conf/default/rp_filter', 0],
      ['ipv4/conf/all/route_localnet', 0],
      ['ipv4/conf/all/accept_source_route', 0],
      ['ipv4/conf/default/accept_source_route', 0],
      ['ipv4/ip_unprivileged_port_start', 0],
      ['ipv6/conf/all/disable_ipv6', 1],
      ['ipv6/conf/default/disable_ipv6', 1],
    ] as const) {
      setNet(name, value);
    }
    await ip.run(
      'link set lo up',
      `addr add ${GATEWAY_HOST}/32 dev lo`,
      `rule add pref ${LOCAL_RULE} lookup local`,
      'rule del pref 0',
    );
    return new Spaces(ip);
  }

  has(name: string): boolean {
    return this.spaces.has(name);
  }

  get(name: string): Space {
    const space = this.spaces.get(name);
    if (space === undefined) throw new EngineError('not_found', `There is no space ${name} here.`);
    return space;
  }

  async ensure(name: string, subnet: Subnet): Promise<void> {
    if (this.spaces.has(name)) return;
    const number = this.next++;
    const space = { name, bridge: `space${number}`, table: FIRST_TABLE + number, subnet };
    this.spaces.set(name, space);
    try {
      await this.makeBridge(space, number);
    } catch (error) {
      await this.remove(name).catch(() => undefined);
      throw error;
    }
  }

  /** Has the address of an app answer, also ARP, in a space. Listen there only after it resolves. */
  async addAddress(space: string, ip: string): Promise<void> {
    const { bridge, table } = this.get(space);
    await this.ip.run(
      ...[`local`, String(table)].map((each) => `route add local ${ip}/32 dev ${bridge} table ${each}`),
    );
  }

  /** Nothing answers there from then on. An address or space that isn't there is no error. */
  async removeAddress(space: string, ip: string): Promise<void> {
    const found = this.spaces.get(space);
    if (found === undefined) return;
    const { bridge, table } = found;
    await this.ip
      .run(...[`local`, String(table)].map((each) => `route del local ${ip}/32 dev ${bridge} table ${each}`))
      .catch(() => undefined);
  }

  async remove(name: string): Promise<void> {
    const space = this.spaces.get(name);
    if (space === undefined) return;
    this.spaces.delete(name);
    const { bridge } = space;
    // Its routes go with it.
    await this.ip.run(
      `link del ${bridge}`,
      `rule del pref ${SPACE_RULE} iif ${bridge}`,
      `rule del pref ${ELSE_RULE} iif ${bridge}`,
    );
  }

  private async makeBridge({ bridge, table, subnet }: Space, number: number): Promise<void> {
    await this.ip.run(
      // An address of its own: else it takes one of its ports' and changes it as dynos come and go.
      `link add ${bridge} address ${mac(0x0a00_0000 + number)} type bridge mcast_snooping 0`,
      `rule add pref ${SPACE_RULE} iif ${bridge} lookup ${table}`,
      `rule add pref ${ELSE_RULE} iif ${bridge} blackhole`,
      `link set ${bridge} up`,
      `route add local ${GATEWAY_HOST} dev ${bridge} table ${table}`,
      `route add local 127.0.0.1 dev ${bridge} table ${table}`,
      // What the agent sends to dynos comes from here. The addresses of apps are added one by one.
      `addr add ${subnet.bridge}/${subnet.bits} brd + dev ${bridge}`,
      `route add local ${subnet.bridge}/32 dev ${bridge} table ${table}`,
    );
    // What dynos send to the router's ports at their 127.0.0.1 arrives here (see `dynoNetwork`).
    setNet(`ipv4/conf/${bridge}/route_localnet`, 1);
  }
}

/** A locally administered address that depends on the IP address alone, so that neighbours' caches stay right. */
export function mac(number: number): string {
  const octets = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255);
  return ['02', 'ac', ...octets.map((octet) => octet.toString(16).padStart(2, '0'))].join(':');
}

export function macOf(ip: string): string {
  return mac(ip.split('.').reduce((number, octet) => number * 256 + Number(octet), 0));
}

function setNet(name: string, value: number): void {
  try {
    writeFileSync(`/proc/sys/net/${name}`, String(value));
  } catch (error) {
    // A kernel without IPv6 has none to switch off.
    if (!name.startsWith('ipv6/')) throw error;
  }
}
