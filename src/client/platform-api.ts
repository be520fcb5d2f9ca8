import type { AppsApi } from '../contract/apps-api.js';
import { adapted } from './akkeris/adapted.js';
import { parseApiAddress } from './api-address.js';
import { type HttpApiOptions, type HttpTarget, httpApi } from './http-api.js';

/** The Apps API at an address, of whatever platform is there. Throws as {@link httpApi} does. */
export function platformApi(target: HttpTarget, options: HttpApiOptions = {}): AppsApi {
  let akkeris: boolean | undefined;
  const plain = httpApi(target, {
    ...options,
    onServer: (isAkkeris) => {
      akkeris = isAkkeris;
    },
  });
  const address = parseApiAddress(target.url);
  // Nothing but an aka is behind a socket of this machine.
  return address.kind === 'unix' ? plain : adapted(plain, address.shown, () => akkeris);
}
