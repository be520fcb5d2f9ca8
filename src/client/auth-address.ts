import { isLoopback } from '../model/addresses.js';
import { RuleError } from '../model/rule.js';

/**
 * Parses the host that passwords are exchanged for tokens at: `host[:port][/base]` or a URL. It is https, and http only on
 * this machine. Throws a {@link RuleError} that repeats nothing of it.
 */
export function parseAuthHost(text: string): URL {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new RuleError('invalid_auth_host', 'What is given as the auth host is no host.', FORM);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new RuleError(
      'invalid_auth_host',
      'An auth host must not hold a user, a password or a query.',
      FORM,
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new RuleError(
      'invalid_auth_host',
      `A password is not sent to ${url.host} over http: anybody on the way could read it.`,
      FORM,
    );
  }
  return url;
}

const FORM = 'An auth host is HOST or HOST:PORT; it is spoken to over https.';
