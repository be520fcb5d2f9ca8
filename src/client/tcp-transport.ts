import type { ApiAddress } from './api-address.js';
import { proxiesIn } from './surroundings.js';
import type { Bounds, Transport } from './transport.js';

export type HttpAddress = Extract<ApiAddress, { kind: 'http' }>;

/** What connections to servers have in common. */
export interface TcpOptions {
  /** A file with certificates that are accepted besides those that Node.js knows. */
  readonly ca?: string | undefined;
  /** Where proxies are named. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The way to a server over TCP, or TLS. Warns if others can read along. */
export async function tcpTransport(
  { origin, shown, confidential }: HttpAddress,
  bounds: Bounds,
  { ca, env, onWarning }: TcpOptions,
): Promise<Transport> {
  if (!confidential) onWarning?.(`The way to ${shown} is not encrypted: anybody on it can read along.`);
  const { undiciTransport } = await import('./undici-transport.js');
  return undiciTransport(origin, bounds, {
    ca: ca === undefined ? undefined : (await import('./certificates.js')).acceptedCertificates(ca),
    proxies: proxiesIn(env ?? {}),
  });
}
