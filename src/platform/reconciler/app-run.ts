import { WEB } from '../../model/formation.js';
import type { AppRecord } from '../store/apps.js';
import { Dyno, type Ground, type Seat } from './dyno.js';
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
}

/**
 * The dynos of one app. `converge` compares what there is to be with what there is, and does the next steps towards
 * it; whatever becomes of them calls it again. It never waits, so it may be called at any time.
 */
export class AppRun {
  readonly #dynos = new Set<Dyno>();
  /** Places in which a replacement failed: not tried again until something else is wanted. */
  readonly #unfit = new Map<string, string | undefined>();

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
      if (current !== undefined || !dyno.isUp) this.end(dyno);
    }
    this.publish(app, current);
  }

  /** Starts the dynos of a pending release beside those that run. True once they are all well: then it is settled. */
  private tryOut(wanted: Wanted, run: Run): boolean {
    const places = wanted.placesOf(run);
    const trials = this.of(run);
    const failed = trials.find((dyno) => dyno.isGivenUp);
    if (failed !== undefined) {
      this.ground.settle(run.release.id, `${failed.place.name} ${failed.reason ?? 'failed'}`);
      for (const dyno of trials) this.end(dyno);
      return false;
    }
    for (const dyno of trials) {
      if (!places.some((place) => isSamePlace(place, dyno.place))) this.end(dyno);
    }
    const missing = places.filter((place) => !trials.some((dyno) => isSamePlace(place, dyno.place)));
    for (const place of missing) {
      const problem = this.begin(wanted.app, run, place, true);
      if (problem !== undefined) {
        this.ground.settle(run.release.id, `${place.name} has no room: ${problem}`);
        for (const dyno of trials) this.end(dyno);
        return false;
      }
    }
    if (missing.length > 0 || !trials.every((dyno) => dyno.isUp)) return false;
    for (const dyno of trials) dyno.passTrial();
    this.ground.settle(run.release.id, undefined);
    return true;
  }

  /** Sees to it that every place of a run has its dyno, and that each does what its place says. */
  private keepUp({ app, placesOf }: Wanted, run: Run): void {
    const places = placesOf(run);
    const renew = this.ground.toRenew();
    const busy = new Set<string>();
    for (const dyno of this.of(run)) {
      dyno.passTrial();
      if (!places.some(({ name }) => name === dyno.place.name)) this.end(dyno);
    }
    for (const place of places) {
      const there = this.of(run).filter((dyno) => dyno.place.name === place.name);
      const fit = there.filter((dyno) => isSamePlace(dyno.place, place) && !renew.has(dyno.id));
      const [first] = fit;
      if (first?.isUp === true) {
        for (const dyno of there) if (dyno !== first) this.end(dyno);
        continue;
      }
      const old = there.filter((dyno) => !fit.includes(dyno));
      // One that doesn't work is no loss: what is wanted now may be what mends it.
      for (const dyno of old) if (!dyno.isUp) this.end(dyno);
      const works = old.some((dyno) => dyno.isUp);
      if (first !== undefined) {
        busy.add(place.type);
        if (works && (first.isGivenUp || first.state === 'waiting')) this.refuse(first, place, old);
        continue;
      }
      if (!works) {
        this.begin(app, run, place, false);
        continue;
      }
      // Replacements come one at a time, so that most of the app is always there.
      const wanted = wish(place, old);
      if (busy.has(place.type) || (wanted !== undefined && this.#unfit.get(place.name) === wanted)) continue;
      busy.add(place.type);
      this.begin(app, run, place, false);
    }
  }

  /** A replacement that doesn't work gives way to what it was to replace. */
  private refuse(replacement: Dyno, place: Place, old: readonly Dyno[]): void {
    for (const { id } of old) this.ground.keepAsIs(id);
    this.#unfit.set(place.name, wish(place, old));
    this.ground.say(
      replacement.app,
      place,
      `Its replacement ${replacement.reason ?? 'failed'}; it stays as it was`,
    );
    this.end(replacement);
  }

  private begin(app: AppRecord, run: Run, place: Place, onTrial: boolean): string | undefined {
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
    void dyno.done.then(() => {
      this.#dynos.delete(dyno);
      this.ground.changed(app);
    });
    return undefined;
  }

  private end(dyno: Dyno): void {
    if (dyno.isStopping) return;
    dyno.stop();
    dyno.keep();
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

/** Dynos of releases before the current one; those of a pending one get no traffic yet. */
function isSettled(current: Run | undefined): (dyno: Dyno) => boolean {
  return (dyno) => dyno.run.release.version <= (current?.release.version ?? 0);
}

/** What would be tried: another place instead of these dynos. To be renewed can be wanted again and again. */
function wish(place: Place, old: readonly Dyno[]): string | undefined {
  const others = old.filter((dyno) => !isSamePlace(dyno.place, place));
  return others.length === 0 ? undefined : JSON.stringify([place, others.map((dyno) => dyno.id)]);
}
