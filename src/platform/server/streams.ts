import type { PlatformEvent } from '../../contract/wire.js';

/** What is the same for all answers that go on until somebody ends them. */
export interface Streaming {
  /** Ends them all. */
  readonly closing: AbortSignal;
  /** How often a client that waits for lines is told that somebody is still there, in milliseconds. */
  readonly signOfLife: number;
  /** The same for who waits for events. */
  readonly eventComment: number;
  /** How long a client may take to read an event, in milliseconds. */
  readonly slowest: number;
}

/** How what comes bit by bit is written. */
export interface Form {
  text(item: unknown): string;
  /** What says only that somebody is still there. */
  readonly quiet: string;
}

/** A JSON document a line. */
export const LINES: Form = { text: (item) => `${JSON.stringify(item)}\n`, quiet: '\n' };

/** Server-sent events; the id is the number to go on after. */
export const EVENTS: Form = {
  text(item) {
    const { event, ...data } = item as PlatformEvent;
    return `id: ${data.seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  },
  quiet: ':\n\n',
};

/** How a stream is written, and what becomes of it. */
export interface BodyOptions {
  readonly form: Form;
  readonly signOfLife: number;
  /** Is called when nobody reads any more. */
  readonly end: () => void;
  /** Hears of an error meanwhile, which cuts the answer off. */
  readonly failed: (error: unknown) => void;
  /** Cuts off a client that takes longer to read than so many milliseconds. Others may take as long as they like. */
  readonly slow?: { readonly after: number; readonly cut: () => void };
}

/** Items as the body of an answer. Nothing is read of them before somebody takes it. */
export function bodyOf(
  items: AsyncIterable<unknown>,
  { form, signOfLife, end, failed, slow }: BodyOptions,
): ReadableStream<Uint8Array> {
  const iterator = items[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<unknown>> | undefined;
  let wanted = true;
  let late: NodeJS.Timeout | undefined;
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        clearTimeout(late);
        try {
          next ??= iterator.next();
          const result = await within(next, signOfLife);
          if (!wanted) return;
          if (result !== undefined) next = undefined;
          if (result?.done === true) return controller.close();
          // It asks for more once this was taken.
          if (slow !== undefined) late = setTimeout(slow.cut, slow.after).unref();
          controller.enqueue(encoder.encode(result === undefined ? form.quiet : form.text(result.value)));
        } catch (error) {
          failed(error);
          controller.error(error);
        }
      },
      async cancel() {
        wanted = false;
        clearTimeout(late);
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
