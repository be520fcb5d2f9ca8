/** Something that happens once, or never will. */
export class Gate {
  readonly passed: Promise<void>;
  private resolve: (() => void) | undefined;
  private reject: ((why: Error) => void) | undefined;

  constructor() {
    this.passed = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of it; nobody may be waiting.
    this.passed.catch(() => undefined);
  }

  open(): void {
    this.resolve?.();
  }

  /** Of no effect once open. */
  refuse(why: Error): void {
    this.reject?.(why);
  }
}
