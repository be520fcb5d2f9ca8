import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach } from '@jest/globals';
import { conflict } from '../../src/contract/errors.js';
import type { LogStream } from '../../src/contract/logs.js';
import type { CheckState } from '../../src/model/checks.js';
import { DAEMON } from '../../src/platform/caller.js';
import { type Held, takeRole } from '../../src/platform/files/process-lock.js';
import { inSession } from '../../src/platform/in-session.js';
import { openLogs } from '../../src/platform/logs/logs.js';
import { logsFolder } from '../../src/platform/logs/segments.js';
import { appFor } from '../../src/platform/services/apps.js';
import { takeReport } from '../../src/platform/services/build-checks.js';
import { beginBuild, failBuild, succeedBuild } from '../../src/platform/services/builds.js';
import { settleRelease } from '../../src/platform/services/releases.js';
import type { Session } from '../../src/platform/services/session.js';
import type { DynoLife } from '../../src/platform/store/dynos.js';
import type { User } from './aka.js';

const held: Held[] = [];
afterEach(() => {
  for (const role of held.splice(0)) role.release();
});

/**
 * Writes what a daemon would write about a user's platform, for scenarios of what commands make of it. Nothing is built
 * and nothing runs.
 */
export class Pretended {
  readonly #user: User;

  constructor(user: User) {
    this.#user = user;
  }

  /** Makes it look as if the platform ran, until the test is over. */
  runs(): void {
    const role = takeRole(this.#user.dataDir, 'server', () => conflict('taken', 'It runs really.'));
    held.push(role);
  }

  /** Has a dyno or a build print something. */
  async says(app: string, dyno: string, text: string, stream: LogStream = 'stdout'): Promise<void> {
    const id = this.#in(({ store }) => appFor(store, app).id);
    const logs = openLogs({ dir: logsFolder(this.#user.dataDir) });
    await logs.write({ app: id, dyno, stream }, text);
    await logs.close();
  }

  /** Builds what waits longest, to one process type, and begins to release it. False if nothing waits. */
  builds(app: string, type = 'web'): boolean {
    return this.#in((session) => {
      const id = this.#next(session, app);
      if (id === undefined) return false;
      const digest = randomBytes(32).toString('hex');
      const createdAt = session.now().toISOString();
      const slug = {
        digest,
        bytes: 1,
        processTypes: { [type]: 'serve' },
        path: [],
        folders: {},
        createdAt,
      };
      succeedBuild(session, id, { slug, madeOf: digest });
      return true;
    });
  }

  /** Fails to build what waits longest. */
  failsToBuild(app: string, reason: string): void {
    this.#in((session) => failBuild(session, this.#next(session, app) ?? '', reason));
  }

  /** Has somebody who may report of a check of the newest build. */
  reports(app: string, context: string, state: CheckState, description: string): void {
    this.#in(({ store, now }) => {
      const of = appFor(store, app);
      const [build] = store.builds.of(of.id);
      const said = {
        state,
        description,
        name: '',
        targetUrl: '',
        imageUrl: '',
        reporter: null,
        reportedBy: 'somebody',
        checksum: null,
      };
      const at = now().toISOString();
      if (build !== undefined) store.db.transaction(() => takeReport(store, of, build, context, said, at));
    });
  }

  /** Says what came of the release under way. */
  releases(app: string, failure?: string): void {
    this.#in((session) => {
      const [release] = session.store.releases.pending(appFor(session.store, app).id);
      if (release !== undefined) settleRelease(session, release.id, failure);
    });
  }

  /** Has a dyno of type `web` that knows of every app there is, or of none. */
  hasDyno(
    app: string,
    number: number,
    state: DynoLife,
    { reason = null, knows = true }: { reason?: string | null; knows?: boolean } = {},
  ): void {
    this.#in(({ store, now }) => {
      const { id } = appFor(store, app);
      const at = now().toISOString();
      const old = store.dynos.of(id).find((dyno) => dyno.number === number);
      if (old !== undefined) store.dynos.remove(old.id);
      store.dynos.put({
        id: randomUUID(),
        app: id,
        release: store.releases.newest(id)?.id ?? null,
        type: 'web',
        number,
        state,
        reason,
        address: 1000 + number,
        port: 5000,
        size: 'gp1',
        command: 'serve',
        restarts: 0,
        knowsUntil: knows ? at : new Date(0).toISOString(),
        environmentSeq: store.audit.number(),
        createdAt: at,
        updatedAt: at,
      });
    });
  }

  #next(session: Session, app: string): string | undefined {
    const { id: of } = appFor(session.store, app);
    const id = session.store.builds.toDo().find((build) => build.app === of)?.id;
    if (id !== undefined) beginBuild(session, id);
    return id;
  }

  #in<R>(work: (session: Session) => R): R {
    const { dataDir, configDir } = this.#user;
    return inSession({ dataDir, configDir }, DAEMON, work);
  }
}
