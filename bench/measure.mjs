/** Whether benchmarks only show that they still run: of each as little as possible, and its figures mean nothing. */
const isQuick = process.env.AKA_BENCH_QUICK === '1';

/** Returns a size: the full one, or with AKA_BENCH_QUICK=1 that of a quick run. */
export function sized(full, quick) {
  return isQuick ? quick : full;
}

/** The middle of some numbers. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How long some work takes, in milliseconds. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Measures some things by turns (ABC ABC ...), so that whatever else the machine does hits all of them, and answers
 * the median of each under its name. The first two turns warm up and don't count. A quick run makes one turn.
 */
export async function byTurns(turns, measures) {
  const values = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
  for (let turn = isQuick ? 0 : -2; turn < sized(turns, 1); turn++) {
    for (const [name, measure] of Object.entries(measures)) {
      const value = await measure();
      if (turn >= 0) values[name].push(value);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, median(all)]));
}
