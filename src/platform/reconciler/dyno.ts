import { randomUUID } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { RELEASE, WEB } from '../../model/formation.js';
import { PRINTED_LAST } from '../../model/last-lines.js';
import { printable } from '../../model/rule.js';
import { argvOf } from '../../model/slug.js';
import type { Engine, Exit, HostsEntry } from '../engine/engine.js';
import { Masker } from '../logs/masker.js';
import type { SecretSet } from '../logs/secret-set.js';
import type { AppRecord } from '../store/apps.js';
import type { DynoLife, DynoRecord } from '../store/dynos.js';
import type { Environment } from './environment.js';
import { becomesWell, type Check, look, NOTHING_LISTENS, sleep, untilAborted } from './health.js';
import { limitsOf } from './limits.js';
import { whyNotListening } from './not-listening.js';
import { CHECKS_MOST, ENDS_MOST, type Pace, pauseAfter } from './pace.js';
import type { Place, Run } from './wanted.js';

/** What a dyno needs of the platform around it. */
export interface Ground {
  readonly engine: Engine;
  readonly pace: Pace;
  readonly now: () => Date;
  /** Where slugs are. */
  slugFolder(digest: string, space: string): Promise<string>;
  /** Resolves when there is a network for it. */
  network(app: AppRecord): Promise<void>;
  /** Its environment, as things stand. */
  environment(app: AppRecord, run: Run, place: Place, port: number): Environment;
  /** The names that its programs find. */
  hosts(app: AppRecord): readonly HostsEntry[];
  /** Listens to the program that a dyno is about to start. Resolves with how it ended. */
  begin(app: AppRecord, place: Place, dyno: Dyno): Promise<Exit>;
  /** Milliseconds from SIGTERM to SIGKILL, as things stand. */
  grace(app: AppRecord, place: Place): number;
  /** Resolves when no request is under way to it, at the latest after `ms`. */
  drained(name: string, ms: number): Promise<void>;
  /** Keeps what is known of it. */
  keep(dyno: Omit<DynoRecord, 'renew'>): void;
  /** It is gone. */
  forget(id: string): void;
  /** Says something in the log of its app. */
  say(app: AppRecord, place: Place, text: string): void;
  /** What must not be repeated of what it prints; undefined where that can't be told. */
  secretsOf(app: AppRecord): SecretSet | undefined;
  /** A reason as its people may read it. */
  shown(app: AppRecord, reason: string): string;
  /** What to tell the app's people of something that went wrong; of the platform's own defects its log says more. */
  explain(error: unknown): string;
  /** It was given up. */
  gaveUp(app: AppRecord, place: Place, reason: string): void;
  /** Something became of it that its app should know. */
  changed(app: AppRecord): void;
}

/** Where a dyno is in its space. */
export interface Seat {
  /** Counted from the start of the pool. */
  readonly address: number;
  /** What it must listen on if it gets traffic. */
  readonly port: number;
  /** Gives both back. */
  release(): void;
}

/** How one try of its program ended. */
interface End {
  /** As in "it ...". */
  readonly why: string;
  /** Milliseconds for which it was well. */
  readonly upFor: number;
  /** The program ended by itself, and says that it did what it was for. */
  readonly isSuccess?: boolean;
}

/** So many characters of what it printed last are remembered, to say why it ended. */
const TAIL = 4096;
/** So many of its last lines are shown with why it ended, each with so many characters at most. */
const LINES = 10;
const LINE_MAX = 200;

/**
 * One dyno: a program that is started, watched, and started again when it ends, until it is told to stop or has ended
 * too often. On trial, as a part of a release that is not settled, it has one try.
 */
export class Dyno {
  readonly id = randomUUID();
  readonly done: Promise<void>;
  state: DynoLife = 'starting';
  reason: string | null = null;
  /** Whether a program that runs once has done what it is for. */
  hasSucceeded = false;
  #tries = 0;
  #knowsUntil = '';
  #environmentSeq = 0;
  #tail = '';
  readonly #maskers = new Map<'stdout' | 'stderr', Masker>();
  readonly #createdAt: string;
  readonly #stop = new AbortController();

  constructor(
    private readonly ground: Ground,
    readonly app: AppRecord,
    readonly run: Run,
    readonly place: Place,
    readonly seat: Seat,
    private onTrial: boolean,
  ) {
    this.#createdAt = ground.now().toISOString();
    this.done = this.whole();
  }

  /** What the engine calls the program that runs now. */
  get program(): string {
    return `${this.id}.${this.#tries}`;
  }

  /** Whether it can be given something to do. */
  get isUp(): boolean {
    return this.state === 'up';
  }

  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Whether it will not start again by itself. */
  get isGivenUp(): boolean {
    return this.state === 'crashed';
  }

  /** From now on it is kept running. */
  passTrial(): void {
    this.onTrial = false;
  }

  /** Ends it in order: requests under way first, then SIGTERM, then SIGKILL. `done` resolves when nothing is left. */
  stop(): void {
    this.#stop.abort();
  }

  /** Hears what it prints. */
  hear(from: 'stdout' | 'stderr', bytes: Buffer): void {
    const secrets = this.ground.secretsOf(this.app);
    if (secrets === undefined) return;
    const masker = this.#maskers.get(from) ?? new Masker(secrets);
    masker.use(secrets);
    this.#maskers.set(from, masker);
    this.remember(masker.take(bytes));
  }

  private remember(bytes: Buffer): void {
    this.#tail = (this.#tail + bytes.toString()).slice(-TAIL);
  }

  /** Its life. An exception in it is the platform's defect: this dyno ends, and another takes its place after a pause. */
  private async whole(): Promise<void> {
    const { ground, app, place } = this;
    try {
      await this.live();
    } catch (error) {
      ground.say(app, place, `It was ended: ${ground.explain(error)}`);
      await sleep(ground.pace.again, this.#stop.signal);
      this.stop();
    } finally {
      this.seat.release();
      ground.forget(this.id);
    }
  }

  private async live(): Promise<void> {
    const { ground, place } = this;
    // So that whoever makes one has it before anything becomes of it.
    await Promise.resolve();
    let ends = 0;
    while (!this.isStopping) {
      this.become('starting', null);
      const { why, upFor, isSuccess = false } = await this.attempt();
      if (this.isStopping) {
        if (place.type === RELEASE) ground.say(this.app, place, 'It was stopped before it was done');
        break;
      }
      if (isSuccess && place.type === RELEASE) {
        ground.say(this.app, place, `It ${why}`);
        this.hasSucceeded = true;
        ground.changed(this.app);
        await untilAborted(this.#stop.signal);
        break;
      }
      ends = upFor >= ground.pace.forget ? 1 : ends + 1;
      const reason = ground.shown(this.app, `${why}${this.lastWords()}`);
      if (this.onTrial || ends >= ENDS_MOST) {
        ground.say(
          this.app,
          place,
          this.onTrial ? `It ${why}` : `It ${why}, the ${ends}th time in a row: given up`,
        );
        if (!this.onTrial) ground.gaveUp(this.app, place, reason);
        this.become('crashed', reason);
        await untilAborted(this.#stop.signal);
        break;
      }
      const pause = pauseAfter(ends, ground.pace);
      ground.say(this.app, place, `It ${why}; it starts again in ${Math.ceil(pause / 1000)} s`);
      this.become('waiting', reason);
      await sleep(pause, this.#stop.signal);
      this.#tries += 1;
    }
  }

  /** Runs the program once, from its start to its end, whoever ends it. */
  private async attempt(): Promise<End> {
    const { engine } = this.ground;
    this.#tail = '';
    this.#maskers.clear();
    const { program } = this;
    const ended = this.ground.begin(this.app, this.place, this);
    const life = new AbortController();
    const stop = (): void => life.abort();
    this.#stop.signal.addEventListener('abort', stop);
    let exit: Exit | undefined;
    try {
      const started = this.start(program);
      void ended.then((how) => {
        exit = how;
        life.abort();
      });
      await started;
      const watched = await this.watch(program, life.signal);
      if (exit !== undefined) {
        return { upFor: watched.upFor, why: howItEnded(exit), isSuccess: exit.code === 0 };
      }
      if (this.isStopping && watched.upFor > 0) {
        await this.ground.drained(program, this.ground.pace.drain);
      }
      return watched;
    } catch (error) {
      return { upFor: 0, why: `could not be started: ${this.ground.explain(error)}` };
    } finally {
      this.#stop.signal.removeEventListener('abort', stop);
      life.abort();
      await engine.stop(program, this.ground.grace(this.app, this.place)).catch(() => undefined);
    }
  }

  private async start(program: string): Promise<void> {
    const { engine } = this.ground;
    const { place, run, seat } = this;
    await this.ground.network(this.app);
    const { vars, knowsUntil, environmentSeq } = this.ground.environment(this.app, run, place, seat.port);
    this.#knowsUntil = knowsUntil;
    this.#environmentSeq = environmentSeq;
    await engine.start({
      id: program,
      space: this.app.space,
      address: seat.address,
      program: { argv: argvOf(run.slug, place.command), env: vars },
      slug: await this.ground.slugFolder(run.slug.digest, this.app.space),
      limits: limitsOf(place, this.ground.pace),
      hosts: this.ground.hosts(this.app),
    });
  }

  /** From when it was started until it is not well any more, or `signal`. */
  private async watch(program: string, signal: AbortSignal): Promise<End> {
    const { pace } = this.ground;
    const { place, seat } = this;
    const check = {
      dial: () => this.ground.engine.dial(program, seat.port),
      path: place.healthcheck,
    };
    const takesTraffic = place.type === WEB;
    if (place.type === RELEASE) return this.watchOnce(signal);
    if (!takesTraffic) await sleep(pace.settle, signal);
    else if (!(await becomesWell(check, pace.start, signal)) && !signal.aborted) {
      const wrong = (await this.whatIsWrong(program, check)) ?? 'it is slow';
      return {
        upFor: 0,
        why: `was not well within ${Math.round(pace.start / 1000)} s: ${wrong} (port ${seat.port})`,
      };
    }
    if (signal.aborted) return { upFor: 0, why: 'was stopped' };
    const since = this.ground.now().getTime();
    this.become('up', null);
    const upFor = (): number => Math.max(1, this.ground.now().getTime() - since);
    if (!takesTraffic || place.healthcheck === null) {
      await untilAborted(signal);
      return { upFor: upFor(), why: 'was stopped' };
    }
    for (let failed = 0; ; ) {
      await sleep(pace.check, signal);
      if (signal.aborted) return { upFor: upFor(), why: 'was stopped' };
      const wrong = await look(check);
      failed = wrong === undefined ? 0 : failed + 1;
      if (failed >= CHECKS_MOST)
        return { upFor: upFor(), why: `is not well any more: ${await this.detailed(program, wrong)}` };
    }
  }

  private async whatIsWrong(program: string, check: Check): Promise<string | undefined> {
    const wrong = await look(check);
    return wrong === undefined ? undefined : this.detailed(program, wrong);
  }

  /** What is wrong, with where it listens if that isn't where it should. */
  private async detailed(program: string, wrong: string | undefined): Promise<string | undefined> {
    if (wrong !== NOTHING_LISTENS) return wrong;
    const listeners = await this.ground.engine.listeners(program).catch(() => undefined);
    return whyNotListening(listeners, this.seat.port);
  }

  /** Until a program that runs once has ended, or has run for too long. */
  private async watchOnce(signal: AbortSignal): Promise<End> {
    const { release } = this.ground.pace;
    this.become('up', null);
    await sleep(release, signal);
    return { upFor: 1, why: signal.aborted ? 'was stopped' : `took longer than ${release / 60_000} minutes` };
  }

  private become(state: DynoLife, reason: string | null): void {
    this.state = state;
    this.reason = reason;
    this.keep();
    this.ground.changed(this.app);
  }

  /** Writes what is known of it. */
  keep(): void {
    const { app, run, place, seat } = this;
    this.ground.keep({
      id: this.id,
      app: app.id,
      release: run.release.id,
      type: place.type,
      number: place.number,
      state: this.isStopping ? 'stopping' : this.state,
      reason: this.reason,
      address: seat.address,
      port: place.type === WEB ? seat.port : null,
      size: place.size.name,
      command: place.command,
      restarts: this.#tries,
      knowsUntil: this.#knowsUntil,
      environmentSeq: this.#environmentSeq,
      createdAt: this.#createdAt,
      updatedAt: this.ground.now().toISOString(),
    });
  }

  /** The last lines it printed, to follow why it ended; empty if it printed nothing. */
  private lastWords(): string {
    for (const masker of this.#maskers.values()) this.remember(masker.end());
    const lines = stripVTControlCharacters(this.#tail)
      .split('\n')
      .map((each) => each.trimEnd())
      .filter((each) => each.trim() !== '')
      .slice(-LINES)
      .map((each) => printable(each).slice(0, LINE_MAX));
    const [only] = lines;
    if (only === undefined) return '';
    return lines.length === 1
      ? `: ${only.trim()}`
      : `${PRINTED_LAST}${lines.map((each) => `\n  ${each}`).join('')}`;
  }
}

function howItEnded({ code, signal, overMemory, overTime }: Exit): string {
  if (overTime === true) return 'had more memory than its size for longer than it may';
  if (overMemory === true) return 'took more memory than its size allows';
  return code === null ? `was ended by ${signal}` : `ended with code ${code}`;
}
