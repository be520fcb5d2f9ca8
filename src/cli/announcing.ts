import type { AppsApi } from '../contract/apps-api.js';
import { apiOf } from '../contract/endpoints.js';

/** The same API, which waits for `announce` before anything is changed. */
export function announcing(api: AppsApi, announce: () => Promise<void>): AppsApi {
  const nouns = apiOf(({ endpoint, of }) => async (input, options) => {
    if (endpoint.method !== 'GET') await announce();
    return of(api)(input, options);
  });
  return {
    ...api,
    ...nouns,
    audits: { ...api.audits, ...nouns.audits },
    sources: {
      upload: async (...given) => {
        await announce();
        return api.sources.upload(...given);
      },
    },
  };
}
