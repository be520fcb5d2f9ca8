import type { AppsApi } from '../../contract/apps-api.js';
import { appOf } from './apps.js';
import { buildFor } from './build-of-app.js';
import { logsService } from './logs.js';
import type { Session } from './session.js';

/** So many lines of a build are told at once: the last ones. */
const LINES_MAX = 10_000;
/** The last line of a build that is over: clients of Akkeris who follow one look for it. */
const ENDS: Readonly<Record<string, string>> = {
  succeeded: 'Finished: SUCCESS',
  failed: 'Finished: FAILURE',
};

/** What builds printed and how they ended, in one answer. */
export function buildResults(session: Session): Pick<AppsApi['builds'], 'result'> {
  const { store } = session;
  const logs = logsService(session);
  return {
    async result({ app: key, build: which }) {
      const { id, status } = store.db.snapshot(() => buildFor(store, appOf(session, key), which));
      const lines: string[] = [];
      for await (const { line } of await logs.ofBuild({ app: key, build: id })) {
        lines.push(line);
        if (lines.length >= 2 * LINES_MAX) lines.splice(0, LINES_MAX);
      }
      const end = ENDS[status];
      return {
        build: { id, status },
        lines: [...lines.slice(-LINES_MAX), ...(end === undefined ? [] : [end])],
      };
    },
  };
}
