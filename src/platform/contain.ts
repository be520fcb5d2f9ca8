/**
 * Runs a task of the daemon that nobody waits for. What it throws or rejects with goes to `failed` and never to the
 * process, which would end with everything it runs.
 */
export function contain(work: () => void | Promise<void>, failed: (error: unknown) => void): void {
  void (async () => work())().catch(failed);
}

/** The same, with a line for the log of the daemon: `what` failed, and why. */
export function containNoting(
  what: string,
  note: (line: string) => void,
  work: () => void | Promise<void>,
): void {
  contain(work, (error) => note(`${what}: ${error instanceof Error ? error.message : 'unknown'}`));
}
