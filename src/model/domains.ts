import { DEFAULT_SPACE } from './names.js';
import { RuleError } from './rule.js';

/** Where a platform serves its apps. */
export interface Ingress {
  readonly stack: string;
  /** The domain below which stacks are, such as `localhost`. */
  readonly base: string;
  /** The router's https port; 443 is not shown. */
  readonly port: number;
}

/** RFC 1035, 2.3.4, without the dot at the end. */
export const DOMAIN_MAX = 253;

/**
 * The domain of an app: `[app]-[space].[stack].[base]`, internal `[app]-[space].internal.[stack].[base]`. In space
 * `default`, and only there, the space is left out. Throws a {@link RuleError} above 253 characters.
 */
export function appDomain(
  app: string,
  space: { readonly name: string; readonly compliance: readonly string[] },
  ingress: Pick<Ingress, 'stack' | 'base'>,
): string {
  const label = space.name === DEFAULT_SPACE ? app : `${app}-${space.name}`;
  const zone = space.compliance.includes('internal') ? `internal.${ingress.stack}` : ingress.stack;
  const domain = `${label}.${zone}.${ingress.base}`;
  if (domain.length > DOMAIN_MAX) {
    throw new RuleError(
      'domain_too_long',
      `The domain of ${app} in space ${space.name} would have ${domain.length} characters; ${DOMAIN_MAX} are allowed.`,
      `Use a name that is ${domain.length - DOMAIN_MAX} characters shorter.`,
    );
  }
  return domain;
}

/** The https URL of a domain on a router's port. */
export function webUrl(domain: string, port: number): string {
  return port === 443 ? `https://${domain}` : `https://${domain}:${port}`;
}
