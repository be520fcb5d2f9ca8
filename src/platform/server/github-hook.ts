import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppsApiError } from '../../contract/errors.js';
import { commitEvent } from '../../model/github-events.js';
import { DAEMON } from '../caller.js';
import type { Platform } from '../platform.js';
import { takeCommitEvent } from '../services/commit-events.js';
import { webhookPath } from '../services/reporters.js';
import { newSecret } from '../services/secrets.js';
import { parseJson, readBytes } from './body.js';

/** Where GitHub sends events to; `reporter` is the id of the webhook. */
export const GITHUB_HOOK_PATH = webhookPath(':reporter');

/** What is signed with where there is no such webhook, so that an answer takes as long. */
const NO_SECRET = newSecret();

/**
 * Takes an event of GitHub for the webhook of this id. The signature is all that proves who sends it: nothing is parsed
 * before it fits, and whether there is such a webhook is told to nobody who can't sign.
 *
 * Throws an AppsApiError: 401 for a signature that does not fit, 413 above 1 MiB, 415 for what is not JSON, 422 for an
 * event of another repository.
 */
export async function takeGitHubEvent(
  platform: Platform,
  id: string,
  request: IncomingMessage,
): Promise<object> {
  const { reporters } = platform.session(DAEMON).store;
  const body = await readBytes(request);
  const reporter = reporters.find(id);
  const secret = reporters.secretOf(id);
  const fits = signatureFits(secret ?? NO_SECRET, body, one(request.headers['x-hub-signature-256']));
  if (!fits || reporter === undefined || secret === undefined) throw unsigned();
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) throw notJson();
  const kind = one(request.headers['x-github-event']);
  const event = commitEvent(kind, parseJson(body));
  // Such as the ping by which GitHub tries a new webhook.
  if (event === undefined) return { result: 'nothing_about_a_commit', builds: 0 };
  const taken = takeCommitEvent(
    platform.session({
      name: reporter.name,
      role: 'reporter',
      spaces: [],
      reporter: reporter.id,
      origin: originOf(request),
    }),
    reporter,
    event,
  );
  if (taken.result === 'other_repository') throw otherRepository();
  return taken;
}

function originOf({ socket: { remoteAddress } }: IncomingMessage): string {
  return remoteAddress === undefined ? 'unix' : `tcp ${remoteAddress}`;
}

/** Whether a body was signed with a secret, as `sha256=` and 64 digits say; takes as long wherever they differ. */
function signatureFits(secret: string, body: Buffer, header: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest();
  const digits = /^sha256=([0-9a-f]{64})$/.exec(header)?.[1];
  const given = digits === undefined ? Buffer.alloc(expected.length) : Buffer.from(digits, 'hex');
  return timingSafeEqual(expected, given) && digits !== undefined;
}

function one(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}

function unsigned(): AppsApiError {
  return new AppsApiError({
    id: 'unsigned',
    status: 401,
    message: 'This event was not signed with the secret of a webhook that is here.',
    hint: 'Give GitHub the secret and path that checks:add showed.',
  });
}

function notJson(): AppsApiError {
  return new AppsApiError({
    id: 'unsupported_media_type',
    status: 415,
    message: 'The event must be JSON.',
    hint: 'Choose application/json as the content type of the webhook.',
  });
}

function otherRepository(): AppsApiError {
  return new AppsApiError({
    id: 'other_repository',
    status: 422,
    message: 'The event is of another repository than this webhook was added for.',
  });
}
