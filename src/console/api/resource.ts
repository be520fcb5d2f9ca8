import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { AppsApiError, ruleBroken } from '../../contract/errors.js';
import { RuleError } from '../../model/rule.js';
import { type Change, onChange } from './live.js';

/** What a page shows of the platform. What was loaded before stays while it is loaded again, or can't be. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: AppsApiError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

export interface ResourceOptions {
  /** Whether a change is reason to load again; any is unless this says otherwise. */
  readonly concerns?: (change: Change) => boolean;
  /**
   * Also loads again after so many milliseconds, whether or not the platform tells of changes: for what changes by itself,
   * as dynos do.
   */
  readonly every?: number;
}

/** How long to wait after a failure that may pass. */
const RETRY_MS = 5000;

/** Changes that come together are one reason to load again. */
const SETTLE_MS = 120;

/** What was loaded last, so that going back shows a page at once. */
const cache = new Map<string, unknown>();

/** Forgets what was loaded: somebody else may log in. */
export function forgetAll(): void {
  cache.clear();
}

/** Loads what `key` names, and again whenever it may have changed. `key` undefined loads nothing. */
export function useResource<T>(
  key: string | undefined,
  load: () => Promise<T>,
  { concerns, every }: ResourceOptions = {},
): Resource<T> {
  type State = { key: string | undefined; data: T | undefined; error: AppsApiError | undefined };
  const [state, setState] = useState<State>(() => ({ key, data: cached<T>(key), error: undefined }));
  const [loading, setLoading] = useState(false);
  const latest = useRef({ load, concerns });
  latest.current = { load, concerns };
  const run = useRef(0);

  const reload = useCallback(() => {
    if (key === undefined) return;
    const id = ++run.current;
    const isNewest = (): boolean => run.current === id;
    setLoading(true);
    latest.current.load().then(
      (data) => {
        cache.set(key, data);
        if (!isNewest()) return;
        setState({ key, data, error: undefined });
        setLoading(false);
      },
      (error: unknown) => {
        if (!isNewest()) return;
        const failure = asApiError(error);
        if (mayPass(failure)) setTimeout(() => isNewest() && reload(), RETRY_MS);
        setState((before) => ({
          key,
          data: before.key === key ? before.data : cached<T>(key),
          error: failure,
        }));
        setLoading(false);
      },
    );
  }, [key]);

  useEffect(() => {
    setState((before) => (before.key === key ? before : { key, data: cached<T>(key), error: undefined }));
    reload();
    let settle: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      clearTimeout(settle);
      settle = setTimeout(reload, SETTLE_MS);
    };
    const stop = onChange((news) => {
      const isReason =
        news === 'anything' ||
        (news === 'poll' ? every === undefined : (latest.current.concerns?.(news) ?? true));
      if (isReason) soon();
    });
    const poll =
      every === undefined
        ? undefined
        : setInterval(() => {
            if (document.visibilityState === 'visible') reload();
          }, every);
    return () => {
      stop();
      clearTimeout(settle);
      clearInterval(poll);
      // What still comes is for a page that nobody looks at.
      run.current += 1;
    };
  }, [key, every, reload]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : cached<T>(key),
    error: isCurrent ? state.error : undefined,
    loading,
    reload,
  };
}

/** An action of the user: whether it is under way, and why it failed. */
export interface Action<Args extends unknown[]> {
  readonly run: (...args: Args) => Promise<boolean>;
  readonly busy: boolean;
  readonly error: AppsApiError | undefined;
  readonly clear: () => void;
}

/** Makes an action of a function; it runs once at a time, and returns whether it succeeded. */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>): Action<Args> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AppsApiError>();
  const latest = useRef(act);
  latest.current = act;
  const isBusy = useRef(false);
  const run = useCallback(async (...args: Args) => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await latest.current(...args);
      return true;
    } catch (failure) {
      setError(asApiError(failure));
      return false;
    } finally {
      isBusy.current = false;
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(undefined), []);
  return { run, busy, error, clear };
}

/** Whether the same may succeed later: nobody answered, there were too many requests, or the platform failed. */
function mayPass({ status }: AppsApiError): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function cached<T>(key: string | undefined): T | undefined {
  return key === undefined ? undefined : (cache.get(key) as T | undefined);
}

/** Anything that was thrown as the error that pages show. */
export function asApiError(error: unknown): AppsApiError {
  if (error instanceof AppsApiError) return error;
  if (error instanceof RuleError) return ruleBroken(error);
  const message = error instanceof Error ? error.message : String(error);
  return new AppsApiError({
    id: 'defect',
    status: 0,
    message: `The console failed: ${message}`,
    hint: 'Reload the page.',
  });
}
