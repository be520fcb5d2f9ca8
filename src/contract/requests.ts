import { type Endpoint, hasBody, pathWith } from './endpoints.js';
import { AppsApiError } from './errors.js';

/** Where the members of an input go. */
interface RequestParts {
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly body?: string;
}

/**
 * Takes the input of an operation apart into path, query and body. Throws an AppsApiError (422) if a member of the
 * path is empty, which would make it the path of another operation.
 */
export function partsOf(endpoint: Endpoint, input: Readonly<Record<string, unknown>>): RequestParts {
  const rest = new Map(Object.entries(input));
  const path = pathWith(endpoint, (member) => {
    const value = rest.get(member);
    rest.delete(member);
    if (typeof value !== 'string' || value === '') {
      throw new AppsApiError({ id: 'invalid', status: 422, message: `${member} must be a name or an id.` });
    }
    return encodeURIComponent(wellFormed(value));
  });
  if (hasBody(endpoint)) {
    const body: unknown = endpoint.body === undefined ? Object.fromEntries(rest) : rest.get(endpoint.body);
    return { path, query: '', body: JSON.stringify(body) };
  }
  const query = new URLSearchParams();
  for (const [member, value] of rest) if (value !== undefined) query.append(member, textOf(value));
  return { path, query: query.size === 0 ? '' : `?${query}` };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** With its lone surrogates replaced, which no URL can hold. */
function wellFormed(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
