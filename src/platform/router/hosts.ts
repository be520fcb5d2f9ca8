import { appDomain } from '../../model/domains.js';
import type { StackDomain } from './certificates.js';

/** An app as far as its host name goes. */
export interface NamedApp {
  readonly app: string;
  readonly space: { readonly name: string; readonly compliance: readonly string[] };
  readonly at: StackDomain;
}

/** Where the two listeners of a router are found. */
export interface ListenerHosts {
  readonly public: string;
  /** Null if it has none: internal apps then have no host name outside of their spaces. */
  readonly internal: string | null;
}

const BEGIN = '# BEGIN aka: host names of apps';
const END = '# END aka';

/**
 * The lines of a hosts file for the domains of apps, sorted: those of internal spaces lead to the internal listener,
 * all others to the public one. An address that stands for all of a machine's is shown as loopback.
 */
export function hostLines(apps: readonly NamedApp[], listeners: ListenerHosts): string[] {
  const lines = apps.flatMap(({ app, space, at }) => {
    const address = space.compliance.includes('internal') ? listeners.internal : listeners.public;
    return address === null ? [] : [`${reachable(address)} ${appDomain(app, space, at)}`];
  });
  return [...new Set(lines)].sort();
}

/**
 * A hosts file with exactly these lines of ours in it, in a block that says whose they are; everything else stays as
 * it is. No lines take the block away.
 */
export function withHostLines(file: string, lines: readonly string[]): string {
  const kept: string[] = [];
  let isOurs = false;
  for (const line of file.split('\n')) {
    if (line === BEGIN) isOurs = true;
    if (!isOurs) kept.push(line);
    if (line === END) isOurs = false;
  }
  // A block without its end was cut off, or is not as we left it: what follows it may be somebody else's.
  if (isOurs) throw new RangeError(`There is no line "${END}" after "${BEGIN}".`);
  const rest = kept.join('\n').trimEnd();
  const block = lines.length === 0 ? [] : [BEGIN, ...lines, END];
  return [...(rest === '' ? [] : [rest]), ...block, ''].join('\n');
}

function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
