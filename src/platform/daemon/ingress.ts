import { AppsApiError } from '../../contract/errors.js';
import type { Settings } from '../../model/settings.js';
import { openRouter, type Router, type RouterOptions } from '../router/router.js';

/** So many ports are tried where nothing has been decided yet. */
const TRIES = 50;

const PORTS = ['router_port', 'http_port', 'internal_port'] as const;
type PortName = (typeof PORTS)[number];
type Ports = Pick<Settings, PortName>;

/**
 * Opens the router where the settings say. Of its ports those that `mayMove`, as at the very first start, move on when
 * one is taken. Answers the ports it has. Throws an AppsApiError: 409 if a port is taken that may not be changed.
 */
export async function openIngress(
  settings: Settings,
  mayMove: (port: PortName) => boolean,
  options: Omit<RouterOptions, 'listeners'>,
): Promise<{ router: Router; ports: Ports }> {
  const { router_host: host, internal_host: internalHost, internal_allow: allow } = settings;
  for (let step = 0; ; step++) {
    // They move together, so that they are easily told apart from those of another platform.
    const at = (port: PortName): number => settings[port] + (mayMove(port) ? 10 * step : 0);
    const ports = {
      router_port: at('router_port'),
      http_port: at('http_port'),
      internal_port: at('internal_port'),
    };
    try {
      const router = await openRouter({
        ...options,
        listeners: {
          public: { host, port: ports.router_port, redirectPort: ports.http_port },
          internal: { host: internalHost, port: ports.internal_port, allow },
        },
      });
      return { router, ports };
    } catch (error) {
      const isTaken = error instanceof AppsApiError && error.id === 'address_in_use';
      if (!isTaken) throw error;
      if (!PORTS.some(mayMove) || step >= TRIES) throw taken(error);
    }
  }
}

function taken({ id, status, message }: AppsApiError): AppsApiError {
  return new AppsApiError({
    id,
    status,
    message,
    hint: 'Stop it, or choose another port: aka platform:configure --router-port PORT (or --http-port, --internal-port)',
  });
}
