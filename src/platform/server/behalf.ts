import type { IncomingMessage } from 'node:http';
import { AppsApiError } from '../../contract/errors.js';
import { parsePersonName, viaName } from '../../model/person-names.js';
import { RuleError } from '../../model/rule.js';
import type { Caller } from '../caller.js';
import type { Holder } from './tokens.js';

const USERNAME = 'x-username';
const ELEVATED = 'x-elevated-access';

/**
 * On whose behalf somebody with a token asks. A trusted token says it in two headers, as a gateway of Akkeris does:
 * `x-username` is the person, who is a user of all spaces, and with `x-elevated-access: true` an administrator. Without a
 * name there is no elevation, as nobody could be held to account. Of any other token the headers say nothing.
 *
 * Throws an AppsApiError (400) for a name that can't stand in the audit log, and for a header that is there twice: one of
 * them may be by whoever the gateway speaks for.
 */
export function onBehalf(
  { trusted, ...holder }: Holder,
  { headersDistinct }: Pick<IncomingMessage, 'headersDistinct'>,
): Omit<Caller, 'origin'> {
  if (trusted !== true) return holder;
  const username = only(headersDistinct, USERNAME);
  const elevated = only(headersDistinct, ELEVATED) === 'true';
  if (username === undefined) return { ...holder, role: 'user', unnamed: true };
  return {
    ...holder,
    name: viaName(personIn(username), holder.name),
    role: elevated ? 'admin' : 'user',
  };
}

function only(headers: IncomingMessage['headersDistinct'], name: string): string | undefined {
  const [value, second] = headers[name] ?? [];
  if (second === undefined) return value;
  throw new AppsApiError({
    id: 'double_header',
    status: 400,
    message: `The request has ${name} twice, and which of them counts can't be known.`,
    hint: 'A gateway takes out what its clients send before it says its own.',
  });
}

function personIn(username: string): string {
  try {
    return parsePersonName(username);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new AppsApiError({ id: error.id, status: 400, message: error.message, hint: error.hint });
  }
}
