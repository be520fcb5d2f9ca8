/** A signal that comes when time is up, or when another one comes. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether it was the time. */
  readonly isOver: boolean;
  /** Nothing comes any more. To be called when what it bounds has ended. */
  release(): void;
}

/**
 * Bounds something by milliseconds and, if there is one, by another signal.
 *
 * Not by AbortSignal.any of that and AbortSignal.timeout: the garbage collection of Node 20 takes such a time-out away
 * before it comes.
 */
export function deadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  let isOver = false;
  const end = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort(new DOMException('The time is up.', 'TimeoutError'));
  }, ms);
  outer?.addEventListener('abort', end);
  if (outer?.aborted === true) end();
  return {
    signal: controller.signal,
    get isOver() {
      return isOver;
    },
    release() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', end);
    },
  };
}
