import type { AppsApi } from '../contract/apps-api.js';
import { adapted } from './akkeris/adapted.js';
import { parseApiAddress } from './api-address.js';
import { type HttpApiOptions, type HttpTarget, httpPlatform } from './http-api.js';

/** The Apps API at an address, of whatever platform is there. Throws as `httpApi` does. */
export function platformApi(target: HttpTarget, options: HttpApiOptions = {}): AppsApi {
  let akkeris: boolean | undefined;
  const platform = httpPlatform(target, {
    ...options,
    onServer: (isAkkeris) => {
      akkeris = isAkkeris;
    },
  });
  const address = parseApiAddress(target.url);
  // Nothing but an aka is behind a socket of this machine.
  return address.kind === 'unix' ? platform.api : adapted(platform, address.shown, () => akkeris);
}
