import { Socket } from 'node:net';
import type {
  DynoSpec,
  DynoState,
  Engine,
  EngineEvents,
  RunningProgram,
} from '../../../src/platform/engine/engine.js';
import { EngineError } from '../../../src/platform/engine/engine.js';

/** An engine without processes: its programs run until they are stopped or `crash` ends them. */
export class ModelEngine implements Engine {
  readonly facts = { mode: 'subnet', rootless: false, sharedPorts: false, enforced: [] } as const;
  readonly ended = new Promise<undefined>(() => undefined);
  readonly #programs = new Map<string, DynoState>();
  #steps = 0;
  /** Called when somebody looks whether a program answers, which it does. */
  onDial: () => void = () => undefined;
  /** Whether a program can't be started. */
  refuses: (dyno: DynoSpec) => boolean = () => false;

  constructor(private readonly events: EngineEvents) {}

  async start(dyno: DynoSpec): Promise<void> {
    await this.#turn();
    if (this.refuses(dyno)) throw new EngineError('failed', 'It is refused.');
    const { id, space } = dyno;
    this.#programs.set(id, { id, space, state: 'running', since: new Date() });
    // A release command that has nothing to do.
    if (dyno.program.env['DYNO']?.startsWith('release.') === true) setImmediate(() => this.crash(id, 0));
  }

  async stop(id: string): Promise<void> {
    await this.#turn();
    this.crash(id);
  }

  /** Ends a program, if it runs. */
  crash(id: string, code = 1): void {
    const state = this.#programs.get(id);
    if (state === undefined) return;
    this.#programs.delete(id);
    this.events.onExit({ ...state, state: 'exited', exit: { code, signal: null } });
  }

  async dial(id: string): Promise<Socket> {
    await this.#turn();
    if (!this.#programs.has(id)) throw new EngineError('refused', `Nothing listens in ${id}.`);
    this.onDial();
    return new Socket();
  }

  async listeners(): Promise<undefined> {}

  list(): DynoState[] {
    return [...this.#programs.values()];
  }

  ownerOf(): undefined {
    return undefined;
  }

  async ensureSpace(): Promise<void> {}
  async removeSpace(): Promise<void> {}
  async setHosts(): Promise<void> {}
  async setService(): Promise<void> {}
  async removeService(): Promise<void> {}
  async close(): Promise<void> {}

  async serveGateway(): Promise<() => void> {
    return () => undefined;
  }

  async run(): Promise<RunningProgram> {
    throw new EngineError('failed', 'A model runs no program by hand.');
  }

  runInside(): Promise<RunningProgram> {
    return this.run();
  }

  /** Takes one to five turns of the event loop, in turn, so that ends and starts overtake each other. */
  async #turn(): Promise<void> {
    this.#steps += 1;
    for (let turns = this.#steps % 5; turns >= 0; turns -= 1) await new Promise(setImmediate);
  }
}
