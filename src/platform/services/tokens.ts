import type { AppsApi } from '../../contract/apps-api.js';
import { type AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { Token } from '../../contract/wire.js';
import { nearest } from '../../model/nearest.js';
import { RuleError } from '../../model/rule.js';
import { parseTokenName } from '../../model/token-names.js';
import type { SessionRecord } from '../store/sessions.js';
import { isExpired, type TokenRecord } from '../store/tokens.js';
import { change } from './change.js';
import { checkMayConfigure } from './policy.js';
import { newSecret, secretDigest } from './secrets.js';
import type { Session } from './session.js';
import { liveSessions } from './sessions.js';
import { spaceOf } from './spaces.js';

/** So many tokens there may be, those that ended included. */
const TOKENS_MAX = 500;
/** What every secret begins with, so that it is known for one wherever it turns up. */
const PREFIX = 'aka_';

/** Who may come in over the network: tokens, each of an administrator or for some spaces. */
export function tokensService(session: Session): AppsApi['tokens'] {
  const { store, caller, now } = session;
  const show = (token: TokenRecord): Token => showToken(token, now());
  return {
    async list() {
      checkMayConfigure(caller, 'see the tokens of the platform');
      return store.db.snapshot(() => [
        ...store.tokens.all().map(show),
        ...liveSessions(session).map((each) => showSession(session, each)),
      ]);
    },

    async create({ name: wish, role, spaces: keys = [], expires_in: seconds, trusted = false }, options) {
      const input = { name: wish, role, spaces: keys, seconds, trusted };
      let secret: string | undefined;
      const token = change(session, { action: 'token.create', input, options }, (draft) => {
        checkMayConfigure(caller, 'make tokens');
        const name = parseTokenName(wish);
        checkSpaces(role, keys);
        if (trusted && role !== 'admin') throw trustNeedsAdmin();
        const spaces = [...new Set(keys.map((key) => spaceOf(session, key).name))].sort();
        if (store.tokens.find(name) !== undefined) throw exists(name);
        if (store.audit.hasOwnWay(name)) throw isSomebody(name);
        if (store.tokens.count() >= TOKENS_MAX) throw tooMany();
        const made: TokenRecord = {
          name,
          role,
          spaces,
          trusted,
          createdBy: caller.name,
          createdAt: draft.at,
          expiresAt:
            seconds === undefined ? null : new Date(Date.parse(draft.now) + seconds * 1000).toISOString(),
          usedAt: null,
        };
        secret = `${PREFIX}${newSecret()}`;
        store.tokens.insert(made, secretDigest(secret));
        draft.details = { token: name, role, spaces, trusted, expires_at: made.expiresAt };
        return show(made);
      });
      // What is kept for a repeated request is an answer without it.
      if (secret === undefined) throw shownOnce(token.name);
      return { ...token, secret };
    },

    async revoke({ token: key }) {
      const opened = store.sessions.find(key.toLowerCase());
      if (opened !== undefined && store.tokens.find(opened.name) === undefined)
        return revokeSession(session, opened);
      return change(session, { action: 'token.revoke', input: { key } }, (draft) => {
        checkMayConfigure(caller, 'revoke tokens');
        const name = key.toLowerCase();
        const token = store.tokens.find(name);
        if (token === undefined) throw unknown(session, key);
        store.tokens.remove(name);
        // The next one of that name is somebody else.
        store.answers.forget(name);
        draft.details = { token: name, role: token.role, spaces: token.spaces, trusted: token.trusted };
        return show(token);
      });
    },
  };
}

/** Ends the session of a browser. */
function revokeSession(session: Session, opened: SessionRecord): Token {
  const { store, caller } = session;
  return change(session, { action: 'session.revoke', input: { name: opened.name } }, (draft) => {
    checkMayConfigure(caller, 'revoke sessions');
    store.sessions.remove(opened.name);
    draft.details = { session: opened.name, user: opened.username, role: opened.role };
    return showSession(session, opened);
  });
}

function showToken(token: TokenRecord, now: Date): Token {
  return {
    kind: 'token',
    name: token.name,
    role: token.role,
    spaces: [...token.spaces],
    trusted: token.trusted,
    created_by: token.createdBy,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    expired: isExpired(token, now),
    used_at: token.usedAt,
  };
}

function showSession({ store, now }: Session, opened: SessionRecord): Token {
  const token = opened.token === null ? undefined : store.tokens.find(opened.token);
  return {
    kind: 'session',
    name: opened.name,
    role: opened.role,
    spaces: [...(token?.spaces ?? [])],
    trusted: false,
    created_by: opened.username,
    created_at: opened.createdAt,
    expires_at: opened.expiresAt,
    expired: opened.expiresAt <= now().toISOString(),
    used_at: opened.usedAt,
  };
}

function checkSpaces(role: TokenRecord['role'], spaces: readonly string[]): void {
  if (role === 'user' && spaces.length === 0) {
    throw new RuleError(
      'spaces_missing',
      'A user token is for one space or several, and none is named.',
      'Name them: --space SPACE',
    );
  }
  if (role === 'admin' && spaces.length > 0) {
    throw new RuleError(
      'needless_spaces',
      "An administrator's token is for every space, and can't be kept to some.",
      'Leave out --space, or say --role user',
    );
  }
}

function trustNeedsAdmin(): RuleError {
  return new RuleError(
    'trusted_for_admins',
    'A trusted token says who is an administrator, so it is one itself.',
    'Say --role admin, or leave out --trusted',
  );
}

function unknown({ store }: Session, key: string): AppsApiError {
  const names = store.tokens.all().map(({ name }) => name);
  return notFound('token', key, nearest(key.toLowerCase(), names), 'All that there are: aka platform:tokens');
}

function exists(name: string): AppsApiError {
  return conflict(
    'exists',
    `There is a token ${name} already.`,
    `Choose another name, or revoke that one first: aka platform:tokens:revoke ${name}`,
    { token: name },
  );
}

function isSomebody(name: string): AppsApiError {
  return conflict(
    'name_in_use',
    `The audit log has ${name} already, who comes in by another way: it could not tell the two apart.`,
    'Choose another name.',
  );
}

function shownOnce(name: string): AppsApiError {
  return conflict(
    'shown_once',
    `Token ${name} was made by an earlier request, and its secret is never shown again.`,
    `If it got lost: aka platform:tokens:revoke ${name}, and make another one.`,
  );
}

function tooMany(): AppsApiError {
  return conflict(
    'too_many_tokens',
    `There are ${TOKENS_MAX} tokens, which is as many as there may be.`,
    'Revoke those that are not needed: aka platform:tokens',
  );
}
