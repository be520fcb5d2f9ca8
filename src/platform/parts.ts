import type { StatusSection } from '../contract/daemon.js';
import { deliverHooks } from './daemon/deliver-hooks.js';
import { keepLastWords } from './daemon/last-words.js';
import { mailDigests } from './daemon/mail-digests.js';
import { keepQuotas } from './daemon/quotas.js';
import { runApps } from './daemon/run-apps.js';
import { keepLogs } from './logs/keep.js';
import type { Part, StartPart, Surroundings } from './part.js';

/** What the daemon runs, in the order of its start. */
export const PARTS: readonly StartPart[] = [
  keepLastWords,
  keepLogs,
  runApps,
  keepQuotas,
  mailDigests(),
  deliverHooks(),
];

/** How long a part may take to stop, in milliseconds: longer than a dyno's drain and its longest grace time together. */
const STOPPING = 90_000;

/** How long a part may take to say something for the status, in milliseconds: others wait for the answer. */
const ANSWERING = 2000;

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
    try {
      await within(bound, part.stop());
    } catch (error) {
      note(`${part.name} did not stop in order: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
}

/** What parts have to say. One that can't say it in time, or fails to, is shown as such: the daemon can still be asked. */
export async function sectionsOf(parts: readonly Part[], bound = ANSWERING): Promise<StatusSection[]> {
  const said = parts.map(async (part) => {
    try {
      return part.status === undefined ? [] : [await within(bound, part.status())].flat();
    } catch (error) {
      const problem = error instanceof Late ? error.message : 'it failed to say';
      return [{ name: part.name, facts: { problem } }];
    }
  });
  return (await Promise.all(said)).flat();
}

class Late extends Error {}

/** What comes of a promise. Throws if that takes longer than so many milliseconds. */
async function within<T>(bound: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late(`it took more than ${bound / 1000} s`)), bound);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
