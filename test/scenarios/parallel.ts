/** As many commands as are worth running at once, and few enough that none starves. */
const AT_ONCE = 8;

/** Does the same with every item, some of them at once. */
export async function forAll<T>(
  items: readonly T[],
  act: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    // One iterator for all workers: each takes what comes next.
    for (const [index, item] of rest) await act(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
