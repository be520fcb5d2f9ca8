import type { Part, StartPart } from '../part.js';

/** How often logs of apps that are gone are looked for, in milliseconds. */
const INTERVAL = 60 * 60 * 1000;

/** Removes the logs of apps that are gone. */
export const keepLogs: StartPart = ({ platform, logs, note }): Part => {
  const api = platform.as({ name: 'platform', role: 'admin', origin: 'daemon' });
  const prune = async (): Promise<void> => {
    try {
      await logs.prune(async () => new Set((await api.apps.list()).items.map(({ id }) => id)));
    } catch (error) {
      note(
        `The logs of apps that are gone could not be removed: ${error instanceof Error ? error.name : 'unknown'}`,
      );
    }
  };
  let pruning = prune();
  const timer = setInterval(() => {
    pruning = prune();
  }, INTERVAL);
  return {
    name: 'logs',
    async stop() {
      clearInterval(timer);
      await pruning;
    },
  };
};
