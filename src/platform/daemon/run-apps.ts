import { createHash, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listenText } from '../../contract/daemon.js';
import { Slugs } from '../builds/slugs.js';
import { DAEMON } from '../caller.js';
import { SpaceChecker } from '../check/checker.js';
import { probeProgram } from '../check/probe-program.js';
import { EngineError } from '../engine/engine.js';
import { SLUGS } from '../files/data-folders.js';
import type { Part, StartPart } from '../part.js';
import type { Change } from '../reconciler/changes.js';
import type { AppLogs } from '../reconciler/reconciler.js';
import { RouteTable } from '../reconciler/route-table.js';
import { authorityFolder, openAuthority } from '../router/authority.js';
import { DialTimeout } from '../router/dynos.js';
import type { Router } from '../router/router.js';
import { callsOf } from '../server/answers.js';
import { capacitySection } from './capacity-section.js';
import { dialConsole, withConsole } from './console-route.js';
import { openIngress } from './ingress.js';
import { KeptDynos } from './kept-dynos.js';
import { requestLog } from './request-log.js';
import { openBuildQueue } from './run-builds.js';
import { RunningDynos } from './running-dynos.js';
import { trust } from './trust.js';

/** Runs apps: builds what is to be built, keeps dynos running, and routes requests to them. */
export const runApps: StartPart = async ({ folders, platform, logs: lines, note }): Promise<Part> => {
  const session = platform.session(DAEMON);
  const { store } = session;
  const { dataDir, configDir } = folders;
  const name = engineName(platform.id);
  const stacks = () => store.catalog.stacks().map(({ name: stack, base }) => ({ stack, base }));
  const logs: AppLogs = {
    write: ({ app, ...source }, bytes) => lines.write({ ...source, app: app.id }, bytes),
    end: ({ app, ...source }) => lines.end({ ...source, app: app.id }),
    flush: () => lines.flush(),
  };
  const slugs = await Slugs.open(join(dataDir, SLUGS));
  // Nothing is routed anywhere before there are dynos.
  let dynos: KeptDynos | undefined;
  const builds = await openBuildQueue(slugs, name, {
    session,
    logs,
    note,
    // A build would only take what is being made room with.
    mayBegin: () => dynos?.current.reconciler.room.isBeingMadeForProd !== true,
  });
  const authority = await openAuthority({
    folder: authorityFolder(configDir, platform.id),
    bases: stacks().map(({ base }) => base),
  });
  const trusted = trust(dataDir, authority.certificate);

  const routes = new RouteTable(store);
  const { router, ports } = await openIngress(
    store.settings.all(),
    (port) => !store.settings.isChosen(port),
    {
      routes: withConsole(routes, store),
      authority,
      stacks,
      dial: async (dyno, port) => {
        const server = dialConsole(dyno, dataDir);
        if (server !== undefined) return server;
        if (dynos === undefined) throw new Error('There are no dynos yet.');
        return dynos.current.engine.dial(dyno, port).catch((error: unknown) => {
          throw error instanceof EngineError && error.id === 'timeout'
            ? new DialTimeout(error.message)
            : error;
        });
      },
      onRequest: requestLog(lines, routes),
      onDefect: (error) => note(`A defect of the router ended one request: ${callsOf(error)}`),
    },
  );
  const onChange = (changes: readonly Change[]): void => {
    // Joining a pipeline makes builds wait again.
    const matters = /^(?:build\.|app\.destroy$|pipeline\.add$)/;
    if (changes.some(({ action }) => matters.test(action))) builds.look();
  };
  const open = (): Promise<RunningDynos> =>
    RunningDynos.open({
      session,
      name,
      slugs,
      router,
      ports,
      routes,
      logs,
      trusted,
      onChange,
      note,
      onRoom: () => builds.look(),
    });
  let kept: KeptDynos;
  try {
    kept = await KeptDynos.open(open, note);
  } catch (error) {
    await router.close();
    throw error;
  }
  dynos = kept;
  builds.start();

  // Probes have no files; those who enter the folder may be another user.
  const slug = join(dataDir, 'probe');
  await mkdir(slug, { recursive: true, mode: 0o755 });
  platform.probeWith(
    new SpaceChecker(() => ({
      session,
      engine: kept.current.engine,
      network: kept.current.reconciler.network,
      room: kept.current.reconciler.room,
      addresses: router.addresses,
      certificate: authority.certificate,
      given: kept.current.given,
      program: probeProgram(),
      slug,
    })),
  );

  return {
    name: 'apps',
    tunnels: kept.tunnels,
    async status() {
      const { engine, notEnforced, reconciler } = kept.current;
      return [
        {
          name: 'apps',
          facts: {
            network: engine.facts.mode,
            ...listeners(router),
            authority_until: new Date(new X509Certificate(authority.certificate).validTo).toISOString(),
            dynos: engine.list().length,
            not_enforced: notEnforced.map(({ promise, how }) => `${promise}: ${how}`),
          },
        },
        capacitySection(store, reconciler.room),
      ];
    },
    async stop() {
      platform.probeWith(undefined);
      await builds.close();
      await kept.close();
      await router.close();
      await kept.closeEngine();
    },
  };
};

function listeners(router: Router): { https: string; http: string[]; internal: string } {
  const { public: outside, internal, redirects } = router.addresses;
  return {
    https: listenText(outside),
    http: redirects.map(listenText),
    internal: internal === null ? 'none' : listenText(internal),
  };
}

/** Engines of one machine must not meet, whoever's they are. */
function engineName(id: string): string {
  return `aka-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}
