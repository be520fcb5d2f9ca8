import { keepLastWords } from './daemon/last-words.js';
import { keepLogs } from './logs/keep.js';
import type { Part, StartPart, Surroundings } from './part.js';

/** What the daemon runs, in the order of its start. */
export const PARTS: readonly StartPart[] = [keepLastWords, keepLogs];

/** How long a part may take to stop, in milliseconds: longer than the longest grace time of a dyno. */
const STOPPING = 60_000;

/** Starts parts one after another; if one can't be, those before it are stopped, and it throws what that one threw. */
export async function startParts(starts: readonly StartPart[], surroundings: Surroundings): Promise<Part[]> {
  const parts: Part[] = [];
  try {
    for (const start of starts) parts.push(await start(surroundings));
    return parts;
  } catch (error) {
    await stopParts(parts, surroundings.note);
    throw error;
  }
}

/** Stops parts, the last one first. None keeps the others from it: what goes wrong, or takes too long, is noted. */
export async function stopParts(
  parts: readonly Part[],
  note: (line: string) => void,
  bound = STOPPING,
): Promise<void> {
  for (const part of parts.toReversed()) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it took more than ${bound / 1000} s`)), bound);
    });
    try {
      await Promise.race([part.stop(), late]);
    } catch (error) {
      note(`${part.name} did not stop in order: ${error instanceof Error ? error.message : 'unknown'}`);
    } finally {
      clearTimeout(timer);
    }
  }
}
