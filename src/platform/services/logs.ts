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
/** Between two looks whether what a log is of is still there, in milliseconds. */
const LOOK = 200;

type Wanted = Omit<ReadLogs, 'dir' | 'apps'>;

/** What dynos, builds and the platform say of apps: read from files that the daemon writes, whether or not it runs. */
export function logsService(session: Session): AppsApi['logs'] {
  const { store } = session;
  return {
    async ofApp({ app: key, lines = LINES, dyno, ...filter }, signal) {
      const app = store.db.snapshot(() => appOf(session, key));
      const isThere = (): boolean => store.apps.byId(app.id) !== undefined;
      return logOf(store, [app], { lines, dyno }, filter.follow === true && { isThere, signal });
    },

    async ofSpace({ space: key, lines = LINES, dyno, ...filter }, signal) {
      const { space, apps } = store.db.snapshot(() => {
        const found = spaceOf(session, key);
        return { space: found, apps: store.apps.inSpace(found.name) };
      });
      const isThere = (): boolean => store.spaces.find(space.name)?.id === space.id;
      return logOf(store, apps, { lines, dyno }, filter.follow === true && { isThere, signal });
    },

    async ofBuild({ app: key, build: which, ...filter }, signal) {
      const { app, build } = store.db.snapshot(() => {
        const found = appOf(session, key);
        return { app: found, build: buildFor(store, found, which) };
      });
      const wanted = { lines: Number.POSITIVE_INFINITY, dyno: `build.${build.number}` };
      const isThere = (): boolean => {
        const now = store.builds.byId(build.id);
        return now !== undefined && isUnderWay(now);
      };
      return logOf(store, [app], wanted, filter.follow === true && { isThere, signal });
    },
  };
}

/** How a log is followed. */
interface Following {
  /** Whether what the log is of is neither over nor gone. */
  readonly isThere: () => boolean;
  readonly signal: AbortSignal | undefined;
}

function logOf(
  store: Store,
  apps: readonly AppRecord[],
  wanted: Omit<Wanted, 'follow'>,
  following: Following | false,
): LogLines {
  if (following === false) return linesOf(store, apps, wanted);
  return whileThere(following, (end) => linesOf(store, apps, { ...wanted, follow: end }));
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

/** Follows a log until what it is of is over or gone. What it printed last is there by then. */
async function* whileThere(
  { isThere, signal }: Following,
  lines: (end: AbortSignal) => LogLines,
): AsyncGenerator<LogLine> {
  const gone = new AbortController();
  const look = (): void => {
    try {
      if (!isThere()) gone.abort();
    } catch {
      // The platform was closed meanwhile: nothing would be told of it any more.
      gone.abort();
    }
  };
  const timer = setInterval(look, LOOK);
  look();
  try {
    yield* lines(signal === undefined ? gone.signal : AbortSignal.any([signal, gone.signal]));
  } finally {
    clearInterval(timer);
  }
}
