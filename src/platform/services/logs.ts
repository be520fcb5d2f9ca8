import type { AppsApi, LogLines } from '../../contract/apps-api.js';
import type { LogLine } from '../../contract/wire.js';
import { appKey } from '../../model/names.js';
import { maskText } from '../logs/masker.js';
import { type ReadLogs, readLogs } from '../logs/read.js';
import { logsFolder } from '../logs/segments.js';
import type { AppRecord } from '../store/apps.js';
import type { Store } from '../store/store.js';
import { appOf } from './apps.js';
import { buildFor } from './build-of-app.js';
import { isUnderWay } from './builds.js';
import { secretSetOf } from './redaction.js';
import { remembered } from './remembered.js';
import type { Session } from './session.js';
import { spaceOf } from './spaces.js';

const LINES = 100;
/** How often is looked whether a build is over, in milliseconds. */
const LOOK = 200;

type Wanted = Omit<ReadLogs, 'dir' | 'apps'>;

/** What dynos, builds and the platform say of apps: read from files that the daemon writes, whether or not it runs. */
export function logsService(session: Session): AppsApi['logs'] {
  const { store } = session;
  return {
    async ofApp({ app: key, lines = LINES, dyno, ...filter }, signal) {
      const app = store.db.snapshot(() => appOf(session, key));
      return linesOf(store, [app], { lines, dyno, follow: followed(filter, signal) });
    },

    async ofSpace({ space: key, lines = LINES, dyno, ...filter }, signal) {
      const apps = store.db.snapshot(() => store.apps.inSpace(spaceOf(session, key).name));
      return linesOf(store, apps, { lines, dyno, follow: followed(filter, signal) });
    },

    async ofBuild({ app: key, build: which, ...filter }, signal) {
      const { app, build } = store.db.snapshot(() => {
        const found = appOf(session, key);
        return { app: found, build: buildFor(store, found, which) };
      });
      const wanted = { lines: Number.POSITIVE_INFINITY, dyno: `build.${build.number}` };
      return filter.follow === true
        ? untilOver(store, build.id, signal, (end) => linesOf(store, [app], { ...wanted, follow: end }))
        : linesOf(store, [app], wanted);
    },
  };
}

/** What ends a log that is followed. */
function followed(
  { follow }: { readonly follow?: boolean | undefined },
  signal = new AbortController().signal,
): AbortSignal | undefined {
  return follow === true ? signal : undefined;
}

async function* linesOf(store: Store, apps: readonly AppRecord[], wanted: Wanted): AsyncGenerator<LogLine> {
  const names = new Map(apps.map(({ id, name, space }) => [id, appKey(name, space)]));
  const secrets = remembered((app) => secretSetOf(store, app));
  const dir = logsFolder(store.folders.dataDir);
  for await (const { at, app, dyno, stream, line } of readLogs({ dir, apps: [...names.keys()], ...wanted })) {
    // What was written before something was known for a secret is not shown any more.
    const told = maskText(secrets(app), line);
    yield { app: names.get(app) ?? app, at, dyno, line: told, stream };
  }
}

/** Follows with a signal that comes when a build is over, or gone. What it printed last is there by then. */
async function* untilOver(
  store: Store,
  build: string,
  signal: AbortSignal | undefined,
  lines: (end: AbortSignal) => LogLines,
): AsyncGenerator<LogLine> {
  const over = new AbortController();
  const look = (): void => {
    if (!isGoingOn(store, build)) over.abort();
  };
  const timer = setInterval(look, LOOK);
  look();
  try {
    yield* lines(signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]));
  } finally {
    clearInterval(timer);
  }
}

/** False also for a platform that was closed meanwhile: nothing would be told of it any more. */
function isGoingOn(store: Store, id: string): boolean {
  try {
    const build = store.builds.byId(id);
    return build !== undefined && isUnderWay(build);
  } catch {
    return false;
  }
}
