import {
  type Capacity,
  type Claim,
  fits,
  inOrder,
  plan,
  type Verdict,
  without,
} from '../../model/capacity.js';

/** A claim, and whether a dyno is there for it already. */
export interface OpenClaim extends Claim {
  isHeld: boolean;
}

/** Why somebody has no room any more. */
export interface Loss {
  /** The one who has it instead; undefined if there is less room than there was. */
  readonly to: Claim | undefined;
}

/** Something that asked to come in, and is in or not. */
interface Guest {
  readonly claim: OpenClaim;
  /** It may come in: it has the room. */
  readonly enter: () => void;
  readonly refuse: () => void;
  /** It has to go again. False if it doesn't yet. */
  readonly leave: () => boolean;
}

/** What is taken, in all and by prod. */
export interface Taken {
  readonly byProd: Capacity;
  readonly byOthers: Capacity;
}

const NOTHING: Capacity = { memory: 0, cpu: 0 };

/** Before a guest that didn't leave is told so again, in milliseconds. */
const RETRY = 1000;

/**
 * Who has room on this machine. Whoever wants dynos says so with claims; the plan says who gets room; and a dyno takes
 * it only when those who had it before are really gone.
 */
export class Room {
  readonly #claims = new Map<string, readonly OpenClaim[]>();
  readonly #guests = new Map<string, Guest>();
  readonly #held = new Set<Claim>();
  /** Since when each has had room by the plan, in milliseconds; not by the time of day, which may be set. */
  readonly #admitted = new Map<string, number>();
  #losses: ReadonlyMap<string, Loss> = new Map();
  #order: readonly OpenClaim[] = [];
  #verdicts: ReadonlyMap<string, Verdict> = new Map();
  #isStale = false;
  #isClosed = false;
  #wasFreed = false;

  /** `changed`: there is something for {@link settle} to do. */
  constructor(
    private total: Capacity,
    private readonly changed: () => void,
  ) {}

  get capacity(): Capacity {
    return this.total;
  }

  set capacity(capacity: Capacity) {
    if (capacity.memory === this.total.memory && capacity.cpu === this.total.cpu) return;
    this.total = capacity;
    this.#isStale = true;
    this.changed();
  }

  /** Says all that an app wants, in place of what it wanted before. */
  claim(app: string, claims: readonly OpenClaim[]): void {
    if (JSON.stringify(this.#claims.get(app) ?? []) === JSON.stringify(claims)) return;
    if (claims.length === 0) this.#claims.delete(app);
    else this.#claims.set(app, claims);
    this.#isStale = true;
  }

  /** Makes the plan anew if anything changed, and lets guests in and out. Answers the apps that it means something for. */
  settle(): Set<string> {
    if (!this.#isStale && !this.#wasFreed) return new Set();
    const before = this.#verdicts;
    if (this.#isStale) this.replan();
    const moved = new Set<string>();
    for (const [app, claims] of this.#claims) {
      const isConcerned = claims.some(({ key, isHeld }) => {
        const verdict = this.#verdicts.get(key);
        return verdict !== before.get(key) || (verdict === 'runs' && !isHeld);
      });
      if (isConcerned) moved.add(app);
    }
    this.#wasFreed = false;
    for (const guest of this.#guests.values()) this.settleGuest(guest);
    return moved;
  }

  /** What the plan says of a claim; undefined for one it doesn't know. */
  verdict(key: string): Verdict | undefined {
    return this.#verdicts.get(key);
  }

  /** Who took the room of one that had it. */
  lossOf(key: string): Loss {
    return this.#losses.get(key) ?? { to: undefined };
  }

  /** What the plan leaves for a claim: the room beside those that run and come before it. */
  leftFor(key: string): Capacity {
    let room = this.total;
    for (const claim of this.#order) {
      if (claim.key === key) return room;
      if (this.#verdicts.get(claim.key) === 'runs') room = without(room, claim);
    }
    return room;
  }

  /** For how many milliseconds it has had room by the plan. */
  admittedFor(key: string): number {
    const since = this.#admitted.get(key);
    return since === undefined ? 0 : performance.now() - since;
  }

  /** Whether there really is room for it now, beside all that is still there and those who come before it. */
  isFree(key: string): boolean {
    if (this.#verdicts.get(key) !== 'runs') return false;
    let room = this.total;
    for (const held of this.#held) room = without(room, held);
    for (const claim of this.#order) {
      if (this.#verdicts.get(claim.key) !== 'runs' || claim.isHeld) continue;
      if (claim.key === key) return fits(claim, room);
      room = without(room, claim);
    }
    return false;
  }

  /** Takes the room of a claim. Returns what gives it back. */
  take(claim: Claim): () => void {
    this.#held.add(claim);
    const open = this.#order.find(({ key }) => key === claim.key);
    if (open !== undefined) open.isHeld = true;
    return () => {
      if (!this.#held.delete(claim)) return;
      this.#wasFreed = true;
      this.changed();
    };
  }

  /**
   * Room for something that nobody starts again. Resolves when it has it, with what gives it back; with undefined if
   * there is none. `leave` is called if others need it who come first, until it answers true: then it ends.
   */
  enter(claim: Claim, leave: (loss: Loss) => boolean): Promise<(() => void) | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      let isLeaving = false;
      const guest: Guest = {
        claim: { ...claim, isHeld: false },
        leave: () => {
          if (!isLeaving) isLeaving = leave(this.lossOf(claim.key));
          return isLeaving;
        },
        enter: () => {
          const release = this.take(claim);
          resolve(() => {
            this.drop(claim.key);
            release();
          });
        },
        refuse: () => {
          this.drop(claim.key);
          resolve(undefined);
        },
      };
      this.#guests.set(claim.key, guest);
      this.#isStale = true;
      this.changed();
    });
  }

  /** Nobody comes in any more. */
  close(): void {
    this.#isClosed = true;
    for (const { claim, refuse } of this.#guests.values()) if (!claim.isHeld) refuse();
  }

  /** Whether one of a prod space waits for others to be gone. */
  get isBeingMadeForProd(): boolean {
    return this.#order.some(
      ({ key, isProd, isHeld }) =>
        isProd && !isHeld && this.#verdicts.get(key) === 'runs' && !this.isFree(key),
    );
  }

  /** What would be left if all ran who have room by the plan. */
  get spare(): Capacity {
    return this.#order
      .filter(({ key }) => this.#verdicts.get(key) === 'runs')
      .reduce<Capacity>((room, claim) => without(room, claim), this.total);
  }

  /** What dynos have of it, in bytes and in the cores of their sizes. */
  get taken(): Taken {
    const sum = (isProd: boolean): Capacity =>
      [...this.#held]
        .filter((claim) => claim.isProd === isProd)
        .reduce(
          ({ memory, cpu }, claim) => ({ memory: memory + claim.memory, cpu: cpu + claim.cpu }),
          NOTHING,
        );
    return { byProd: sum(true), byOthers: sum(false) };
  }

  private replan(): void {
    this.#isStale = false;
    const before = this.#verdicts;
    const guests = [...this.#guests.values()].map(({ claim }) => claim);
    this.#order = inOrder([...[...this.#claims.values()].flat(), ...guests]);
    this.#verdicts = plan(this.total, this.#order);
    const at = performance.now();
    let newcomer: Claim | undefined;
    const losses = new Map<string, Loss>();
    for (const claim of this.#order) {
      const { key } = claim;
      const [had, has] = [before.get(key) === 'runs', this.#verdicts.get(key) === 'runs'];
      if (has && !had) {
        this.#admitted.set(key, at);
        newcomer ??= claim;
      }
      // Only those before it can have taken its room.
      if (!has) losses.set(key, had ? { to: newcomer } : (this.#losses.get(key) ?? { to: undefined }));
    }
    this.#losses = losses;
    for (const key of this.#admitted.keys()) {
      if (this.#verdicts.get(key) !== 'runs') this.#admitted.delete(key);
    }
  }

  private settleGuest({ claim, enter, refuse, leave }: Guest): void {
    const isAdmitted = this.#verdicts.get(claim.key) === 'runs';
    if (claim.isHeld) {
      if (!isAdmitted && !leave()) this.settleAgain();
    } else if (!isAdmitted) refuse();
    else if (this.isFree(claim.key)) enter();
  }

  private settleAgain(): void {
    setTimeout(() => {
      this.#wasFreed = true;
      this.changed();
    }, RETRY).unref();
  }

  private drop(key: string): void {
    this.#guests.delete(key);
    this.#isStale = true;
    this.changed();
  }
}
