import { type Digest, isDigest, parseChecksum } from '../../model/digest.js';
import type { BuildRunner } from '../builds/build-engine.js';
import { BuildFailure } from '../builds/build-failure.js';
import { buildKey } from '../builds/build-key.js';
import type { Builds } from '../builds/builds.js';
import { type FetchOptions, fetchSource } from '../builds/fetch-source.js';
import type { Slug, Slugs } from '../builds/slugs.js';
import type { Upload, Uploads } from '../builds/uploads.js';
import { beginBuild, failBuild, recordChecksum, requeueBuilds, succeedBuild } from '../services/builds.js';
import { redactedText, secretSetOf } from '../services/redaction.js';
import type { Session } from '../services/session.js';
import type { AppRecord } from '../store/apps.js';
import type { BuildRecord, SourceFacts } from '../store/builds.js';
import { sleep } from './health.js';
import type { AppLogs } from './reconciler.js';

/** So many builds run at the same time: more would only wait for each other. */
const AT_ONCE = 2;
/** Before what could not be recorded is tried again, in milliseconds. */
const RETRY = 5000;

type Log = (line: string) => void | Promise<void>;

export interface BuildQueueOptions {
  /** On behalf of the platform. */
  readonly session: Session;
  readonly builds: Builds;
  readonly slugs: Slugs;
  readonly uploads: Uploads;
  /** One for each build, so that nothing of a build outlasts it. */
  readonly openEngine: () => Promise<BuildRunner & { close(): Promise<void> }>;
  readonly logs: AppLogs;
  readonly note: (text: string) => void;
  /** Whether one may begin now; if it may again, `look` is called. Always, if not said. */
  readonly mayBegin?: () => boolean;
  /** Milliseconds; 5 s if not said. */
  readonly retry?: number;
  /** How sources are fetched, if not as they should be: for tests. */
  readonly fetchOptions?: FetchOptions;
}

/** Builds what is to be built, the oldest first, and one of an app at a time; and stops what isn't wanted any more. */
export class BuildQueue {
  readonly #underWay = new Map<
    string,
    { readonly app: string; readonly stop: AbortController; done: Promise<void> }
  >();
  #closing = false;

  constructor(private readonly options: BuildQueueOptions) {}

  /** Begins anew what an earlier daemon had begun. */
  start(): void {
    requeueBuilds(this.options.session);
    this.look();
  }

  /** Something changed about builds. Never throws: where they can't be read, the next change looks again. */
  look(): void {
    if (this.#closing) return;
    try {
      this.begin();
    } catch (error) {
      this.failed('Builds could not be begun', error);
    }
  }

  private failed(what: string, error: unknown): void {
    this.options.note(`${what}: ${error instanceof Error ? error.message : 'unknown'}`);
  }

  private begin(): void {
    const wanted = this.options.session.store.builds.toDo();
    for (const [id, { stop }] of this.#underWay) {
      if (!wanted.some((build) => build.id === id)) stop.abort();
    }
    if (this.options.mayBegin?.() === false) return;
    for (const build of wanted) {
      if (this.#underWay.size >= AT_ONCE) return;
      const busy = [...this.#underWay.values()].some(({ app }) => app === build.app);
      if (busy || build.status !== 'queued') continue;
      const stop = new AbortController();
      const done = this.build(build, stop.signal)
        .catch((error: unknown) => this.failed(`Build ${build.id} ended without a result`, error))
        .then(() => {
          this.#underWay.delete(build.id);
          this.look();
        });
      this.#underWay.set(build.id, { app: build.app, stop, done });
    }
  }

  /** Stops what is under way, to be begun anew by the next daemon. */
  async close(): Promise<void> {
    this.#closing = true;
    const underWay = [...this.#underWay.values()];
    for (const { stop } of underWay) stop.abort();
    await Promise.all(underWay.map(({ done }) => done));
  }

  private async build(build: BuildRecord, signal: AbortSignal): Promise<void> {
    const { session, note } = this.options;
    try {
      const app = session.store.apps.byId(build.app);
      if (app === undefined || !beginBuild(session, build.id)) return;
      const { logs } = this.options;
      const said = { app, dyno: `build.${build.number}` };
      const log: Log = (line) => logs.write({ ...said, stream: 'build' }, Buffer.from(`${line}\n`));
      const made = await this.make(app, build, log, signal).finally(() => logs.end(said));
      // Whoever follows the log leaves when the build is over.
      await logs.flush();
      succeedBuild(session, build.id, made);
    } catch (error) {
      if (this.#closing) return;
      const reason = error instanceof Error ? error.message : 'unknown';
      await this.options.logs.flush();
      if (!(error instanceof BuildFailure))
        note(`Build ${build.id} failed: ${redactedText(session.store, reason)}`);
      await this.recordFailure(build.id, reason, signal);
    }
  }

  /** Until it can be written, as on a full disk; the build is over only then, so that it isn't begun again at once. */
  private async recordFailure(id: string, reason: string, signal: AbortSignal): Promise<void> {
    const { session, note, retry = RETRY } = this.options;
    for (let told = false; !signal.aborted; told = true) {
      try {
        failBuild(session, id, reason);
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : 'unknown';
        if (!told) note(`That it failed could not be recorded yet: ${why}`);
        await sleep(retry, signal);
      }
    }
  }

  /** Returns the digest of a source. That of a URL without a checksum is known, and recorded, once it was fetched. */
  private async digestOf(
    id: string,
    { checksum, url = '' }: SourceFacts,
    log: Log,
    signal: AbortSignal,
  ): Promise<Digest> {
    if (checksum !== null) return parseChecksum(checksum);
    const { digest } = await this.fetch(url, undefined, log, signal);
    recordChecksum(this.options.session, id, digest);
    await log(`Its checksum is sha256:${digest}`);
    return digest;
  }

  private async fetch(
    url: string,
    digest: Digest | undefined,
    log: Log,
    signal: AbortSignal,
  ): Promise<Upload> {
    const { session, uploads, fetchOptions } = this.options;
    await log(`Fetching ${redactedText(session.store, url)}`);
    return fetchSource(uploads, url, digest, { ...fetchOptions, signal });
  }

  private async make(
    app: AppRecord,
    { id, source }: BuildRecord,
    log: Log,
    signal: AbortSignal,
  ): Promise<{ slug: Slug; madeOf: string }> {
    const { session, slugs, uploads, builds, openEngine } = this.options;
    const { store } = session;
    const digest = await this.digestOf(id, source, log, signal);
    const config = store.db.snapshot(() => store.configVars.of(app.id));
    const git = { sha: source.sha ?? '', branch: source.branch ?? '', repo: source.repo ?? '' };
    const madeOf = buildKey(digest, { config, git });
    const before = store.builds.slugMadeOf(app.id, madeOf);
    if (before !== undefined && isDigest(before) && (await slugs.has(before))) {
      await log('Nothing changed since it was last built: its slug is released again.');
      return { slug: await slugs.get(before), madeOf };
    }
    if (source.url !== undefined && !(await uploads.has(digest)))
      await this.fetch(source.url, digest, log, signal);
    const file = await uploads.file(digest);
    const engine = await openEngine();
    try {
      const slug = await builds.run({
        id,
        app: app.id,
        source: file,
        config,
        secrets: secretSetOf(store, app.id),
        git,
        engine,
        log,
        signal,
      });
      return { slug, madeOf };
    } finally {
      await engine.close();
    }
  }
}
