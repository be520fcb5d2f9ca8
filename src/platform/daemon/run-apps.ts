import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { listenText } from '../../contract/daemon.js';
import { AppsApiError } from '../../contract/errors.js';
import { isDigest } from '../../model/digest.js';
import { Builds } from '../builds/builds.js';
import { installerSettings, packageFolders } from '../builds/installer-settings.js';
import { Slugs } from '../builds/slugs.js';
import { DAEMON } from '../caller.js';
import { SpaceChecker } from '../check/checker.js';
import { probeProgram } from '../check/probe-program.js';
import { agentCommand } from '../engine/agent-command.js';
import { type Engine, EngineError, type EngineFacts, ETC } from '../engine/engine.js';
import { openBuildEngine, openEngine } from '../engine/open.js';
import { runtimes } from '../engine/runtimes.js';
import type { Part, StartPart } from '../part.js';
import { BuildQueue } from '../reconciler/build-queue.js';
import { Programs } from '../reconciler/programs.js';
import { type AppLogs, Reconciler } from '../reconciler/reconciler.js';
import { RouteTable } from '../reconciler/route-table.js';
import { authorityFolder, openAuthority } from '../router/authority.js';
import type { RequestRecord } from '../router/exchange.js';
import type { Router } from '../router/router.js';
import { recordAddresses } from '../services/settings.js';
import { openUploads } from '../services/sources.js';
import type { NotEnforced } from '../store/settings.js';
import { openIngress } from './ingress.js';
import { BUILDS, SLUGS } from './quotas.js';
import { TRUSTED, trust, trustVars } from './trust.js';

/** Before an engine that was lost is opened again, in milliseconds. */
const REOPEN = 1000;

/** Runs apps: builds what is to be built, keeps dynos running, and routes requests to them. */
export const runApps: StartPart = async ({ folders, platform, logs: lines, note }): Promise<Part> => {
  const session = platform.session(DAEMON);
  const { store } = session;
  const { dataDir, configDir } = folders;
  const settings = store.settings.all();
  const stacks = store.catalog.stacks().map(({ name: stack, base }) => ({ stack, base }));

  const slugs = await Slugs.open(join(dataDir, SLUGS));
  const uploads = await openUploads(store);
  const buildEnv = { ...installerSettings(homedir()), ...process.env };
  const builds = await Builds.open({ folder: join(dataDir, BUILDS), slugs, env: buildEnv });
  const authority = await openAuthority({
    folder: authorityFolder(configDir, platform.id),
    bases: stacks.map(({ base }) => base),
  });
  const trusted = trust(dataDir, authority.certificate);

  const logs: AppLogs = {
    write: ({ app, dyno, stream }, bytes) => lines.write({ app: app.id, dyno, stream }, bytes),
    end: ({ app, dyno }) => lines.end({ app: app.id, dyno }),
    flush: () => lines.flush(),
  };
  const logRequest = ({ app, ...request }: RequestRecord): void => {
    const route = app === null ? undefined : routes.find(request.host);
    if (route !== undefined)
      void lines.write({ app: route.id, dyno: 'router', stream: 'router' }, requestLine(request));
  };

  const routes = new RouteTable(store);
  let running: Running | undefined;
  const { router, ports } = await openIngress(settings, (port) => !store.settings.isChosen(port), {
    routes,
    authority,
    stacks,
    dial: (dyno, port) =>
      running === undefined ? Promise.reject(new Error('Nothing runs.')) : running.engine.dial(dyno, port),
    onRequest: logRequest,
  });

  const name = engineName(platform.id);
  const open = async (): Promise<Running> => {
    const programs = new Programs();
    const engine = await openEngine({
      pool: store.meta.pool,
      agent: agentCommand(),
      dir: join(dataDir, 'engine'),
      name,
      etc: { [TRUSTED]: trusted.text },
      ...(store.settings.isChosen('network') && { mode: store.meta.networkMode }),
      events: {
        onExit: (state) => programs.onExit(state),
        onOutput: (id, from, bytes) => programs.onOutput(id, from, bytes),
        onLoopbackTls: (from, socket) =>
          router.accept(socket, { space: from.space, address: socket.remoteAddress ?? '' }),
      },
    }).catch((error: unknown) => {
      throw error instanceof EngineError ? noEngine(error) : error;
    });
    recordAddresses(session, { network: engine.facts.mode, ...ports });
    store.settings.rememberNotEnforced(lacking(engine.facts));
    const trustedAt = engine.facts.mode === 'subnet' ? join(ETC, TRUSTED) : trusted.file;
    const given = trustVars(trusted, trustedAt);
    const reconciler = new Reconciler({
      session,
      engine,
      programs,
      routes,
      logs,
      slugFolder: async (digest) => {
        if (!isDigest(digest)) throw new TypeError('A slug has no such name.');
        return slugs.folderFor(digest, engine.facts.owner);
      },
      given,
      drained: async (program, ms) => void (await router.idle(program, ms)),
      onChange: (changes) => {
        if (changes.some(({ action }) => action.startsWith('build.') || action === 'app.destroy'))
          queue.look();
      },
      note,
    });
    reconciler.start();
    return { engine, reconciler, given };
  };

  const queue = new BuildQueue({
    session,
    builds,
    slugs,
    uploads,
    logs,
    note,
    openEngine: () =>
      openBuildEngine({
        pool: store.meta.pool,
        agent: agentCommand(),
        dir: join(dataDir, BUILDS, `engine-${++engines}`),
        name: `${name}-build-${engines}`,
        runtimes: [...runtimes(), ...packageFolders(buildEnv)],
        events: { onExit: () => {}, onOutput: () => {} },
      }),
  });
  let engines = 0;
  const closing = new AbortController();

  /** Keeps an engine open: one that is lost takes its dynos with it, and they start anew in the next. */
  const keepRunning = (current: Running): void => {
    running = current;
    void current.engine.ended.then(async (why) => {
      if (closing.signal.aborted) return;
      note(`The engine was lost${why === undefined ? '' : `: ${why.message}`}. It is opened again.`);
      await current.reconciler.close();
      while (!closing.signal.aborted) {
        try {
          keepRunning(await open());
          return;
        } catch (error) {
          note(`It could not be opened: ${error instanceof Error ? error.message : 'unknown'}`);
          await new Promise((resolve) => setTimeout(resolve, REOPEN));
        }
      }
    });
  };
  try {
    keepRunning(await open());
  } catch (error) {
    await router.close();
    throw error;
  }
  queue.start();

  // Probes have no files; those who enter the folder may be another user.
  const nothing = join(dataDir, 'probe');
  await mkdir(nothing, { recursive: true, mode: 0o755 });
  platform.probeWith(
    new SpaceChecker(
      () =>
        running && {
          session,
          engine: running.engine,
          network: running.reconciler.network,
          addresses: router.addresses,
          certificate: authority.certificate,
          given: running.given,
          program: probeProgram(),
          slug: nothing,
        },
    ),
  );

  return {
    name: 'apps',
    async status() {
      const { facts } = (running as Running).engine;
      return {
        name: 'apps',
        facts: {
          network: facts.mode,
          ...listeners(router),
          dynos: running?.engine.list().length ?? 0,
          not_enforced: lacking(facts).map(({ promise, how }) => `${promise}: ${how}`),
        },
      };
    },
    async stop() {
      closing.abort();
      platform.probeWith(undefined);
      await queue.close();
      await running?.reconciler.close();
      await router.close();
      await running?.engine.close();
    },
  };
};

interface Running {
  readonly engine: Engine;
  readonly reconciler: Reconciler;
  /** What every dyno finds in its environment. */
  readonly given: Readonly<Record<string, string>>;
}

function listeners(router: Router): { https: string; http: string[]; internal: string } {
  const { public: outside, internal, redirects } = router.addresses;
  return {
    https: listenText(outside),
    http: redirects.map(listenText),
    internal: internal === null ? 'none' : listenText(internal),
  };
}

/** What this machine can't hold of what a platform promises. */
function lacking({ enforced }: EngineFacts): NotEnforced[] {
  return enforced.filter(({ holds }) => !holds).map(({ promise, how }) => ({ promise, how }));
}

/** A request as a line of the app's log. */
function requestLine({
  method,
  path,
  protocol,
  status,
  ms,
  bytes,
  dyno,
  requestId,
  from,
}: Omit<RequestRecord, 'app'>): string {
  return `${method} ${path} ${protocol} ${status} ${Math.round(ms)}ms ${bytes}b dyno=${dyno ?? '-'} from=${from} id=${requestId}\n`;
}

/** Engines of one machine must not meet, whoever's they are. */
function engineName(id: string): string {
  return `aka-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

function noEngine({ message }: EngineError): AppsApiError {
  return new AppsApiError({
    id: 'no_engine',
    status: 503,
    message: `Apps can't be run here: ${message}`,
    hint: 'See what is missing: aka platform:doctor. To do without: aka platform:configure --network loopback',
  });
}
