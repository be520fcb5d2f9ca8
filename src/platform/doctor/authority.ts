import { AppsApiError } from '../../contract/errors.js';
import { authorityFolder, readAuthorityCertificate } from '../router/authority.js';
import { Catalog } from '../store/catalog.js';
import { Meta } from '../store/meta.js';
import { type Answer, type Check, ok, problem, warning } from './check.js';
import { readData } from './data.js';

/** So long before its end there is a warning, in milliseconds. */
const SOON = 90 * 86_400_000;
const RENEW =
  'Start the platform, which renews it, and trust it where it was installed: aka platform:start, aka platform:trust';

/** Certificates of apps are good as long as that of the authority that issues them. */
export const authorityCheck: Check = {
  name: 'certificate authority',
  examine(machine) {
    const known = readData(machine, (db) => ({
      id: new Meta(db).dataId,
      bases: new Catalog(db).stacks().map(({ base }) => base),
    }));
    if (known === undefined) return ok('none yet: it is made when the platform is first started');
    try {
      const certificate = readAuthorityCertificate(authorityFolder(machine.configDir, known.id), known.bases);
      return examineValidity(certificate, Date.now());
    } catch (error) {
      if (error instanceof AppsApiError && error.status === 404)
        return ok('none yet: it is made when the platform is first started');
      throw error;
    }
  },
};

function examineValidity(
  { valid_from: from, valid_to: to }: { readonly valid_from: string; readonly valid_to: string },
  now: number,
): Answer {
  if (now < Date.parse(from)) {
    return problem(
      `Its certificate is valid from ${from} only: the clock of this machine was ahead, or is behind.`,
      `Check the clock: date. ${RENEW}`,
    );
  }
  if (now >= Date.parse(to)) return problem(`Its certificate expired on ${to}.`, RENEW);
  const says = `valid until ${to.slice(0, 10)}`;
  return now >= Date.parse(to) - SOON ? warning(`Its certificate is only ${says}.`, RENEW) : ok(says);
}
