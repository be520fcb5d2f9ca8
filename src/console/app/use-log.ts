import { useEffect, useRef, useState } from 'preact/hooks';
import type { AppsApiError } from '../../contract/errors.js';
import type { LogVerb } from '../../contract/streams.js';
import { readLog } from '../api/client.js';
import { asApiError } from '../api/resource.js';
import { LogBuffer, type NumberedLine } from './log-buffer.js';

/** How often lines that came are shown: a page can't show thousands a second one by one. */
const SHOW_MS = 100;
const RETRY_MS = 2000;
const QUIET_MS = 800;

export interface FollowedLog {
  readonly lines: readonly NumberedLine[];
  /** `ended` where the log has an end, as that of a build. */
  readonly state: 'connecting' | 'following' | 'lost' | 'ended';
  readonly error: AppsApiError | undefined;
}

/** Follows a log; where the connection is lost, from its last lines on again. `hasEnd` says that its end is an end. */
export function useLog(
  verb: LogVerb,
  filter: Readonly<Record<string, unknown>>,
  hasEnd = false,
): FollowedLog {
  const [log, setLog] = useState<FollowedLog>({ lines: [], state: 'connecting', error: undefined });
  const key = JSON.stringify([verb, filter]);
  const latest = useRef(filter);
  latest.current = filter;
  // The key stands for verb and filter
  useEffect(() => {
    const aborter = new AbortController();
    const buffer = new LogBuffer();
    let shown: ReturnType<typeof setTimeout> | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const show = (change: Partial<FollowedLog> = {}): void => {
      if (!aborter.signal.aborted) setLog((before) => ({ ...before, lines: buffer.lines, ...change }));
    };
    const soon = (): void => {
      shown ??= setTimeout(() => {
        shown = undefined;
        show();
      }, SHOW_MS);
    };
    const follow = async (): Promise<void> => {
      // A platform may send nothing, not even headers, before the first line: silence means that it is connected.
      const quiet = setTimeout(() => show({ state: 'following', error: undefined }), QUIET_MS);
      try {
        const lines = await readLog(verb, latest.current, aborter.signal);
        buffer.clear();
        show({ state: 'following', error: undefined });
        for await (const line of lines) {
          buffer.push(line);
          soon();
        }
        if (hasEnd) return show({ state: 'ended' });
        show({ state: 'lost' });
      } catch (error) {
        if (aborter.signal.aborted) return;
        show({ state: 'lost', error: asApiError(error) });
      } finally {
        clearTimeout(quiet);
      }
      retry = setTimeout(() => void follow(), RETRY_MS);
    };
    void follow();
    return () => {
      aborter.abort();
      clearTimeout(shown);
      clearTimeout(retry);
    };
  }, [key, hasEnd]);
  return log;
}
