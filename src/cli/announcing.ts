import { parseApiAddress } from '../client/api-address.js';
import { BY_DEFAULT, type Target } from '../client/target.js';
import type { AppsApi } from '../contract/apps-api.js';
import { apiOf } from '../contract/endpoints.js';
import { EMBEDDED } from '../model/profile-names.js';

/**
 * The platform that a change goes to, in words; undefined for the one on this machine where nobody chose it: there is
 * no other that it could go to.
 */
export function platformNamed(target: Target): string | undefined {
  if (target.kind === 'embedded') {
    return target.why === BY_DEFAULT ? undefined : `${EMBEDDED} (on this machine)`;
  }
  const { shown, base } = parseApiAddress(target.url);
  const at = `${shown}${base}`;
  return target.name === shown ? at : `${target.name} (${at})`;
}

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
