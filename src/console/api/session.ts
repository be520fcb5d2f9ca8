import { type ConsoleLogin, ConsoleSession, SESSION_PATH } from '../../contract/console.js';
import { send } from './call.js';
import { Observable } from './observable.js';
import { forgetAll } from './resource.js';

/** Who is logged in to the console. */
export type Session = ConsoleSession;

/** undefined until it is known; null if nobody is logged in. */
export const session = new Observable<Session | null | undefined>(undefined);

/** Finds out who is logged in. Rejects with an AppsApiError where that can't be told. */
export async function resume(): Promise<void> {
  session.set(ConsoleSession.parse(await (await send(SESSION_PATH)).json()));
}

/** Logs in with a one-time code of a login link, or with an API token. Rejects with an AppsApiError. */
export async function logIn(credential: ConsoleLogin): Promise<void> {
  await send(SESSION_PATH, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(credential),
  });
  forgetAll();
  await resume();
}

/** Logs out. Rejects with an AppsApiError. */
export async function logOut(): Promise<void> {
  await send(SESSION_PATH, { method: 'DELETE' });
  ended();
}

/** Notes that there is no session any more. */
export function ended(): void {
  forgetAll();
  session.set(null);
}
