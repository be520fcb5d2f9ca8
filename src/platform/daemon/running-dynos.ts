import type { Socket } from 'node:net';
import { join } from 'node:path';
import { AppsApiError } from '../../contract/errors.js';
import { isDigest } from '../../model/digest.js';
import type { Settings } from '../../model/settings.js';
import type { Slugs } from '../builds/slugs.js';
import { contain } from '../contain.js';
import { agentCommand } from '../engine/agent-command.js';
import { EgressProxy } from '../engine/egress.js';
import { type Engine, EngineError, type EngineFacts, ETC, TRUSTED } from '../engine/engine.js';
import { openEngine } from '../engine/open.js';
import type { Change } from '../reconciler/changes.js';
import { HostServices } from '../reconciler/host-services.js';
import { Programs } from '../reconciler/programs.js';
import { type AppLogs, Reconciler } from '../reconciler/reconciler.js';
import type { RouteTable } from '../reconciler/route-table.js';
import { WayOut } from '../reconciler/way-out.js';
import { HTTP_PORT, type Router } from '../router/router.js';
import type { Tunnels } from '../server/tunnels.js';
import type { Session } from '../services/session.js';
import { recordAddresses } from '../services/settings.js';
import type { NotEnforced } from '../store/settings.js';
import { dynoTunnels } from '../tunnels/dyno-tunnels.js';
import { Runs } from '../tunnels/runs.js';
import { type Trust, trustVars } from './trust.js';

export interface DynosOptions {
  /** On behalf of the platform. */
  readonly session: Session;
  /** Tells engines of one machine apart. */
  readonly name: string;
  readonly slugs: Slugs;
  readonly router: Router;
  readonly ports: Pick<Settings, 'router_port' | 'http_port' | 'internal_port'>;
  readonly routes: RouteTable;
  readonly logs: AppLogs;
  readonly trusted: Trust;
  /** Hears of every change. */
  readonly onChange: (changes: readonly Change[]) => void;
  /** Called when it may have changed who has room. */
  readonly onRoom: () => void;
  readonly note: (text: string) => void;
}

/** An engine and everything that drives it, from its being opened until it is closed or lost. */
export class RunningDynos {
  private constructor(
    readonly engine: Engine,
    readonly reconciler: Reconciler,
    readonly tunnels: Required<Tunnels>,
    /** What every dyno finds in its environment. */
    readonly given: Readonly<Record<string, string>>,
    private readonly end: () => Promise<void>,
  ) {}

  /** Opens the engine this machine allows and begins to run what should run. Throws an AppsApiError if there is none. */
  static async open(options: DynosOptions): Promise<RunningDynos> {
    const { session, slugs, router, routes, logs, trusted, ports, onChange, onRoom, note } = options;
    const { store } = session;
    const programs = new Programs();
    const wayOut = new WayOut(store, new EgressProxy());
    const taken = (space: string, socket: Socket, take: () => void): void =>
      contain(take, (error) => {
        note(`A connection of space ${space} failed: ${error instanceof Error ? error.message : 'unknown'}`);
        socket.resetAndDestroy();
      });
    const engine = await openEngine({
      pool: store.meta.pool,
      agent: agentCommand(),
      dir: join(store.folders.dataDir, 'engine'),
      name: options.name,
      etc: { [TRUSTED]: trusted.text },
      loopbackPorts: [ports.router_port, ports.internal_port, HTTP_PORT],
      ...(store.settings.isChosen('network') && { mode: store.meta.networkMode }),
      events: {
        onExit: (state) => programs.onExit(state),
        onOutput: (id, from, bytes) => programs.onOutput(id, from, bytes),
        onLoopbackTls: ({ space }, socket, port) =>
          taken(space, socket, () =>
            router.accept(socket, { space, address: socket.remoteAddress ?? '', port }),
          ),
        onEgress: (from, socket) => taken(from.space, socket, () => wayOut.serve(from, socket)),
      },
    }).catch((error: unknown) => {
      throw error instanceof EngineError ? noEngine(error) : error;
    });
    recordAddresses(session, { network: engine.facts.mode, ...ports });
    store.settings.rememberNotEnforced(notEnforced(engine.facts));
    const trustedAt = engine.facts.mode === 'subnet' ? join(ETC, TRUSTED) : trusted.file;
    const given = trustVars(trusted, trustedAt);
    const slugFolder = async (digest: string, space: string): Promise<string> => {
      if (!isDigest(digest)) throw new TypeError('A slug has no such name.');
      return slugs.folderFor(digest, engine.ownerOf(space));
    };
    const reconciler = new Reconciler({
      session,
      engine,
      programs,
      routes,
      logs,
      slugFolder,
      given,
      drained: async (program, ms) => void (await router.idle(program, ms)),
      onChange: (changes) => {
        wayOut.look();
        hosts.look();
        runs.look();
        onChange(changes);
      },
      onRoom,
      note,
    });
    const hosts = new HostServices(store, engine, note);
    const { network, room } = reconciler;
    const runs = new Runs({ session, engine, network, room, logs, slugFolder, given });
    reconciler.start();
    hosts.look();
    return new RunningDynos(
      engine,
      reconciler,
      dynoTunnels({ session, engine, reconciler, runs }),
      given,
      async () => {
        await Promise.all([runs.close(), reconciler.close()]);
        hosts.close();
        wayOut.close();
      },
    );
  }

  /** What this machine can't hold of what a platform promises. */
  get notEnforced(): NotEnforced[] {
    return notEnforced(this.engine.facts);
  }

  /** Ends every dyno in order; the engine stays, for what is on its way out of the router. */
  close(): Promise<void> {
    return this.end();
  }
}

function notEnforced({ enforced }: EngineFacts): NotEnforced[] {
  return enforced.filter(({ holds }) => !holds).map(({ promise, how }) => ({ promise, how }));
}

function noEngine({ message }: EngineError): AppsApiError {
  return new AppsApiError({
    id: 'no_engine',
    status: 503,
    message: `Apps can't be run here: ${message}`,
    hint: 'See what is missing: aka platform:doctor. To do without: aka platform:configure --network loopback',
  });
}
