import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError } from '../../src/contract/errors.js';

type Operation = (...input: unknown[]) => Promise<unknown>;

/** The same Apps API, which notes for each operation how it ended: `spaces.get ok`, `spaces.get not_found`. */
export function recording(api: AppsApi, seen: Set<string>): AppsApi {
  const recorded = Object.entries(api)
    .filter(([noun]) => noun !== 'close')
    .map(([noun, verbs]) => [
      noun,
      Object.fromEntries(
        Object.entries(verbs as Record<string, Operation>).map(([verb, operation]) => [
          verb,
          async (...input: unknown[]) => {
            try {
              const result = await operation(...input);
              seen.add(`${noun}.${verb} ok`);
              return result;
            } catch (error) {
              if (error instanceof AppsApiError) seen.add(`${noun}.${verb} ${error.id}`);
              throw error;
            }
          },
        ]),
      ),
    ]);
  return { ...(Object.fromEntries(recorded) as Omit<AppsApi, 'close'>), close: () => api.close() };
}
