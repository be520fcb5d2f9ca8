import type { Engine } from '../engine/engine.js';
import type { Room } from '../reconciler/room.js';
import type { SpacesNetwork } from '../reconciler/spaces-network.js';
import type { RouterAddresses } from '../router/router.js';
import type { Session } from '../services/session.js';

/** What runs apps, as far as probes use it. */
export interface Ground {
  readonly session: Session;
  readonly engine: Engine;
  readonly network: Pick<SpacesNetwork, 'ready' | 'seat' | 'hosts'>;
  readonly room: Pick<Room, 'capacity' | 'taken'>;
  /** Where the router listens. */
  readonly addresses: RouterAddresses;
  /** That of the platform's authority, in PEM. */
  readonly certificate: string;
  /** What every dyno finds in its environment, such as which certificates to trust. */
  readonly given: Readonly<Record<string, string>>;
  /** The text of the program that probes run. */
  readonly program: string;
  /** An empty folder that is there, for probes to find as /app. */
  readonly slug: string;
}
