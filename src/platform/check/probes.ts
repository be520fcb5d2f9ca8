import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { DYNO_HOSTS, dynoHost } from '../../model/addresses.js';
import { discoveryVars } from '../../model/discovery.js';
import { EngineError, type HostsEntry, type RunningProgram } from '../engine/engine.js';
import { BASE } from '../reconciler/environment.js';
import { discoveryOf } from '../services/discovery.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Ground } from './ground.js';
import type { Attempt, Outcome, Said, Task } from './probe/task.js';

/** RFC 863: whatever is sent there is thrown away, so no app is waiting for it. */
export const DISCARD_PORT = 9;

/** So much of what a probe complains of is told, in characters. */
const COMPLAINT = 300;
const LIMITS = { memory: 256 * 1024 * 1024, pids: 64 };
/** Where the one dyno of a space sits that is there for a moment. */
const FIRST_HOST = DYNO_HOSTS.first;

/** Blocks that spaces of checks have, in any platform of this process. */
const lent = new Set<number>();

/** A dyno that says what reaches it on {@link DISCARD_PORT}. */
export interface Listener {
  readonly id: string;
  readonly host: string;
  readonly heard: readonly Extract<Said, { said: 'heard' }>[];
  /** Resolves when it has heard something of that kind, or after so many milliseconds. */
  hears(text: string, withinMs: number): Promise<boolean>;
}

interface Where {
  readonly space: string;
  readonly address: number;
  readonly env: Readonly<Record<string, string>>;
  readonly hosts: readonly HostsEntry[];
}

interface Started {
  readonly id: string;
  readonly program: RunningProgram;
  /** Why it ended too soon, when it has. */
  readonly failure: () => Promise<EngineError>;
}

/** The dynos of one check. What it starts is gone when it is closed, whatever happened meanwhile. */
export class Probes {
  /** Tells these from those of other checks, also in what they send. */
  readonly mark = randomBytes(8).toString('hex');
  readonly #undo: (() => void | Promise<void>)[] = [];
  #count = 0;
  #closed = false;

  constructor(private readonly ground: Ground) {}

  /** A listener among the dynos of a space. */
  async listenIn(space: SpaceRecord): Promise<Listener> {
    return this.#listen(await this.#seatIn(space));
  }

  /** A listener in a space of its own that is there for this check only. */
  async listenElsewhere(): Promise<Listener> {
    const { engine, session } = this.ground;
    const { store } = session;
    const block = store.blocks.lastFree(store.meta.pool.blocks, lent);
    if (block === undefined)
      throw new EngineError('failed', 'no block of addresses is free for another space');
    this.#stillOpen();
    lent.add(block);
    // No space can have such a name.
    const space = `check--${this.mark}`;
    this.atEnd(async () => {
      await engine.removeSpace(space);
      lent.delete(block);
    });
    await engine.ensureSpace({ name: space, network: { first: block, count: 1 } });
    return this.#listen({ space, address: block * 256 + FIRST_HOST, env: {}, hosts: [] });
  }

  /** Has a dyno of a space try things. Answers in their order. */
  async attempt(space: SpaceRecord, attempts: readonly Attempt[]): Promise<Outcome[]> {
    const { program, failure } = await this.#run(await this.#seatIn(space), { do: 'try', attempts });
    for await (const said of saidBy(program)) if (said.said === 'outcomes') return [...said.outcomes];
    throw await failure();
  }

  /** Ends everything of this check. What can't be ended any more is gone with the engine. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const undo of this.#undo.splice(0).toReversed()) await quietly(undo);
  }

  /** Has something given back with the dynos: at once if they are gone already. */
  atEnd(undo: () => void | Promise<void>): void {
    if (this.#closed) void quietly(undo);
    else this.#undo.push(undo);
  }

  async #listen(where: Where): Promise<Listener> {
    const { session, engine } = this.ground;
    const { id, program, failure } = await this.#run(where, { do: 'listen', port: DISCARD_PORT });
    const heard: Extract<Said, { said: 'heard' }>[] = [];
    const waiting = new Set<() => void>();
    const lines = saidBy(program);
    const first = await lines.next();
    if (first.done === true) throw await failure();
    void (async () => {
      for await (const said of lines) {
        if (said.said === 'heard') heard.push(said);
        for (const look of waiting) look();
      }
    })().catch(() => undefined);
    return {
      id,
      host: dynoHost(where.address, session.store.meta.pool, engine.facts.mode),
      heard,
      hears: (text, withinMs) =>
        new Promise((resolve) => {
          const look = (late = false): void => {
            const found = heard.some((each) => each.text === text);
            if (!found && !late) return;
            clearTimeout(timer);
            waiting.delete(look);
            resolve(found);
          };
          const timer = setTimeout(() => look(true), withinMs);
          waiting.add(look);
          look();
        }),
    };
  }

  async #seatIn(space: SpaceRecord): Promise<Where> {
    const { network, given, session } = this.ground;
    await network.ready(space.name);
    const seat = network.seat({ space: space.name }, { port: DISCARD_PORT });
    this.atEnd(() => seat.release());
    const { apps } = session.store.db.snapshot(() => discoveryOf(session.store, space));
    return {
      space: space.name,
      address: seat.address,
      env: { ...given, ...discoveryVars(apps) },
      hosts: network.hosts(space.name),
    };
  }

  async #run({ space, address, env, hosts }: Where, task: Task): Promise<Started> {
    const { engine, program, slug } = this.ground;
    this.#count += 1;
    const id = `check-${this.mark}-${this.#count}`;
    this.#stillOpen();
    this.atEnd(() => engine.stop(id, 0));
    const started = await engine.run({
      id,
      space,
      address,
      program: {
        argv: [process.execPath, '-e', program, JSON.stringify(task)],
        env: { ...BASE, ...env },
      },
      slug,
      limits: LIMITS,
      hosts,
    });
    let complaint = '';
    started.stderr.on('data', (bytes: Buffer) => {
      complaint = (complaint + bytes.toString()).slice(-COMPLAINT);
    });
    const failure = async (): Promise<EngineError> => {
      const { code, signal } = await started.exit;
      const last = complaint.trim().split('\n').at(-1);
      return new EngineError(
        'failed',
        `a probe ended with ${code ?? signal}${last === '' ? '' : `: ${last}`}`,
      );
    };
    return { id, program: started, failure };
  }

  #stillOpen(): void {
    if (this.#closed) throw new EngineError('failed', 'the check is over');
  }
}

async function quietly(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // The engine was lost, and with it what was to be ended.
  }
}

async function* saidBy({ stdout }: RunningProgram): AsyncGenerator<Said> {
  for await (const line of createInterface({ input: stdout })) yield JSON.parse(line) as Said;
}
