let current: (() => void) | undefined;

/**
 * Makes Ctrl-C do this in place of what it was made to do here before; a second one ends the process at once. What
 * others listen for, such as the host of a plugin, stays.
 */
export function atInterrupt(act: () => void): void {
  if (current !== undefined) process.removeListener('SIGINT', current);
  current = act;
  process.once('SIGINT', act);
}
