import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { Dyno, Release } from '../../../src/contract/wire.js';
import { type Caller, DAEMON } from '../../../src/platform/caller.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import type { Engine, EngineEvents } from '../../../src/platform/engine/engine.js';
import type { SubnetOptions } from '../../../src/platform/engine/subnet-engine.js';
import { takeRole } from '../../../src/platform/files/process-lock.js';
import type { Pace } from '../../../src/platform/reconciler/pace.js';
import { Programs } from '../../../src/platform/reconciler/programs.js';
import { Reconciler, type ReconcilerOptions } from '../../../src/platform/reconciler/reconciler.js';
import { RouteTable } from '../../../src/platform/reconciler/route-table.js';
import { beginBuild, succeedBuild } from '../../../src/platform/services/builds.js';
import type { Session } from '../../../src/platform/services/session.js';
import { openStore } from '../../../src/platform/store/store.js';
import { type Identity, openTestEngine, until } from '../engine/engines.js';

/** A Node.js program that answers with what it is told, and shows its environment at /env. */
export const SERVER = `
const { createServer } = require('node:http');
createServer((request, response) => {
  if (request.url === '/env') return response.end(JSON.stringify(process.env));
  if (request.url === '/crash') process.exit(3);
  response.end(process.env.SAYS || 'hello');
}).listen(process.env.PORT, () => console.log('listening'));
`;

export interface Machinery {
  readonly api: AppsApi;
  /** The same for somebody else. */
  as(caller: Caller): AppsApi;
  readonly engine: Engine;
  readonly session: Session;
  readonly reconciler: Reconciler;
  readonly routes: RouteTable;
  /** What was written to the logs of apps. */
  readonly lines: string[];
  /** What the platform's own log heard. */
  readonly notes: string[];
  /** Makes an app, in space `shop` unless told, and releases these files. */
  app(
    name: string,
    files?: Record<string, string>,
    types?: Record<string, string>,
    space?: string,
  ): Promise<string>;
  /** Builds and releases, without waiting for what becomes of it. */
  release(app: string, files: Record<string, string>, types: Record<string, string>): Promise<Release>;
  settled(app: string, version: number): Promise<Release>;
  /** Resolves with the dynos of an app when they are as is said. */
  dynos(app: string, are: (dynos: Dyno[]) => boolean): Promise<Dyno[]>;
  /** Asks a dyno over HTTP. */
  ask(app: string, path?: string, name?: string): Promise<string>;
  /** Another one starts from what is in the store. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const FAST: Partial<Pace> = {
  start: 5000,
  settle: 100,
  check: 50,
  drain: 200,
  grace: 2000,
  again: 20,
  againMost: 100,
};

/** A platform with an engine and what drives it, all of it real. */
export async function openMachinery(
  identity: Identity,
  pace: Partial<Pace> = {},
  {
    etc = {},
    loopbackPorts = [],
    onRoom,
    now = () => new Date(),
    openEngine = (heard) => openTestEngine(identity, heard, { etc, loopbackPorts }),
    ...events
  }: Pick<EngineEvents, 'onLoopbackTls'> &
    Pick<SubnetOptions, 'etc' | 'loopbackPorts'> &
    Pick<ReconcilerOptions, 'onRoom'> &
    Partial<Pick<Session, 'now'>> & { openEngine?: (heard: EngineEvents) => Promise<Engine> } = {},
): Promise<Machinery> {
  const folder = mkdtempSync(join(tmpdir(), 'aka-'));
  chmodSync(folder, 0o755);
  const folders = { dataDir: join(folder, 'data'), configDir: join(folder, 'config') };
  const platform = openPlatform(folders);
  const store = openStore(folders);
  const role = takeRole(folders.dataDir, 'server', () => new Error('taken') as never);
  const session: Session = { store, caller: DAEMON, now };
  const api = platform.as({ name: 'ann', role: 'admin', origin: 'cli' });
  const slugs = join(folder, 'slugs');
  mkdirSync(slugs);
  const [lines, notes]: [string[], string[]] = [[], []];
  let [programs, routes] = [new Programs(), new RouteTable(store)];
  const open = async (): Promise<[Engine, Reconciler]> => {
    [programs, routes] = [new Programs(), new RouteTable(store)];
    const current = programs;
    const engine = await openEngine({
      onExit: (state) => current.onExit(state),
      onOutput: (id, from, bytes) => current.onOutput(id, from, bytes),
      ...events,
    });
    const reconciler = new Reconciler({
      session,
      engine,
      programs,
      routes,
      logs: {
        end: () => {},
        flush: async () => {},
        write: ({ dyno, stream }, bytes) => {
          for (const line of bytes.toString().split('\n'))
            if (line !== '') lines.push(`${dyno} ${stream}: ${line}`);
        },
      },
      slugFolder: async (digest) => join(slugs, digest),
      given: { TRUST: 'me' },
      drained: async () => {},
      note: (text) => notes.push(text),
      pace: { ...FAST, ...pace },
      ...(onRoom && { onRoom }),
    });
    reconciler.start();
    return [engine, reconciler];
  };
  let [engine, reconciler] = await open();

  const release: Machinery['release'] = async (app, files, types) => {
    const digest = createHash('sha256')
      .update(JSON.stringify([files, types]))
      .digest('hex');
    mkdirSync(join(slugs, digest), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(slugs, digest, name), text);
    const { checksum } = await api.sources.upload(Readable.from([randomBytes(32)]));
    const inSocs = (await api.apps.get({ app })).space.compliance.includes('socs');
    const commit = { repo: 'https://github.com/acme/shop', sha: digest.slice(0, 40) };
    const { id, checks } = await api.builds.create({ app, checksum, ...(inSocs && commit) });
    for (const { context } of checks)
      await api.builds.overrule({ app, build: id, context, reason: 'This is a test' });
    const slug = {
      digest,
      bytes: 1,
      processTypes: types,
      path: [],
      folders: {},
      createdAt: session.now().toISOString(),
    };
    beginBuild(session, id);
    const made = succeedBuild(session, id, { slug, madeOf: checksum });
    if (made === undefined) throw new Error('The build was not wanted.');
    return api.releases.get({ app, release: String(made.version) });
  };
  const machinery: Machinery = {
    api,
    as: (caller) => platform.as(caller),
    get engine() {
      return engine;
    },
    get reconciler() {
      return reconciler;
    },
    get routes() {
      return routes;
    },
    session,
    lines,
    notes,
    release,
    async app(name, files = { 'server.js': SERVER }, types = { web: 'node server.js' }, space = 'shop') {
      const spaces = await api.spaces.list();
      if (!spaces.items.some((each) => each.name === space)) await api.spaces.create({ name: space });
      await api.apps.create({ name, space });
      const app = `${name}-${space}`;
      const { version } = await release(app, files, types);
      await machinery.settled(app, version);
      return app;
    },
    settled: (app, version) =>
      until(`v${version} of ${app} is settled`, async () => {
        const found = await api.releases.get({ app, release: String(version) });
        return found.status === 'pending' ? undefined : found;
      }),
    dynos: (app, are) =>
      until(`the dynos of ${app}`, async () => {
        const dynos = await api.dynos.list({ app });
        return are(dynos) ? dynos : undefined;
      }),
    async ask(app, path = '/', name = 'web.1') {
      const { id } = await api.apps.get({ app });
      const dyno = reconciler
        .dynosOf(id)
        .find((each) => each.place.name === name && each.isUp && !each.isStopping);
      if (dyno === undefined) throw new Error(`${name} of ${app} is not up.`);
      const socket = await engine.dial(dyno.program, dyno.seat.port);
      socket.end(`GET ${path} HTTP/1.0\r\n\r\n`);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString().split('\r\n\r\n')[1] ?? '';
    },
    async restart() {
      await reconciler.close();
      await engine.close();
      [engine, reconciler] = await open();
    },
    async close() {
      await reconciler.close();
      await engine.close();
      role.release();
      platform.close();
      store.db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return machinery;
}
