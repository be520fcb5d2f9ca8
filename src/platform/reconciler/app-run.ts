import { type Claim, fits, without } from '../../model/capacity.js';
import { RELEASE, WEB } from '../../model/formation.js';
import type { AppRecord } from '../store/apps.js';
import type { Lack } from '../store/places.js';
import { claimOf, replacementOf, trialOf } from './claims.js';
import { Dyno, type Ground, type Seat } from './dyno.js';
import { lossText, MAKING_ROOM, noRoomText, tooBigText } from './lack.js';
import type { Loss, OpenClaim, Room } from './room.js';
import { isSamePlace, type Place, type Run, type Wanted } from './wanted.js';

/** What an app's run needs besides what each dyno does. */
export interface AppGround extends Ground {
  /** A seat in the app's space. Throws if there is none left. */
  seat(app: AppRecord, place: Place): Seat;
  /** Says what came of a release. */
  settle(release: string, failure: string | undefined): void;
  /** Says which dynos get the traffic of the app. */
  publish(app: AppRecord, up: readonly Dyno[]): void;
  /** The dynos that somebody wants renewed. */
  toRenew(): ReadonlySet<string>;
  /** It can't be renewed. */
  keepAsIs(dyno: string): void;
  /** Who has room for dynos. */
  readonly room: Pick<
    Room,
    'verdict' | 'leftFor' | 'lossOf' | 'admittedFor' | 'isFree' | 'take' | 'capacity' | 'spare'
  >;
  /** Whether a dyno was there when the platform ran last. Answers so once. */
  wasThere(app: AppRecord, place: Place): boolean;
  /** Records that a dyno gives way. Throws if it can't: then it may not. */
  giveWay(app: AppRecord, place: Place, reason: string, to: Loss['to']): void;
  /** Records that one that gave way is back. Throws if it can't. */
  comeBack(app: AppRecord, place: Place): void;
  /** Says what is in the way of a dyno; null: nothing any more. */
  lack(app: AppRecord, place: Place, lack: { readonly lack: Lack; readonly reason: string } | null): void;
  /** Looks at the app again after so many milliseconds. */
  later(app: AppRecord, ms: number): void;
}

/**
 * The dynos of one app. `converge` compares what there is to be with what there is, and does the next steps towards
 * it; whatever becomes of them calls it again. It never waits, so it may be called at any time.
 */
export class AppRun {
  readonly #dynos = new Set<Dyno>();
  /** Places in which a replacement failed: not tried again until something else is wanted. */
  readonly #unfit = new Map<string, string | undefined>();
  /** Places in which a dyno is to be replaced: for a while there are two. */
  #replacing: ReadonlySet<string> = new Set();
  /** A place whose dyno went, so that a release can be tried in it where there is no room beside. */
  #lent: { readonly release: string; readonly place: string } | undefined;

  /** The id of the release whose release command has succeeded last. */
  #prepared: string | undefined;

  constructor(private readonly ground: AppGround) {}

  get dynos(): ReadonlySet<Dyno> {
    return this.#dynos;
  }

  get isEmpty(): boolean {
    return this.#dynos.size === 0;
  }

  /** Ends every dyno of it. Resolves when they are gone. */
  async close(): Promise<void> {
    for (const dyno of this.#dynos) this.end(dyno);
    await Promise.all([...this.#dynos].map((dyno) => dyno.done));
  }

  /** All that it wants room for: a dyno in each place, and those that are to take the place of one. */
  claims(wanted: Wanted | undefined): OpenClaim[] {
    const run = wanted?.current ?? wanted?.pending;
    if (wanted === undefined || run === undefined) return [];
    const release = this.openReleasePlace(wanted);
    if (release === undefined) return this.claimsOfDynos(wanted, run);
    const own = this.claimOfRelease(wanted, release);
    // Until its release command has succeeded, a release has no dynos.
    if (run === wanted.pending) return [own];
    return [...this.claimsOfDynos(wanted, run).filter(({ key }) => key !== own.key), own];
  }

  private claimsOfDynos(wanted: Wanted, run: Run): OpenClaim[] {
    const { app, current, pending, placesOf } = wanted;
    const lent = this.lentTo(pending);
    const standing = placesOf(run).flatMap((place) => {
      const own = place.name === lent && pending !== undefined ? pending : run;
      const [first, second] = this.of(own).filter((dyno) => dyno.place.name === place.name);
      // One that is there has the size that it was started with.
      const claim = { ...claimOf(app, place, first?.place), isHeld: first !== undefined };
      if (second === undefined && !this.#replacing.has(place.name)) return [claim];
      return [claim, { ...replacementOf(app, place), isHeld: second !== undefined }];
    });
    if (current === undefined || pending === undefined) return standing;
    if (this.openReleasePlace(wanted) !== undefined) return standing;
    const beside = placesOf(pending).filter(({ name }) => name !== lent);
    const trials = beside.map((place) => ({
      ...trialOf(app, pending, place),
      isHeld: this.of(pending).some((dyno) => dyno.place.name === place.name),
    }));
    return [...standing, ...trials];
  }

  /** With nothing wanted, everything ends. */
  converge(wanted: Wanted | undefined): void {
    if (wanted === undefined) {
      for (const dyno of this.#dynos) this.end(dyno);
      return;
    }
    const { app, pending } = wanted;
    const current = pending !== undefined && this.tryOut(wanted, pending) ? pending : wanted.current;
    if (current !== undefined) this.keepUp(wanted, current);
    for (const dyno of this.#dynos) {
      const { id } = dyno.run.release;
      if (id === current?.release.id || id === pending?.release.id) continue;
      // What runs goes on until something else is there to take over; what failed does not.
      if (current !== undefined || !dyno.isUp || isReleaseCommand(dyno)) this.end(dyno);
    }
    this.publish(app, current);
  }

  /** Starts the dynos of a pending release beside those that run. True once they are all well: then it is settled. */
  private tryOut(wanted: Wanted, run: Run): boolean {
    if (!this.prepare(wanted, run)) return false;
    const { app, current } = wanted;
    const all = wanted.placesOf(run);
    if (!all.some(({ name }) => name === this.#lent?.place)) this.#lent = undefined;
    const lent = this.lentTo(run);
    const claim = (place: Place): Claim =>
      current === undefined || place.name === lent ? claimOf(app, place) : trialOf(app, run, place);
    const places = all.filter((place) => this.ground.room.verdict(claim(place).key) === 'runs');
    const trials = this.of(run);
    const failed = trials.find((dyno) => dyno.isGivenUp);
    if (failed !== undefined) return this.fail(run, `${failed.place.name} ${failed.reason ?? 'failed'}`);
    const roomless = all.filter((place) => !places.includes(place));
    // Where nothing runs yet, there is nothing to lose by waiting for room.
    if (current === undefined) for (const place of roomless) this.giveWay(app, run, place);
    else if (places.length === 0 && roomless.length > 0) {
      // First goes what has to go anyway: then its place can be lent.
      if (lent === undefined && this.isLosingRoom(app, current)) return false;
      if (lent === undefined && !this.lend(app, current, run, all)) return this.fail(run, NO_ROOM_BESIDE);
      for (const place of roomless) if (place.name === lent) this.giveWay(app, run, place);
      return false;
    }
    for (const dyno of trials) {
      if (!places.some((place) => isSamePlace(place, dyno.place))) this.end(dyno);
    }
    const missing = places.filter((place) => !trials.some((dyno) => isSamePlace(place, dyno.place)));
    for (const place of missing) {
      if (!this.hasRoom(app, place, claim(place))) continue;
      const problem = this.begin(app, run, place, claim(place), true);
      if (problem !== undefined) return this.fail(run, `${place.name} has no room: ${problem}`);
    }
    if (missing.length > 0 || (places.length === 0 && all.length > 0)) return false;
    if (!trials.every((dyno) => dyno.isUp)) return false;
    for (const dyno of trials) dyno.passTrial();
    this.ground.settle(run.release.id, undefined);
    this.#lent = undefined;
    return true;
  }

  /** Runs the release command of a pending release. True once it has succeeded, or if there is none. */
  private prepare(wanted: Wanted, run: Run): boolean {
    const place = this.openReleasePlace(wanted);
    if (place === undefined) return true;
    const { app, current } = wanted;
    const { room } = this.ground;
    const claim = this.claimOfRelease(wanted, place);
    const there = this.of(run).find(isReleaseCommand);
    if (there?.hasSucceeded === true) {
      this.#prepared = run.release.id;
      // Its dynos are started next, when there are claims for them.
      this.end(there);
      return false;
    }
    if (there?.isGivenUp === true) return this.fail(run, `${place.name} ${there.reason ?? 'failed'}`);
    const verdict = room.verdict(claim.key);
    if (verdict !== undefined && verdict !== 'runs') {
      const noRoom = noRoomText(place.size, room.leftFor(claim.key));
      if (there !== undefined) return this.fail(run, `${place.name} lost its room: ${noRoom}`);
      if (current === undefined) this.waitForRelease(wanted, run, noRoom);
      else if (this.lentPlace(wanted) === undefined && !this.isLosingRoom(app, current)) {
        if (!this.lend(app, current, run, wanted.placesOf(run))) return this.fail(run, NO_ROOM_BESIDE);
      }
      return false;
    }
    if (there !== undefined) return false;
    // Two release commands at a time could change the same data.
    const isAlone = ![...this.#dynos].some(isReleaseCommand);
    if (!isAlone || !room.isFree(claim.key)) return false;
    this.ground.say(app, place, `Running the release command of v${run.release.version}`);
    const problem = this.begin(app, run, place, claim, true);
    return problem === undefined ? false : this.fail(run, `${place.name} has no room: ${problem}`);
  }

  /** Where the release command of the pending release has still to succeed. */
  private openReleasePlace(wanted: Wanted): Place | undefined {
    const { pending, releasePlaceOf } = wanted;
    if (pending === undefined || pending.release.id === this.#prepared) return undefined;
    const place = releasePlaceOf(pending);
    const { size } = this.lentPlace(wanted) ?? {};
    return place === undefined || size === undefined ? place : { ...place, size };
  }

  /** The place of a dyno that went, whose room the pending release has. */
  private lentPlace({ pending, placesOf }: Wanted): Place | undefined {
    const lent = this.lentTo(pending);
    if (pending === undefined || lent === undefined) return undefined;
    return placesOf(pending).find(({ name }) => name === lent);
  }

  /** Says of the dynos of a first release that they wait for room for its release command. */
  private waitForRelease({ app, placesOf }: Wanted, run: Run, noRoom: string): void {
    const reason = `the release command comes first: ${noRoom}`;
    for (const place of placesOf(run)) {
      if (place.lack === null) this.ground.lack(app, place, { lack: 'waiting', reason });
    }
  }

  private claimOfRelease(wanted: Wanted, place: Place): OpenClaim {
    const { app, current } = wanted;
    const isHeld = [...this.#dynos].some((dyno) => dyno.place.name === place.name && !dyno.isStopping);
    const lent = this.lentPlace(wanted);
    if (lent !== undefined) return { ...claimOf(app, lent), isHeld };
    return { ...claimOf(app, place), isExtra: current !== undefined, isHeld };
  }

  /**
   * Finds a place for a release to be tried in: that of one of several dynos of a type, which ends, or one whose dyno had
   * to go anyway and will be back. False if there is none.
   */
  private lend(app: AppRecord, current: Run, { release }: Run, places: readonly Place[]): boolean {
    const up = this.of(current)
      .filter((dyno) => dyno.isUp)
      .sort((a, b) => b.place.number - a.place.number);
    const spared = up.find(({ place: { type } }) => up.filter((each) => each.place.type === type).length > 1);
    const place = spared?.place ?? places.find(({ lack }) => lack === 'evicted');
    if (place === undefined) return false;
    this.#lent = { release: release.id, place: place.name };
    this.ground.changed(app);
    if (spared === undefined) return true;
    this.ground.say(app, place, `It makes room for v${release.version}, which is tried in its place`);
    this.end(spared);
    return true;
  }

  private isLosingRoom(app: AppRecord, run: Run): boolean {
    return this.of(run).some(({ place }) => this.ground.room.verdict(claimOf(app, place).key) !== 'runs');
  }

  /** The place in which a release is tried that has no room beside what runs. */
  private lentTo(run: Run | undefined): string | undefined {
    return this.#lent?.release === run?.release.id ? this.#lent?.place : undefined;
  }

  private fail(run: Run, why: string): false {
    this.ground.settle(run.release.id, why);
    this.#lent = undefined;
    for (const dyno of this.of(run)) this.end(dyno);
    return false;
  }

  /** Sees to it that every place of a run has its dyno, and that each does what its place says. */
  private keepUp({ app, pending, placesOf }: Wanted, run: Run): void {
    const lent = this.lentTo(pending);
    const all = placesOf(run).filter(({ name }) => name !== lent);
    const { room } = this.ground;
    const renew = this.ground.toRenew();
    const busy = new Set<string>();
    const replacing = new Set<string>();
    for (const dyno of this.of(run)) {
      dyno.passTrial();
      if (!all.some(({ name }) => name === dyno.place.name)) this.end(dyno);
    }
    for (const place of all) {
      const own = claimOf(app, place);
      if (room.verdict(own.key) !== 'runs') {
        this.giveWay(app, run, place);
        continue;
      }
      const there = this.of(run).filter((dyno) => dyno.place.name === place.name);
      const fit = there.filter((dyno) => isSamePlace(dyno.place, place) && !renew.has(dyno.id));
      const first = fit.find((dyno) => dyno.isUp) ?? fit[0];
      // The newest of those to be replaced that work; one that doesn't work is no loss. A place has no claims for more than
      // this one and its replacement.
      const old = first?.isUp === true ? undefined : there.findLast((dyno) => dyno.isUp);
      for (const dyno of there) if (dyno !== first && dyno !== old) this.end(dyno);
      if (first?.isUp === true) continue;
      const beside = replacementOf(app, place);
      if (first !== undefined) {
        // One that was given up never comes up: others of its type don't wait for that.
        if (!first.isGivenUp) busy.add(place.type);
        if (old === undefined) continue;
        replacing.add(place.name);
        if (first.isGivenUp || first.state === 'waiting') this.refuse(first, place, old);
        else if (room.verdict(beside.key) === 'waits') this.refuse(first, place, old, 'lost its room');
        continue;
      }
      if (old === undefined) {
        if (this.hasRoom(app, place, own)) this.begin(app, run, place, own, false);
        continue;
      }
      // Replacements come one at a time, so that most of the app is always there.
      const wanted = wish(place, old);
      if (busy.has(place.type) || (wanted !== undefined && this.#unfit.get(place.name) === wanted)) continue;
      busy.add(place.type);
      replacing.add(place.name);
      this.replace(app, run, place, old);
    }
    if (!isSameSet(replacing, this.#replacing)) this.ground.changed(app);
    this.#replacing = replacing;
  }

  /** Starts another beside what works or, where there is no room for both, in its place. */
  private replace(app: AppRecord, run: Run, place: Place, old: Dyno): void {
    const { room } = this.ground;
    const beside = replacementOf(app, place);
    const verdict = room.verdict(beside.key);
    // It is asked for now, and looked at again when the plan knows of it.
    if (verdict === undefined) return;
    if (verdict === 'runs') {
      if (room.isFree(beside.key)) this.begin(app, run, place, beside, false);
      return;
    }
    const more = {
      memory: place.size.memory - old.place.size.memory,
      cpu: place.size.cpu - old.place.size.cpu,
    };
    if (fits(more, room.spare)) {
      this.ground.say(app, place, 'It is replaced in its place: there is no room for another beside it');
      this.end(old);
      return;
    }
    this.ground.keepAsIs(old.id);
    this.#unfit.set(place.name, wish(place, old));
    const { memory, cpu } = old.place.size;
    const left = without(room.spare, { memory: -memory, cpu: -cpu });
    this.ground.say(app, place, `It stays as it was: ${noRoomText(place.size, left)}`);
  }

  /** Whether a dyno may be started; what is in its way is told. */
  private hasRoom(app: AppRecord, place: Place, claim: Claim): boolean {
    const { room, pace } = this.ground;
    if (place.lack === 'evicted') {
      const wait = pace.back - room.admittedFor(claim.key);
      if (wait > 0) this.ground.later(app, wait);
      if (wait > 0) return false;
    }
    if (room.isFree(claim.key)) return true;
    const isOwn = [...this.#dynos].some((dyno) => dyno.place.name === place.name);
    if (!isOwn && !claim.isExtra && (place.lack === null || place.lack === 'down'))
      this.ground.lack(app, place, { lack: 'waiting', reason: MAKING_ROOM });
    return false;
  }

  /** Ends the dyno of a place for which there is no room, or says why there is none. */
  private giveWay(app: AppRecord, run: Run, place: Place): void {
    const { room } = this.ground;
    const { key } = claimOf(app, place);
    const there = this.of(run).filter((dyno) => dyno.place.name === place.name);
    const isTooBig = room.verdict(key) === 'too_big';
    if (there.length > 0 || (place.lack === null && this.ground.wasThere(app, place))) {
      const loss = room.lossOf(key);
      const reason = isTooBig
        ? tooBigText(place.size, room.capacity)
        : lossText(loss, place.size, room.leftFor(key));
      // The record comes first: without it nobody gives way.
      this.ground.giveWay(app, place, reason, loss.to);
      for (const dyno of there) this.end(dyno);
      return;
    }
    const lack = isTooBig ? 'down' : 'waiting';
    if (place.lack === lack || place.lack === 'evicted') return;
    const reason = isTooBig
      ? tooBigText(place.size, room.capacity)
      : noRoomText(place.size, room.leftFor(key));
    this.ground.lack(app, place, { lack, reason });
  }

  /** A replacement that doesn't work gives way to what it was to replace. */
  private refuse(replacement: Dyno, place: Place, old: Dyno, why = replacement.reason ?? 'failed'): void {
    this.ground.keepAsIs(old.id);
    this.#unfit.set(place.name, wish(place, old));
    this.ground.say(replacement.app, place, `Its replacement ${why}; it stays as it was`);
    this.end(replacement);
  }

  private begin(app: AppRecord, run: Run, place: Place, claim: Claim, onTrial: boolean): string | undefined {
    if (place.lack === 'evicted') this.ground.comeBack(app, place);
    else if (place.lack !== null && !claim.isExtra) this.ground.lack(app, place, null);
    let seat: Seat;
    try {
      seat = this.ground.seat(app, place);
    } catch (error) {
      const problem = error instanceof Error ? error.message : 'unknown';
      this.ground.say(app, place, `It can't be started: ${problem}`);
      return problem;
    }
    const dyno = new Dyno(this.ground, app, run, place, seat, onTrial);
    this.#dynos.add(dyno);
    const leave = this.ground.room.take(claim);
    void dyno.done.then(() => {
      this.#dynos.delete(dyno);
      leave();
      this.ground.changed(app);
    });
    return undefined;
  }

  private end(dyno: Dyno): void {
    if (dyno.isStopping) return;
    dyno.stop();
    dyno.keep();
    // Another may be wanted in its place, and need not wait for its end where there is room for both.
    this.ground.changed(dyno.app);
  }

  private of(run: Run): Dyno[] {
    return [...this.#dynos].filter((dyno) => dyno.run.release.id === run.release.id && !dyno.isStopping);
  }

  private publish(app: AppRecord, current: Run | undefined): void {
    const up = [...this.#dynos].filter((dyno) => dyno.place.type === WEB && dyno.isUp && !dyno.isStopping);
    const ofCurrent = up.filter((dyno) => dyno.run.release.id === current?.release.id);
    // Until the first of a new run is up, those of the one before go on.
    this.ground.publish(app, ofCurrent.length > 0 ? ofCurrent : up.filter(isSettled(current)));
  }
}

function isReleaseCommand({ place }: Dyno): boolean {
  return place.type === RELEASE;
}

/** Dynos of releases before the current one; those of a pending one get no traffic yet. */
function isSettled(current: Run | undefined): (dyno: Dyno) => boolean {
  return (dyno) => dyno.run.release.version <= (current?.release.version ?? 0);
}

/** What would be tried: another place instead of this dyno. To be renewed can be wanted again and again. */
function wish(place: Place, old: Dyno): string | undefined {
  if (isSamePlace(old.place, place)) return undefined;
  const { name, command, size, port, healthcheck } = place;
  return JSON.stringify([name, command, size, port, healthcheck, old.id]);
}

const NO_ROOM_BESIDE =
  'there is no room for its dynos beside those that run: see aka platform:status, or scale the app down, release, and scale it up again';

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
