/**
 * The nice value for a share of CPU relative to 100: a step is a quarter more or less. Taking more than the usual share
 * needs rights, so it is never below 0.
 */
export function niceness(cpuWeight = 100): number {
  return Math.max(0, Math.min(19, Math.round(Math.log(100 / cpuWeight) / Math.log(1.25))));
}
