import { EXIT } from './exit-codes.js';
import { presentable } from './failure.js';
import type { Running } from './local-platform.js';
import { placesOf } from './report.js';
import { atInterrupt } from './signals.js';

/**
 * Makes this process end with the platform that it serves: in order when it is told to (0 for SIGTERM, SIGHUP and over
 * the socket, as interrupted at Ctrl-C), at once when a second signal says so, and at once, too, when something went
 * wrong that nobody expected: what state it is in then, nobody knows.
 */
export function endWith(running: Running): void {
  let told = false;
  const stop = (code: number): void => {
    if (told) return;
    told = true;
    void running.stop().then(() => process.exit(code));
  };
  const signalled = (code: number): void => {
    if (told) process.exit(EXIT.no);
    stop(code);
  };
  atInterrupt(() => signalled(EXIT.interrupted));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => signalled(EXIT.done));
  void running.stopAsked.then(() => stop(EXIT.done));
  // Rejections that nobody handles end here, too.
  process.on('uncaughtException', (error) => {
    const lines = [`A defect in aka: ${error.name}: ${presentable(error.message)}`, ...placesOf(error)];
    running.lastWords(lines.join('\n'));
    if (process.stderr.isTTY) process.stderr.write(`${lines.join('\n')}\n`);
    process.exit(EXIT.defect);
  });
}
