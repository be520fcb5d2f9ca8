import { diskBytes } from './drafts.js';

/** Looking takes time too: at most a tenth of it. */
const SHARE = 10;

/** Looks at how much a folder takes of the disk again and again, and tells once if that is more than `limitBytes`. */
export function watchDisk(folder: string, limitBytes: number, tell: () => void, everyMs = 1000): () => void {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const look = async (): Promise<void> => {
    const start = Date.now();
    if ((await diskBytes(folder)) > limitBytes && !over) {
      over = true;
      tell();
    }
    if (!over) again(Math.max(everyMs, (Date.now() - start) * SHARE));
  };
  const again = (ms: number): void => {
    timer = setTimeout(() => void look(), ms);
  };
  again(everyMs);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
