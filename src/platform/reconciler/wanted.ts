import { DEFAULT_PORT, dynoName, RELEASE, WEB } from '../../model/formation.js';
import { parseSize, type Size, sizeIn } from '../../model/sizes.js';
import type { AppRecord } from '../store/apps.js';
import type { Lack } from '../store/places.js';
import type { ReleaseRecord } from '../store/releases.js';
import type { SlugRecord } from '../store/slugs.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';

/** A release with what it runs. */
export interface Run {
  readonly release: ReleaseRecord;
  readonly slug: SlugRecord;
}

/** One dyno that there is to be. */
export interface Place {
  /** Such as `web.1`. */
  readonly name: string;
  readonly type: string;
  readonly number: number;
  readonly command: string;
  readonly size: Size;
  /** Where it is to listen, if it gets traffic. */
  readonly port: number;
  readonly healthcheck: string | null;
  /** Whether it is in a prod space, and comes first. */
  readonly isProd: boolean;
  /** Since when it is wanted. */
  readonly since: string;
  /** What was in its way last. */
  readonly lack: Lack | null;
}

/** What the store says there is to be of an app. */
export interface Wanted {
  readonly app: AppRecord;
  readonly space: SpaceRecord;
  /** What runs, or would. */
  readonly current: Run | undefined;
  /** What is to take its place once it is well. */
  readonly pending: Run | undefined;
  /** The places of a run: the same for both, but for the commands. */
  readonly placesOf: (run: Run) => Place[];
  /** Where the release command of a run runs; undefined if it has none. */
  readonly releasePlaceOf: (run: Run) => Place | undefined;
}

/** Reads what there is to be of an app; undefined if the app is gone. Within a snapshot. */
export function readWanted(store: Store, id: string): Wanted | undefined {
  const app = store.apps.byId(id);
  const space = app && store.spaces.find(app.space);
  if (app === undefined || space === undefined) return undefined;
  const formation = store.formations.of(app.id);
  const known = new Map(store.places.of(app.id).map((each) => [dynoName(each.type, each.number), each]));
  const isProd = space.compliance.includes('prod');
  return {
    app,
    space,
    current: runOf(store, store.releases.newest(app.id, 'succeeded')),
    pending: runOf(store, store.releases.newest(app.id, 'pending')),
    placesOf: ({ slug }) =>
      formation.flatMap(({ type, quantity, size, port, healthcheck, createdAt, command: own }) => {
        const command = own ?? slug.processTypes[type];
        // Formations of earlier versions may have it as a type.
        if (command === undefined || type === RELEASE) return [];
        const rest = { command, size: parseSize(size), port: port ?? DEFAULT_PORT, healthcheck, isProd };
        return Array.from({ length: quantity }, (_, index) => {
          const name = dynoName(type, index + 1);
          const { since = createdAt, lack = null } = known.get(name) ?? {};
          return { name, type, number: index + 1, ...rest, since, lack };
        });
      }),
    releasePlaceOf: ({ slug, release }) => {
      const command = slug.processTypes[RELEASE];
      if (command === undefined) return undefined;
      const web = formation.find(({ type }) => type === WEB);
      return {
        name: dynoName(RELEASE, release.version),
        type: RELEASE,
        number: release.version,
        command,
        size: web === undefined ? sizeIn(space.compliance) : parseSize(web.size),
        port: DEFAULT_PORT,
        healthcheck: null,
        isProd,
        since: release.createdAt,
        lack: null,
      };
    },
  };
}

function runOf(store: Store, release: ReleaseRecord | undefined): Run | undefined {
  const slug = store.slugs.find(release?.slug);
  return release === undefined || slug === undefined ? undefined : { release, slug };
}

/** Whether a dyno that was started for one place does for another. */
export function isSamePlace(a: Place, b: Place): boolean {
  return (
    a.name === b.name &&
    a.command === b.command &&
    a.size.name === b.size.name &&
    a.port === b.port &&
    a.healthcheck === b.healthcheck
  );
}
