import { readFileSync } from 'node:fs';

/** The lowest port that any user may listen on where nothing else says so. */
const LOWEST = 1024;

/** The lowest port that this user may listen on. */
export function lowestPort(): number {
  if (process.geteuid?.() === 0) return 1;
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return LOWEST;
  }
}

/** What lets users listen on a port, as a command. */
export function allowPort(port: number): string {
  return process.platform === 'linux'
    ? `sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`
    : 'run the platform as root';
}
