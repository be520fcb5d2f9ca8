import type { DynoState, EngineEvents, Exit } from '../engine/engine.js';

type Hear = (from: 'stdout' | 'stderr', bytes: Buffer) => void | Promise<void>;

/** What the engine says of the programs it runs, told to whoever waits for it. */
export class Programs implements Pick<EngineEvents, 'onExit' | 'onOutput'> {
  readonly #exits = new Map<string, (exit: Exit) => void>();
  readonly #listeners = new Map<string, Hear>();

  /** Resolves with how a program ended. To be called before it is started. */
  ended(name: string): Promise<Exit> {
    return new Promise((resolve) => this.#exits.set(name, resolve));
  }

  /** Hears what a program prints, until it ends. */
  listen(name: string, hear: Hear): void {
    this.#listeners.set(name, hear);
  }

  /** Forgets a program that was never started. */
  forget(name: string): void {
    this.#exits.delete(name);
    this.#listeners.delete(name);
  }

  onExit({ id, exit = { code: null, signal: 'SIGKILL' } }: DynoState): void {
    this.#exits.get(id)?.(exit);
    this.forget(id);
  }

  onOutput(id: string, from: 'stdout' | 'stderr', bytes: Buffer): void | Promise<void> {
    return this.#listeners.get(id)?.(from, bytes);
  }
}
