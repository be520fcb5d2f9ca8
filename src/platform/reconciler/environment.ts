import { discoveryVars } from '../../model/discovery.js';
import { appKey } from '../../model/names.js';
import { buildPath } from '../builds/build-settings.js';
import { serviceOf } from '../services/discovery.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import type { Place, Run } from './wanted.js';
import { egressVars } from './way-out.js';

/** What every program finds, unless its app says otherwise. */
export const BASE: Readonly<Record<string, string>> = {
  HOME: '/app',
  LANG: 'C.UTF-8',
  NODE_ENV: 'production',
  // `npm start` is no place to hear of a newer npm.
  NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  // As for builds: what was installed with one Node.js may not run with another.
  PATH: buildPath(),
  // Logs come as they are written.
  PYTHONUNBUFFERED: '1',
};

export interface Environment {
  readonly vars: Readonly<Record<string, string>>;
  /** It holds the discovery vars of apps created until then. */
  readonly knowsUntil: string;
  /** The number of the last change that it knows of. */
  readonly environmentSeq: number;
}

/**
 * The whole environment of a dyno: what the machine gives it (`given`: certificates to trust), the way out, then the
 * config vars of its release, those of credentials as they are now, and above all what the platform sets. Nothing else
 * gets in. Within a snapshot.
 */
export function environmentOf(
  store: Store,
  app: AppRecord,
  { release }: Run,
  place: Pick<Place, 'name'>,
  port: number,
  given: Readonly<Record<string, string>> = {},
): Environment {
  const siblings = store.apps.inSpace(app.space);
  const services = siblings.map((each) => ({ name: each.name, ...serviceOf(store, each) }));
  // Those of credentials are never kept with a release: what was detached or rotated stays gone, whatever runs.
  const config = { ...store.releases.configOf(release.id), ...store.credentials.varsOf(app.id) };
  return {
    vars: {
      ...BASE,
      ...given,
      ...egressVars(store, app.space),
      ...config,
      ...withOptions(given, config),
      ...discoveryVars(services),
      DYNO: place.name,
      PORT: String(port),
      AKKERIS_APPLICATION: appKey(app.name, app.space),
      AKKERIS_DEPLOYMENT: app.name,
      AKKERIS_SPACE: app.space,
    },
    knowsUntil: siblings.reduce((last, { createdAt }) => (createdAt > last ? createdAt : last), ''),
    environmentSeq: store.audit.number(),
  };
}

/** Options for Node.js of an app come after those that it needs to trust the platform, not in their place. */
function withOptions(
  { NODE_OPTIONS: given }: Readonly<Record<string, string>>,
  { NODE_OPTIONS: own }: Readonly<Record<string, string>>,
): Record<string, string> {
  return given === undefined || own === undefined ? {} : { NODE_OPTIONS: `${given} ${own}` };
}
