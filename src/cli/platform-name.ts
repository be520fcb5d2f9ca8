import { parseApiAddress } from '../client/api-address.js';
import { BY_DEFAULT, type Target } from '../client/target.js';
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
