import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError } from '../../contract/errors.js';
import type { SpacePromise } from '../../contract/wire.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Session } from './session.js';
import { spaceOf } from './spaces.js';

/** Tries what a space promises. Only the process that runs apps has one. */
export interface Prober {
  /** Answers within 20 seconds, with nothing of its own left. Rejects with 503 if too many ask. */
  probe(space: SpaceRecord): Promise<SpacePromise[]>;
}

/** Proves what a space promises, by trying it. */
export function checksService(
  session: Session,
  prober: () => Prober | undefined,
): Pick<AppsApi['spaces'], 'check'> {
  const { store, now } = session;
  return {
    async check({ space: key }) {
      const space = spaceOf(session, key);
      const found = prober();
      if (found === undefined) throw notRunning(store.folders.dataDir);
      const at = now().toISOString();
      const promises = await found.probe(space);
      return {
        space: { id: space.id, name: space.name },
        ok: promises.every(({ state }) => state !== 'failed'),
        checked_at: at,
        promises,
      };
    },
  };
}

function notRunning(dataDir: string): AppsApiError {
  return new AppsApiError({
    id: 'not_running',
    status: 503,
    message: `The platform in ${dataDir} runs no apps here, so nothing can be tried.`,
    hint: 'Start it: aka platform:start',
  });
}
