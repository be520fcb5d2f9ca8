import { RuleError } from '../../model/rule.js';
import { diskBytes } from './disk-usage.js';

/** Looking takes time too: at most a tenth of it. */
const SHARE = 10;

/**
 * Measures an app's folder again and again. Calls `tell` once: without an argument if it takes more than `limitBytes` of
 * the disk, else with the RuleError for a path that is too long.
 */
export function watchDisk(
  folder: string,
  limitBytes: number,
  tell: (error?: RuleError) => void,
  everyMs = 1000,
): () => void {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const start = Date.now();
    const { signal } = stopped;
    try {
      if ((await diskBytes(folder, { signal, strict: true })) > limitBytes) end();
    } catch (error) {
      if (error instanceof RuleError) end(error);
    }
    if (!signal.aborted) again(Math.max(everyMs, (Date.now() - start) * SHARE));
  };
  const end = (error?: RuleError): void => {
    if (stopped.signal.aborted) return;
    stopped.abort();
    tell(error);
  };
  const again = (ms: number): void => {
    timer = setTimeout(() => void look(), ms);
  };
  again(everyMs);
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
}
