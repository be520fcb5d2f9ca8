import { send } from './call.js';
import { Observable } from './observable.js';
import { forgetAll } from './resource.js';

/** Who is logged in to the console. */
export interface Session {
  readonly name: string;
  readonly role: 'user' | 'admin';
  readonly platform: { readonly version: string };
  readonly expires_at: string;
}

/** undefined until it is known; null if nobody is logged in. */
export const session = new Observable<Session | null | undefined>(undefined);

const PATH = '/console/session';

/** Finds out who is logged in. Rejects with an AppsApiError where that can't be told. */
export async function resume(): Promise<void> {
  session.set((await (await send(PATH)).json()) as Session);
}

/** Logs in with a one-time code of a login link, or with an API token. Rejects with an AppsApiError. */
export async function logIn(credential: { code: string } | { token: string }): Promise<void> {
  await send(PATH, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(credential),
  });
  forgetAll();
  await resume();
}

/** Logs out. Rejects with an AppsApiError. */
export async function logOut(): Promise<void> {
  await send(PATH, { method: 'DELETE' });
  ended();
}

/** Notes that there is no session any more. */
export function ended(): void {
  forgetAll();
  session.set(null);
}
