import type { Tunnels } from '../server/tunnels.js';
import type { RunningDynos } from './running-dynos.js';

/** Before an engine that was lost is opened again, in milliseconds. */
const REOPEN = 1000;

/** Keeps an engine open: one that is lost takes its dynos with it, and they start anew in the next. */
export class KeptDynos {
  #closing = false;
  #reopening: Promise<void> = Promise.resolve();

  private constructor(
    private running: RunningDynos,
    private readonly open: () => Promise<RunningDynos>,
    private readonly note: (text: string) => void,
  ) {
    this.keep();
  }

  /** Throws what `open` throws at the first time. */
  static async open(open: () => Promise<RunningDynos>, note: (text: string) => void): Promise<KeptDynos> {
    return new KeptDynos(await open(), open, note);
  }

  /** Those of the engine that is open, or that was lost last. */
  get current(): RunningDynos {
    return this.running;
  }

  /** Ways into the dynos there are at the time. */
  get tunnels(): Tunnels {
    return {
      'aka-run': (call) => this.running.tunnels['aka-run'](call),
      'aka-forward': (call) => this.running.tunnels['aka-forward'](call),
    };
  }

  /** Ends every dyno; `closeEngine` has to follow. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#reopening;
    await this.running.close();
  }

  async closeEngine(): Promise<void> {
    await this.running.engine.close();
  }

  private keep(): void {
    const { running } = this;
    void running.engine.ended.then((why) => {
      if (this.#closing) return;
      this.note(`The engine was lost${why === undefined ? '' : `: ${why.message}`}. It is opened again.`);
      this.#reopening = this.reopen();
    });
  }

  private async reopen(): Promise<void> {
    await this.running.close().catch((error: unknown) => this.note(`It did not close: ${messageOf(error)}`));
    while (!this.#closing) {
      try {
        this.running = await this.open();
        this.keep();
        return;
      } catch (error) {
        this.note(`It could not be opened: ${messageOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, REOPEN));
      }
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
