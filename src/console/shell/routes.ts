/** The pages of an app. */
export const APP_TABS = ['overview', 'releases', 'config', 'logs', 'builds'] as const;
export type AppTab = (typeof APP_TABS)[number];

/** A page of the console, as the fragment of its address names it. */
export type Route =
  | { readonly page: 'spaces'; readonly query: URLSearchParams }
  | { readonly page: 'createSpace' }
  | { readonly page: 'space'; readonly space: string }
  | { readonly page: 'app'; readonly app: string; readonly tab: AppTab; readonly item?: string }
  | { readonly page: 'audits'; readonly query: URLSearchParams }
  | { readonly page: 'platform' }
  | { readonly page: 'missing' };

/**
 * The page that a fragment names. `new` can't be the name of a space here, so `spaces/new` creates one: a space of that
 * name is at `space/new`.
 */
export function parseRoute(fragment: string): Route {
  const [path = '', search = ''] = fragment.replace(/^#?\/?/, '').split(/\?(.*)/s);
  const [noun = '', name, tab, item, ...rest] = path.split('/').filter(Boolean).map(decoded);
  const query = new URLSearchParams(search);
  if (rest.length > 0) return { page: 'missing' };
  if (noun === '' || (noun === 'spaces' && name === undefined)) return { page: 'spaces', query };
  if (noun === 'spaces' && name === 'new' && tab === undefined) return { page: 'createSpace' };
  if (noun === 'space' && name !== undefined && tab === undefined) return { page: 'space', space: name };
  if (noun === 'app' && name !== undefined) {
    const known = APP_TABS.find((each) => each === (tab ?? 'overview'));
    if (known === undefined) return { page: 'missing' };
    return { page: 'app', app: name, tab: known, ...(item !== undefined && { item }) };
  }
  if (noun === 'audits' && name === undefined) return { page: 'audits', query };
  if (noun === 'platform' && name === undefined) return { page: 'platform' };
  return { page: 'missing' };
}

/** Addresses of pages, for links. */
export const to = {
  spaces: (query: Readonly<Record<string, string>> = {}) => `#/spaces${queryText(query)}`,
  createSpace: () => '#/spaces/new',
  space: (name: string) => `#/space/${encodeURIComponent(name)}`,
  app: (key: string, tab: AppTab = 'overview', item?: string) =>
    `#/app/${encodeURIComponent(key)}${tab === 'overview' ? '' : `/${tab}`}${item === undefined ? '' : `/${encodeURIComponent(item)}`}`,
  audits: (query: Readonly<Record<string, string>> = {}) => `#/audits${queryText(query)}`,
  platform: () => '#/platform',
} as const;

/** The one-time code in the fragment of a login link. */
export function loginCode(fragment: string): string | undefined {
  return /^#login=([\w.~-]+)$/.exec(fragment)?.[1];
}

/** A query without its empty members, with its question mark. */
export function queryText(members: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(members).filter(([, value]) => value !== ''));
  return query.size === 0 ? '' : `?${query}`;
}

/** A part of a path; as it is where it is not encoded well. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
