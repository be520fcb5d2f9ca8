import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { CONSOLE_LABEL, CONSOLE_PATH } from '../../contract/console.js';
import { AppsApiError, conflict } from '../../contract/errors.js';
import { webUrl } from '../../model/domains.js';
import { DEFAULT_SPACE } from '../../model/names.js';
import type { SessionHolder, SessionRecord } from '../store/sessions.js';
import type { Store } from '../store/store.js';
import { isExpired, type TokenRecord } from '../store/tokens.js';
import { stackFor } from './catalog.js';
import { change } from './change.js';
import { checkMayConfigure } from './policy.js';
import { newSecret, secretDigest } from './secrets.js';
import type { Session } from './session.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How long a code holds, in milliseconds; a session; and a secret of one, until the browser gets the next. */
const HOLDS = { code: MINUTE, session: 12 * HOUR, secret: HOUR } as const;
/** Requests that are under way may come with the secret before for so long, in milliseconds. */
const GRACE = MINUTE;
/** How often is noted that a session is used, in milliseconds. */
const NOTED = MINUTE;
/** How many codes, and how many sessions, somebody may have at once; the oldest end. */
const MOST = 20;
/** 128 bits. */
const CODE_BYTES = 16;

/** A session, and the token that it came of as it is now. */
export interface OpenSession extends SessionRecord {
  readonly tokenRecord: TokenRecord | undefined;
}

type Data = Pick<Session, 'store' | 'now'>;

/** What an administrator asks for to log a browser in. */
export function consoleService(session: Session): AppsApi['console'] {
  const { store, caller } = session;
  return {
    async createCode() {
      const code = randomBytes(CODE_BYTES).toString('base64url');
      return change(session, { action: 'session.invite', input: {} }, (draft) => {
        checkMayConfigure(caller, 'create login codes');
        if (caller.session !== undefined) throw noCodesForSessions();
        const holder = holderOf(session);
        if (store.apps.byName(CONSOLE_LABEL, DEFAULT_SPACE) !== undefined) throw hostTaken();
        const expires_at = later(draft.now, HOLDS.code);
        store.sessions.purge(draft.now);
        const mine = store.sessions.codes(draft.now).filter((each) => isSame(each, holder));
        for (const { digest } of mine.slice(0, Math.max(0, mine.length + 1 - MOST)))
          store.sessions.removeCode(digest);
        store.sessions.insertCode({ ...holder, digest: secretDigest(code), expiresAt: expires_at });
        draft.details = { expires_at };
        const { router_port: port } = store.settings.all();
        return { code, expires_at, url: `${webUrl(consoleHost(store), port)}${CONSOLE_PATH}/#login=${code}` };
      });
    },
  };
}

/** The host of the console: `console.[stack].[base]` of the default stack. */
export function consoleHost(store: Store): string {
  const { name, base } = stackFor(store, undefined);
  return `${CONSOLE_LABEL}.${name}.${base}`;
}

/** Uses a code up. Returns whom it logs in; undefined for one that is used, ended or none. */
export function takeCode({ store, now }: Data, code: string): SessionHolder | undefined {
  const given = secretDigest(code);
  const at = now().toISOString();
  return store.db.transaction(() => {
    let found: SessionHolder | undefined;
    // Each is compared, so that how long it takes says nothing.
    for (const each of store.sessions.codes(at)) if (timingSafeEqual(each.digest, given)) found = each;
    if (found === undefined) return undefined;
    store.sessions.removeCode(given);
    return isHeld({ store, now }, found) ? found : undefined;
  });
}

/** Opens a session for the caller. Returns it with its first secret. Throws an AppsApiError (403) for who can't have one. */
export function openSession(session: Session): { readonly opened: SessionRecord; readonly secret: string } {
  const { store } = session;
  const secret = newSecret();
  const opened = change(session, { action: 'session.login', input: {} }, (draft) => {
    const holder = holderOf(session);
    store.sessions.purge(draft.now);
    const mine = store.sessions.all(draft.now).filter((each) => isSame(each, holder));
    for (const { name } of mine.slice(0, Math.max(0, mine.length + 1 - MOST))) store.sessions.remove(name);
    const made: SessionRecord = {
      ...holder,
      name: `session-${randomBytes(8).toString('hex')}`,
      createdAt: draft.at,
      expiresAt: later(draft.now, HOLDS.session),
      usedAt: null,
    };
    store.sessions.insert(made);
    addSecret(store, made, secret, draft.now, true);
    draft.details = { session: made.name, expires_at: made.expiresAt };
    return made;
  });
  return { opened, secret };
}

/** The session that a secret opens now; undefined if it opens none. Takes note that it is used. */
export function sessionBySecret(data: Data, secret: string): OpenSession | undefined {
  const { store, now } = data;
  const at = now().toISOString();
  const found = store.sessions.secret(secretDigest(secret), at);
  const open = found && openSessionNamed(data, found.session);
  if (found === undefined || open === undefined) return undefined;
  try {
    if (!found.confirmed) store.db.transaction(() => store.sessions.confirm(found, later(at, GRACE)));
    if (open.usedAt === null || Date.parse(at) - Date.parse(open.usedAt) >= NOTED)
      store.sessions.used(open.name, at);
  } catch {
    // It opens the platform also when nothing can be written: on a full disk somebody must be able to make room.
  }
  return open;
}

/** The session of a name, if it holds now, and so does the token that it came of. */
export function openSessionNamed(data: Data, name: string): OpenSession | undefined {
  const found = data.store.sessions.find(name);
  if (found === undefined || found.expiresAt <= data.now().toISOString() || !isHeld(data, found))
    return undefined;
  return {
    ...found,
    tokenRecord: found.token === null ? undefined : data.store.tokens.find(found.token),
  };
}

/** Those that hold now. */
export function liveSessions({ store, now }: Data): SessionRecord[] {
  return store.sessions.all(now().toISOString()).filter((each) => isHeld({ store, now }, each));
}

/**
 * The next secret for a browser, if it is time for one. The one before holds until the browser has sent the next, and a
 * minute longer, so that an answer which is lost logs nobody out.
 */
export function nextSecret({ store, now }: Data, session: SessionRecord): string | undefined {
  const at = now().toISOString();
  const isDue = (): boolean =>
    later(store.sessions.newestSecret(session.name) ?? session.createdAt, HOLDS.secret) <= at;
  if (!isDue()) return undefined;
  const secret = newSecret();
  return store.db.transaction(() => {
    // Of several requests at once, one gets it.
    if (!isDue()) return undefined;
    addSecret(store, session, secret, at, false);
    return secret;
  });
}

/** Ends the session that the caller came by. */
export function closeSession(session: Session, opened: SessionRecord): void {
  change(session, { action: 'session.logout', input: { name: opened.name } }, (draft) => {
    session.store.sessions.remove(opened.name);
    draft.details = { session: opened.name };
  });
}

function addSecret(
  store: Store,
  session: SessionRecord,
  secret: string,
  at: string,
  confirmed: boolean,
): void {
  store.sessions.insertSecret({
    digest: secretDigest(secret),
    session: session.name,
    createdAt: at,
    expiresAt: session.expiresAt,
    confirmed,
  });
}

/** Whom a session of the caller stands for. */
function holderOf({ store, caller }: Session): SessionHolder {
  const { name, role, token = null } = caller;
  const isTrusted = token !== null && store.tokens.find(token)?.trusted === true;
  if (role === 'reporter' || isTrusted || caller.unnamed === true) throw noSession(caller.name);
  return { username: name, role, token };
}

/** Whether the token that something came of, if it did of one, still holds. */
function isHeld({ store, now }: Data, { token }: SessionHolder): boolean {
  if (token === null) return true;
  const found = store.tokens.find(token);
  return found !== undefined && !isExpired(found, now());
}

function isSame(one: SessionHolder, other: SessionHolder): boolean {
  return one.username === other.username && one.token === other.token;
}

function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}

function noCodesForSessions(): AppsApiError {
  return new AppsApiError({
    id: 'no_codes_for_sessions',
    status: 403,
    message: "A browser can't create login codes: its session would never end.",
    hint: 'On the machine of the platform: aka console',
  });
}

function noSession(name: string): AppsApiError {
  return new AppsApiError({
    id: 'no_console_session',
    status: 403,
    message: `${name} can't log in to the console: its token is for a gateway or for reports.`,
    hint: 'Create a token of a person: aka platform:tokens:create NAME --role user --space SPACE',
  });
}

function hostTaken(): AppsApiError {
  return conflict(
    'console_host_taken',
    `App ${CONSOLE_LABEL}-${DEFAULT_SPACE} has the domain of the console, and would receive its login codes.`,
    `Create it under another name, and then: aka apps:destroy ${CONSOLE_LABEL}-${DEFAULT_SPACE}`,
  );
}
