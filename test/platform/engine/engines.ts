import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, jest } from '@jest/globals';
import { buildSync } from 'esbuild';
import { parsePool } from '../../../src/model/addresses.js';
import type {
  DynoSpec,
  DynoState,
  Engine,
  EngineEvents,
  Exit,
  RunningProgram,
} from '../../../src/platform/engine/engine.js';
import type { Owner } from '../../../src/platform/engine/owners.js';
import { SubnetEngine, type SubnetOptions } from '../../../src/platform/engine/subnet-engine.js';

/** Ways to run the agent: as this process's user, and where that is root, as an ordinary one too. */
export interface Identity {
  readonly name: string;
  readonly rootless: boolean;
  readonly user?: { readonly uid: number; readonly gid: number };
}

// Made of many processes, and machines that run tests are busy.
jest.setTimeout(30_000);

const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
const wanted: readonly Identity[] = isRoot
  ? [
      { name: 'as root', rootless: false },
      { name: 'as an ordinary user', rootless: true, user: NOBODY },
    ]
  : [{ name: 'as an ordinary user', rootless: true }];

function namespacesWork({ rootless, user }: Identity): boolean {
  const args = [...(rootless ? ['-U', '-r'] : []), '-n', '-m', '-p', '-f', '--mount-proc', 'true'];
  return spawnSync('unshare', args, { stdio: 'ignore', ...user }).status === 0;
}

export const identities = wanted.filter(namespacesWork);
if (identities.length === 0 && process.env.AKA_TEST_NAMESPACES === '1') {
  throw new Error('There are namespaces on this machine, and none for these tests.');
}

/**
 * Tests that need real namespaces, once for each identity. Where there are none they are counted as skipped, and it
 * says so.
 */
export function describeEngines(topic: string, body: (identity: Identity) => void): void {
  for (const identity of wanted) {
    if (identities.includes(identity)) describe(`${topic}, ${identity.name}`, () => body(identity));
    else {
      process.stderr.write(`SKIPPED: ${topic}, ${identity.name}: no namespaces on this machine\n`);
      describe.skip(`${topic}, ${identity.name}`, () => body(identity));
    }
  }
}

export const POOL = parsePool('10.64.0.0/10');
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
let bundle: string | undefined;

/** A folder everybody may read, as slugs are for whom the dynos run as. */
export function readableFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aka-engine-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Programs that print `up`, and `last` a second after SIGTERM. */
export const GRACEFUL: readonly [name: string, argv: readonly [string, ...string[]]][] = [
  ['a program behind a shell', ['sh', '-c', 'PORT=1; node server.js; true']],
  ['a program that npm starts', ['npm', 'start', '--silent']],
  [
    'a script with a trap',
    ['sh', '-c', 'trap "sleep 1; echo last; exit" TERM; echo up; while :; do sleep 0.1; done'],
  ],
];

/** A slug with what they need. */
export function gracefulSlug(): string {
  const folder = readableFolder();
  const server = `process.on('SIGTERM', () => setTimeout(() => { console.log('last'); process.exit(); }, 1000));
    console.log('up');
    setInterval(() => {}, 1000);`;
  writeFileSync(join(folder, 'server.js'), server);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'node server.js' } }));
  return folder;
}

/** Bundles a program of this repository, as the build does. */
export function buildProgram(source: string, outfile: string): void {
  buildSync({
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    outfile,
  });
}

export function agentCommand(): { command: string; args: string[] } {
  if (bundle === undefined) {
    const folder = readableFolder();
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    bundle = join(folder, 'agent.mjs');
    buildProgram(`import { runAgent } from './src/platform/engine/agent/agent.js'; runAgent();`, bundle);
  }
  return { command: process.execPath, args: [bundle] };
}

export interface TestEngine extends Engine {
  /** What dynos printed, by id. */
  readonly printed: Map<string, string>;
  readonly exits: DynoState[];
  readonly slug: string;
  /** A spec with what tests don't care about filled in; the dyno is in block 0, space `a`, unless said otherwise. */
  spec(id: string, argv: readonly [string, ...string[]], rest?: Partial<DynoSpec>): DynoSpec;
  /** Runs a program in a dyno of its own to its end. */
  execute(argv: readonly [string, ...string[]], rest?: Partial<DynoSpec>): Promise<Executed>;
  /** Runs JavaScript in a dyno of its own and returns what it printed, parsed. */
  evaluate(code: string, rest?: Partial<DynoSpec>): Promise<unknown>;
}

export interface Executed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: Exit;
}

let engines = 0;

export async function openTestEngine(
  { rootless, user }: Identity,
  events: Partial<EngineEvents> = {},
  options: Partial<
    Pick<SubnetOptions, 'agent' | 'etc' | 'machineNetwork' | 'runtimes' | 'loopbackPorts'>
  > = {},
): Promise<TestEngine> {
  const folder = readableFolder();
  const [dir, slug] = [join(folder, 'agent'), join(folder, 'slug')];
  for (const made of [dir, slug]) mkdirSync(made);
  if (user !== undefined) chownSync(dir, user.uid, user.gid);
  writeFileSync(join(slug, 'hello.txt'), 'from the slug\n');
  const printed = new Map<string, string>();
  const exits: DynoState[] = [];
  const engine = await SubnetEngine.open({
    pool: POOL,
    agent: agentCommand(),
    dir,
    name: `test-${process.pid}-${++engines}`,
    rootless,
    ...(user === undefined ? {} : { user }),
    ...options,
    events: {
      onExit: (state) => exits.push(state),
      onOutput: (id, _from, bytes) => {
        printed.set(id, (printed.get(id) ?? '') + bytes.toString('latin1'));
      },
      ...events,
    },
  });
  const give = (owner: Owner | undefined): void => {
    if (owner !== undefined)
      for (const path of [slug, join(slug, 'hello.txt')]) chownSync(path, owner.uid, owner.gid);
  };
  give(engine.ownerOf('a') ?? user);
  // Whoever the dynos of this space are from then on.
  const ensureSpace = engine.ensureSpace.bind(engine);
  engine.ensureSpace = async (space) => {
    await ensureSpace(space);
    if (space.name === 'a') give(engine.ownerOf('a') ?? user);
  };
  let next = 0;
  const spec: TestEngine['spec'] = (id, argv, rest = {}) => ({
    id,
    space: 'a',
    // The lower ones are for tests that say which.
    address: 200 + (next++ % 55),
    program: { argv, env: { PATH: process.env['PATH'] ?? '', HOME: '/app' } },
    slug,
    limits: {},
    hosts: [],
    ...rest,
  });
  const execute: TestEngine['execute'] = async (argv, rest) => {
    const id = `run-${next}`;
    const program = await engine.run(spec(id, argv, rest));
    program.stdin.end();
    const executed = await collect(program);
    await engine.stop(id, 0);
    return executed;
  };
  const close = async (): Promise<void> => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const extras = {
    printed,
    exits,
    slug,
    spec,
    execute,
    evaluate: async (code: string, rest?: Partial<DynoSpec>) => {
      const { stdout, stderr } = await execute([process.execPath, '--input-type=module', '-e', code], rest);
      try {
        return JSON.parse(stdout) as unknown;
      } catch {
        throw new Error(`no JSON came out of the dyno: ${stdout} ${stderr}`);
      }
    },
  };
  return new Proxy(engine as unknown as TestEngine, {
    get: (_target, name) => {
      if (name === 'close') return close;
      if (name in extras) return extras[name as keyof typeof extras];
      const value = Reflect.get(engine, name, engine) as unknown;
      return typeof value === 'function' ? (value.bind(engine) as unknown) : value;
    },
  });
}

export async function collect({ stdout, stderr, exit }: RunningProgram): Promise<Executed> {
  const [out, error, how] = await Promise.all([text(stdout), text(stderr), exit]);
  return { stdout: out, stderr: error, exit: how };
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Waits until something holds; looks every few milliseconds, and gives up after `ms`. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 60_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`it did not happen within ${ms} ms: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** A connection to a dyno's port as soon as something listens there. */
export function whenListening(engine: Engine, id: string, port: number): ReturnType<Engine['dial']> {
  return until(`${id} listens on ${port}`, () =>
    engine.dial(id, port).catch((error) => {
      if ((error as { id?: string }).id === 'refused') return undefined;
      throw error;
    }),
  );
}

/** Of every process of this machine, arguments ended by NUL. */
export function commandLines(): string[] {
  return [...byPid().values()];
}

export function pidOf(command: string): number | undefined {
  return [...byPid()].find(([, line]) => line === command)?.[0];
}

function byPid(): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      found.set(Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8'));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}
