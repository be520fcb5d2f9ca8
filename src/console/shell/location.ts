import { Observable } from '../api/observable.js';
import { loginCode, parseRoute, queryText, type Route } from './routes.js';

/** The page that the address names now. */
export const route = new Observable<Route>(parseRoute(location.hash));

addEventListener('hashchange', () => route.set(parseRoute(location.hash)));

/** Goes to a page. */
export function go(address: string): void {
  location.hash = address;
}

/** Changes the query of this page without a new entry in the history: a filter is not a page to go back to. */
export function replaceQuery(members: Readonly<Record<string, string>>): void {
  const [path = ''] = location.hash.split('?');
  history.replaceState(null, '', `${path === '' ? '#/spaces' : path}${queryText(members)}`);
  route.set(parseRoute(location.hash));
}

/** The code of a login link; it is taken out of the address and the history at once. */
export function takeLoginCode(): string | undefined {
  const code = loginCode(location.hash);
  if (code === undefined) return undefined;
  history.replaceState(null, '', location.pathname);
  route.set(parseRoute(''));
  return code;
}
