import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { SpacePromise } from '../../../src/contract/wire.js';
import { SpaceChecker } from '../../../src/platform/check/checker.js';
import type { Ground } from '../../../src/platform/check/ground.js';
import { type Engine, ETC } from '../../../src/platform/engine/engine.js';
import type { Authority } from '../../../src/platform/router/authority.js';
import { openRouter, type Router } from '../../../src/platform/router/router.js';
import type { Route } from '../../../src/platform/router/routes.js';
import { spaceFor } from '../../../src/platform/services/spaces.js';
import { type Identity, ROOT, readableFolder } from '../engine/engines.js';
import { type Machinery, openMachinery } from '../reconciler/machinery.js';
import { newAuthority } from '../router/ingress.js';

/** A platform that runs apps, with what checks its spaces. */
export interface Checked {
  readonly m: Machinery;
  readonly router: Router;
  readonly authority: Authority;
  /** What the router is told instead of a route. */
  lie: (route: Route | undefined) => Route | undefined;
  ground(): Ground;
  /** The promises of a space by name, with some of what probes stand on replaced. */
  check(space: string, instead?: Partial<Ground>): Promise<Record<string, SpacePromise>>;
  close(): Promise<void>;
}

/** The program that probes run, of the sources as they are. */
const program = (): string =>
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['src/platform/check/probe/main.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    write: false,
  }).outputFiles[0]?.text ?? '';

export async function openChecked(identity: Identity): Promise<Checked> {
  const authority = await newAuthority();
  let m: Machinery | undefined;
  const router = await openRouter({
    routes: { find: (host) => checked.lie(m?.routes.find(host)) },
    dial: async (dyno, port) => running.engine.dial(dyno, port),
    authority,
    stacks: () => [{ stack: 'local', base: 'localhost' }],
    listeners: {
      public: { host: '127.0.0.1', port: 0, redirectPort: 0 },
      internal: { host: '127.0.0.1', port: 0, allow: ['127.0.0.0/8'] },
    },
  });
  const { addresses } = router;
  const running = await openMachinery(
    identity,
    {},
    {
      etc: { 'trusted.pem': authority.certificate },
      loopbackPorts: [addresses.public.port, addresses.internal?.port ?? 0],
      onLoopbackTls: ({ space }, socket, port) =>
        router.accept(socket, { space, address: socket.remoteAddress ?? '', port }),
    },
  );
  m = running;
  const slug = join(readableFolder(), 'nothing');
  mkdirSync(slug);
  chmodSync(slug, 0o755);
  const text = program();
  const checked: Checked = {
    m: running,
    router,
    authority,
    lie: (route) => route,
    ground: () => ({
      session: running.session,
      engine: running.engine,
      network: running.reconciler.network,
      room: running.reconciler.room,
      addresses,
      certificate: authority.certificate,
      given: { NODE_EXTRA_CA_CERTS: join(ETC, 'trusted.pem') },
      program: text,
      slug,
    }),
    async check(space, instead = {}) {
      const checker = new SpaceChecker(() => ({ ...checked.ground(), ...instead }));
      const promises = await checker.probe(spaceFor(running.session.store, space));
      return Object.fromEntries(promises.map((each) => [each.promise, each]));
    },
    async close() {
      await router.close();
      await running.close();
    },
  };
  return checked;
}

/** An engine with some of its methods replaced. */
export function engineBut(engine: Engine, instead: Partial<Engine>): Engine {
  return new Proxy(engine, {
    get: (_, name) => {
      const value: unknown = Reflect.get(name in instead ? instead : engine, name);
      return typeof value === 'function' ? (value.bind(engine) as unknown) : value;
    },
  });
}

/** The names of the promises in a state. */
export function inState(promises: Readonly<Record<string, SpacePromise>>, state: string): string[] {
  return Object.values(promises)
    .filter((each) => each.state === state)
    .map(({ promise }) => promise);
}
