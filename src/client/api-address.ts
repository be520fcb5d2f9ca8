import { isAbsolute } from 'node:path';
import { isLoopback } from '../model/addresses.js';
import { redactText } from '../model/redaction.js';
import { quote, RuleError } from '../model/rule.js';

/** Where an Apps API is. */
export type ApiAddress =
  | { readonly kind: 'unix'; readonly socket: string; readonly base: ''; readonly shown: string }
  | {
      readonly kind: 'http';
      /** Scheme, host and port. */
      readonly origin: string;
      /** What comes before the paths of the API, without a slash at its end. */
      readonly base: string;
      /** For people: the host with its port, or the socket. */
      readonly shown: string;
      /** Whether nobody between here and there can read along. */
      readonly confidential: boolean;
    };

/**
 * Parses `https://host[:port][/base]`, `http://...` or `unix:/path`. Throws a {@link RuleError} for anything else, and
 * for a URL that holds a password or a query, neither of which it repeats.
 */
export function parseApiAddress(text: string): ApiAddress {
  if (redactText(text) !== text && !text.includes('@') && !text.includes('?')) {
    throw new RuleError(
      'invalid_api_address',
      'What is given as the address of an API looks like a secret.',
      FORMS,
    );
  }
  const socket = /^unix:(?:\/\/)?(.*)$/is.exec(text)?.[1];
  if (socket !== undefined) {
    if (!isAbsolute(socket) || socket.includes('\0')) {
      throw new RuleError(
        'invalid_api_address',
        'The path of a unix socket must begin with a slash.',
        'unix:/path/to/socket',
      );
    }
    return { kind: 'unix', socket, base: '', shown: `unix:${socket}` };
  }
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    throw new RuleError('invalid_api_address', `${shownAddress(text)} is not the address of an API.`, FORMS);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new RuleError(
      'invalid_api_address',
      `The address of an API on ${url.host} must not hold a user, a password or a query.`,
      'Hand a token over in AKA_TOKEN.',
    );
  }
  return {
    kind: 'http',
    origin: url.origin,
    base: url.pathname.replace(/\/+$/, ''),
    shown: url.host,
    confidential: url.protocol === 'https:' || isLoopback(url.hostname),
  };
}

const FORMS = 'An address is https://HOST, http://127.0.0.1:PORT or unix:/path/to/socket.';

/** What could be meant as an address is shown without its user; anything else may be a secret in the wrong place. */
function shownAddress(text: string): string {
  const address = text.replace(/[^/]*@/g, '');
  return /^[\w.:/[\]-]{0,100}$/.test(address) ? quote(address) : 'What is given';
}
