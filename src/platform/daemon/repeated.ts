/** Does something whenever it is asked to, one time after another: what is asked for meanwhile is done once afterwards. */
export class Repeated {
  #asked = false;
  #closed = false;
  #under: Promise<void> | undefined;

  /** What `work` throws is told to `failed`. */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  ask(): void {
    this.#asked = true;
    this.#under ??= this.#run();
  }

  /** Resolves when nothing is under way any more; nothing is begun afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#under;
  }

  async #run(): Promise<void> {
    while (this.#asked && !this.#closed) {
      this.#asked = false;
      await this.work().catch(this.failed);
    }
    this.#under = undefined;
  }
}
