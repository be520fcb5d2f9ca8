/** Longer ones are no token of this platform: what is longer is not even looked at. */
const TOKEN_MAX = 512;
const HEADER_MAX = 2048;

/**
 * The token in an `Authorization` header, in the forms that clients of Akkeris send it: `Bearer TOKEN`, `Basic` with it
 * as the password, whatever the user, and the token by itself. Undefined if it holds none.
 */
export function tokenIn(header: string | undefined): string | undefined {
  if (header === undefined || header.length > HEADER_MAX) return undefined;
  const [, scheme, given] = /^(?:(bearer|basic) +)?([!-~]+)$/i.exec(header) ?? [];
  const token = scheme?.toLowerCase() === 'basic' ? passwordIn(given ?? '') : given;
  return token === undefined || token === '' || token.length > TOKEN_MAX ? undefined : token;
}

/** RFC 7617: a user can't hold a colon, a password can. */
function passwordIn(credentials: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return undefined;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return password;
}
