import { socketOf } from '../../contract/daemon.js';
import type { SpacePromise } from '../../contract/wire.js';
import { webUrl } from '../../model/domains.js';
import { appKey } from '../../model/names.js';
import type { Engine } from '../engine/engine.js';
import type { AppRecord } from '../store/apps.js';
import { keyFile } from '../store/keys.js';
import type { SpaceRecord } from '../store/spaces.js';
import { databaseFile } from '../store/store.js';
import { openDecoys } from './decoys.js';
import { enforcement } from './enforced.js';
import type { Ground } from './ground.js';
import { problemOf } from './outside.js';
import type { Attempt, Outcome } from './probe/task.js';
import { DISCARD_PORT, type Listener, type Probes } from './probes.js';
import type { Sibling } from './siblings.js';
import { broken, kept, named, notEnforced, nothing } from './verdict.js';

/** How long what was sent may be on its way, in milliseconds. */
const ON_ITS_WAY = 500;

/** What is to be tried, and what the outcomes of that mean. */
interface Trial {
  readonly attempts: readonly Attempt[];
  verdict(outcomes: readonly Outcome[]): SpacePromise | Promise<SpacePromise>;
}

/**
 * Tries from inside of a space what only dynos can see. Rejects if no probe can be run; the probes are the caller's to
 * close.
 */
export async function tryInside(
  ground: Ground,
  space: SpaceRecord,
  siblings: readonly Sibling[],
  probes: Probes,
): Promise<SpacePromise[]> {
  const hold = enforcement(ground.engine.facts);
  const decoys = hold.isolation === undefined ? await openDecoys() : undefined;
  if (decoys !== undefined) probes.atEnd(() => decoys.close());
  const [neighbour, stranger] = await Promise.all([
    hold.broadcast === undefined ? probes.listenIn(space) : undefined,
    hold.isolation === undefined ? probes.listenElsewhere() : undefined,
  ]);
  const trials = [
    discovery(siblings),
    hold.loopback_tls === undefined
      ? domains(siblings, portOf(ground, space))
      : told('domains_inside', hold.loopback_tls),
    neighbour === undefined ? told('broadcast', hold.broadcast) : broadcast(neighbour, probes.mark),
    stranger === undefined ? told('isolation', hold.isolation) : isolation(ground, stranger, probes.mark),
    decoys === undefined ? told('machine', hold.isolation) : machine(decoys.attempts),
    hold.files === undefined ? files(ground) : told('files', hold.files),
  ];
  const outcomes = await probes.attempt(
    space,
    trials.flatMap(({ attempts }) => attempts),
  );
  let from = 0;
  const verdicts = trials.map(async (trial) => {
    const own = outcomes.slice(from, (from += trial.attempts.length));
    return trial.verdict(own);
  });
  return Promise.all(verdicts);
}

function told(promise: string, how: string | undefined): Trial {
  return { attempts: [], verdict: () => notEnforced(promise, how ?? '') };
}

function discovery(siblings: readonly Sibling[]): Trial {
  return {
    attempts: siblings.map(({ app }) => ({ try: 'service', app: app.name })),
    verdict(outcomes) {
      if (siblings.length === 0) return nothing('discovery', NOBODY);
      const failed = siblings.flatMap(({ app, at }, index) => {
        const { reached, saw } = outcomes[index] ?? NEVER;
        return reached ? [] : [{ app, text: `${app.name} at ${at}: ${saw}` }];
      });
      const [first] = failed;
      if (first === undefined) {
        return kept('discovery', `reached ${named(siblings.map(({ app, at }) => `${app.name} at ${at}`))}`);
      }
      return broken('discovery', named(failed.map(({ text }) => text)), lookAt(first.app));
    },
  };
}

function domains(siblings: readonly Sibling[], port: number): Trial {
  return {
    attempts: siblings.map(({ domain }) => ({ try: 'https', url: `${webUrl(domain, port)}/` })),
    verdict(outcomes) {
      if (siblings.length === 0) return nothing('domains_inside', NOBODY);
      const failed = siblings.flatMap(({ app, domain }, index) => {
        const problem = problemOf(app, outcomes[index] ?? NEVER);
        return problem === undefined ? [] : [{ app, text: `${domain}: ${problem}` }];
      });
      const [first] = failed;
      if (first === undefined) {
        const all = siblings.map(({ domain }) => domain);
        return kept('domains_inside', `verified from a dyno: ${named(all)}`);
      }
      return broken('domains_inside', named(failed.map(({ text }) => text)), lookAt(first.app));
    },
  };
}

/** That of the listener for a space, which leads to the router in every dyno, too. */
function portOf({ addresses }: Ground, { compliance }: SpaceRecord): number {
  return (compliance.includes('internal') ? addresses.internal : null)?.port ?? addresses.public.port;
}

function broadcast(neighbour: Listener, mark: string): Trial {
  return {
    attempts: [
      { try: 'tcp', host: neighbour.host, port: DISCARD_PORT },
      { try: 'udp', host: '255.255.255.255', port: DISCARD_PORT, text: `${mark} to all` },
    ],
    async verdict([direct = NEVER, sent = NEVER]) {
      const heard = sent.reached && (await neighbour.hears(`${mark} to all`, ON_ITS_WAY));
      if (heard && direct.reached) {
        return kept('broadcast', 'a dyno reached another by TCP, and was heard by it over UDP broadcast');
      }
      return broken(
        'broadcast',
        `a dyno and another: TCP ${direct.saw}, UDP broadcast ${heard ? 'heard' : `${sent.saw}, not heard`}`,
        'aka platform:doctor',
      );
    },
  };
}

function isolation({ engine }: Ground, stranger: Listener, mark: string): Trial {
  const { host } = stranger;
  const subnet = host.replace(/\d+$/, '255');
  return {
    attempts: [
      { try: 'tcp', host, port: DISCARD_PORT },
      { try: 'arp', host },
      { try: 'udp', host, port: DISCARD_PORT, text: `${mark} to a stranger` },
      { try: 'udp', host: subnet, port: DISCARD_PORT, text: `${mark} to strangers` },
    ],
    async verdict([tcp = NEVER, arp = NEVER]) {
      const heard = await stranger.hears(`${mark} to a stranger`, ON_ITS_WAY);
      const udp = heard || stranger.heard.some(({ text }) => text.startsWith(mark));
      const seen = `a dyno of another space: TCP ${tcp.saw}, ARP ${arp.saw}, UDP ${udp ? 'heard' : 'not heard'}`;
      if (tcp.reached || arp.reached || udp) return broken('isolation', seen, 'aka platform:doctor');
      return (await listens(engine, stranger))
        ? kept('isolation', seen)
        : broken('isolation', 'the dyno of another space did not listen itself', 'aka platform:logs');
    },
  };
}

/** What doesn't listen can't be reached by anybody, which would prove nothing. */
async function listens(engine: Engine, { id }: Listener): Promise<boolean> {
  try {
    (await engine.dial(id, DISCARD_PORT)).destroy();
    return true;
  } catch {
    return false;
  }
}

function machine(ways: readonly Extract<Attempt, { try: 'tcp' }>[]): Trial {
  return {
    attempts: ways,
    verdict(outcomes) {
      const open = ways.filter((_, index) => outcomes[index]?.reached !== false);
      const hosts = [...new Set(ways.map(({ host }) => host))];
      if (open.length === 0)
        return kept('machine', `services of this machine can't be reached at ${named(hosts)}`);
      const texts = open.map(({ host, port }) => `${host}:${port}`);
      return broken(
        'machine',
        `services of this machine can be reached at ${named(texts)}`,
        'aka platform:doctor',
      );
    },
  };
}

function files({ session }: Ground): Trial {
  const { folders, meta } = session.store;
  const { dataDir, configDir } = folders;
  const paths = [socketOf(dataDir), databaseFile(dataDir), keyFile(configDir, meta)];
  return {
    attempts: paths.map((path) => ({ try: 'path', path })),
    verdict(outcomes) {
      const there = paths.filter((_, index) => outcomes[index]?.reached !== false);
      return there.length === 0
        ? kept('files', "the platform's socket, data and key are not there for a dyno")
        : broken('files', `a dyno sees ${named(there)}`, 'aka platform:doctor');
    },
  };
}

const NOBODY = 'no app of the space has a web dyno that is up';
const NEVER: Outcome = { reached: false, saw: 'not tried' };

function lookAt({ name, space }: AppRecord): string {
  return `aka ps -a ${appKey(name, space)}`;
}
