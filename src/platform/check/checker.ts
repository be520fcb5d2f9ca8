import { AppsApiError } from '../../contract/errors.js';
import type { SpacePromise } from '../../contract/wire.js';
import type { Prober } from '../services/checks.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Ground } from './ground.js';
import { tryInside } from './inside.js';
import { tryDomains, tryListeners } from './outside.js';
import { Probes } from './probes.js';
import { tryAudit, tryRecords } from './records.js';
import { tryRedaction } from './redaction.js';
import { tryRoom } from './room.js';
import { type Sibling, siblingsOf } from './siblings.js';
import { broken, notEnforced, PROMISES, type PromiseName } from './verdict.js';

/** Checks at a time: each has three dynos. */
const CHECKS_MOST = 4;
/** How long probes may take in all, in milliseconds. */
const PROBING = 15_000;

/** Those that are tried from inside of a space. */
const INSIDE: readonly PromiseName[] = [
  'discovery',
  'domains_inside',
  'broadcast',
  'isolation',
  'machine',
  'files',
];
/** What is told of those that no probe can try, where they are not enforced. */
const UNTRIED = ['processes', 'memory', 'cpu', 'pids', 'syscalls', 'user_limits', 'egress'] as const;

/** What is promised to prod spaces alone. */
const UNTRIED_OF_PROD = ['spikes', 'priority'] as const;

function untriedOf(isProd: boolean): readonly string[] {
  return isProd ? [...UNTRIED, ...UNTRIED_OF_PROD] : UNTRIED;
}

/** Tries what spaces promise, with probes of its own beside the apps, which notice nothing but a request. */
export class SpaceChecker implements Prober {
  #underWay = 0;

  /** `ground` answers undefined while nothing runs apps; `bound` is how long probes may take, in milliseconds. */
  constructor(
    private readonly ground: () => Ground | undefined,
    private readonly bound = PROBING,
  ) {}

  async probe(space: SpaceRecord): Promise<SpacePromise[]> {
    const ground = this.ground();
    if (ground === undefined) throw busy('Apps are not run at the moment.');
    if (this.#underWay >= CHECKS_MOST) throw busy(`${CHECKS_MOST} checks are under way already.`);
    this.#underWay += 1;
    try {
      return await probe(ground, space, this.bound);
    } finally {
      this.#underWay -= 1;
    }
  }
}

async function probe(ground: Ground, space: SpaceRecord, bound: number): Promise<SpacePromise[]> {
  const { session, engine } = ground;
  const { siblings, domains, leftOut } = session.store.db.snapshot(() => siblingsOf(session.store, space));
  const [inside, outside, listeners, audit, redaction] = await Promise.all([
    fromInside(ground, space, siblings, bound),
    tryDomains(ground, space, siblings),
    tryListeners(ground, space, domains),
    tryAudit(session),
    tryRedaction(session, space),
  ]);
  const isProd = space.compliance.includes('prod');
  const room = isProd ? [tryRoom(ground, space)] : [];
  const records = tryRecords(session, space);
  const found = [...inside, outside, listeners, audit, ...redaction, ...room, ...records];
  const shown = PROMISES.flatMap((name) => found.filter(({ promise }) => promise === name)).map((each) =>
    leftOut > 0 && APP_BY_APP.has(each.promise)
      ? { ...each, evidence: `${each.evidence}; ${leftOut} more apps were left out` }
      : each,
  );
  const untried = engine.facts.enforced
    .filter(({ promise, holds }) => !holds && untriedOf(isProd).some((each) => each === promise))
    .map(({ promise, how }) => notEnforced(promise, how));
  return [...shown, ...untried];
}

const APP_BY_APP: ReadonlySet<string> = new Set([
  'discovery',
  'domains_inside',
  'domains_outside',
  'listeners',
]);

/** Tries from inside, and leaves nothing there. Without an answer in time nothing is proved, which is told as such. */
async function fromInside(
  ground: Ground,
  space: SpaceRecord,
  siblings: readonly Sibling[],
  bound: number,
): Promise<SpacePromise[]> {
  const probes = new Probes(ground);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`they gave no answer in ${bound / 1000} s`)), bound);
  });
  try {
    return await Promise.race([tryInside(ground, space, siblings, probes), late]);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : 'unknown';
    return INSIDE.map((promise) => broken(promise, `probes could not be run: ${why}`, 'aka platform:logs'));
  } finally {
    clearTimeout(timer);
    await probes.close();
  }
}

function busy(message: string): AppsApiError {
  return new AppsApiError({ id: 'busy', status: 503, message, hint: 'Try again in a few seconds.' });
}
