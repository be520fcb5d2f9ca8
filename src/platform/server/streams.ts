/** What is the same for all answers that go on until somebody ends them. */
export interface Streaming {
  /** Ends them all. */
  readonly closing: AbortSignal;
  /** How often a client that waits for lines is told that somebody is still there, in milliseconds. */
  readonly signOfLife: number;
}

/**
 * Lines as the body of an answer. Nothing is read of them before somebody takes it; `end` is called when nobody does
 * any more. `failed` hears of an error meanwhile, which cuts the answer off.
 */
export function bodyOf(
  lines: AsyncIterable<unknown>,
  { signOfLife, end, failed }: { signOfLife: number; end: () => void; failed: (error: unknown) => void },
): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<unknown>> | undefined;
  let wanted = true;
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          next ??= iterator.next();
          const result = await within(next, signOfLife);
          if (!wanted) return;
          if (result !== undefined) next = undefined;
          if (result?.done === true) controller.close();
          else
            controller.enqueue(
              encoder.encode(result === undefined ? '\n' : `${JSON.stringify(result.value)}\n`),
            );
        } catch (error) {
          failed(error);
          controller.error(error);
        }
      },
      async cancel() {
        wanted = false;
        end();
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** What a promise becomes; undefined if that takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
