import type { AppsApi } from '../contract/apps-api.js';
import type { Hook, HookResult } from '../contract/wire.js';
import { isId } from '../model/names.js';
import { nearest } from '../model/nearest.js';
import { redactValue } from '../model/redaction.js';
import { shown } from '../model/rule.js';
import { EXIT } from './exit-codes.js';
import { CommandError } from './failure.js';
import { momentCell } from './moment.js';
import type { Cell, Facts, Output } from './output.js';

/** So much of an id tells it from any other. */
const ID_LEAST = 4;

/** The argument that names a hook: see {@link hookNamed}. */
export const HOOK = 'id of the webhook, a prefix of it, or its URL as shown';

/**
 * The hook that a word names: by its id, as much of that as no other has, or its URL. Throws a CommandError if there is
 * none, or several.
 */
export async function hookNamed({ hooks }: AppsApi, app: string, word: string): Promise<Hook> {
  const wanted = word.toLowerCase();
  if (isId(wanted)) return hooks.get({ app, hook: wanted });
  const all = await hooks.list({ app });
  // Whoever has the URL in full may name it by that.
  const byUrl = all.filter(({ url }) => url === word || url === redactValue(word));
  const byId = all.filter(({ id }) => wanted.length >= ID_LEAST && id.startsWith(wanted));
  const [found, another] = byUrl.length > 0 ? byUrl : byId;
  if (found !== undefined && another === undefined) return found;
  const near = nearest(
    word,
    all.map(({ url }) => url),
  );
  const isNone = found === undefined;
  throw new CommandError({
    id: isNone ? 'not_found' : 'ambiguous',
    message: isNone ? `${app} has no hook ${shown(word)}.` : `${app} has several hooks ${shown(word)}.`,
    hint: isNone && near !== undefined ? `Did you mean ${near}?` : `The hooks of ${app}: aka hooks -a ${app}`,
    exit: isNone ? EXIT.notFound : EXIT.usage,
  });
}

export const HOOK_COLUMNS = ['HOOK', 'URL', 'EVENTS', 'STATE', 'WAITING', 'LAST CALL'];

/** A hook as a row. */
export function hookRow(out: Output, hook: Hook): Cell[] {
  return [
    hook.id,
    hook.url,
    hook.events.join(', '),
    stateCell(out, hook),
    hook.waiting ?? '',
    lastCall(out, hook),
  ];
}

/** A hook as facts. */
export function hookFacts(out: Output, hook: Hook): Facts {
  return [
    ['Hook', hook.id],
    ['URL', hook.url],
    ['Events', hook.events.join(', ')],
    ['State', stateCell(out, hook)],
    ...(hook.waiting === undefined ? [] : ([['Waiting', hook.waiting]] as const)),
    ...(hook.last_call === undefined ? [] : ([['Last call', lastCall(out, hook)]] as const)),
    ['Created', hook.created_at],
  ];
}

/** A hook, with its secret if that was made for it just now. */
export type MadeHook = Hook & { readonly secret?: string };

/** A hook as facts, with a secret that is shown this once. */
export function showMade(out: Output, { secret, ...hook }: MadeHook): void {
  out.facts([...hookFacts(out, hook), ...(secret === undefined ? [] : ([['Secret', secret]] as const))]);
  if (secret !== undefined) out.note('Keep the secret now: it is not shown again.');
}

function stateCell({ style }: Output, { active }: Hook): Cell {
  return active ? 'active' : { text: 'inactive', style: style.caution };
}

function lastCall(out: Output, { last_call: last }: Hook): Cell {
  if (last == null) return 'never';
  const { status, event, code, problem, at } = last;
  const text = `${event} ${statusText(status)}${code === null ? '' : ` (${code})`} ${momentCell(out, at)}`;
  return styled(out, status, problem === null ? text : `${text}: ${problem}`);
}

/** Known by how it went. */
export function callCell(out: Output, { last_attempt: { status }, num_attempts: tries }: HookResult): Cell {
  return styled(out, status, statusText(status, tries));
}

/** `pending` says little of a call, which may have been tried already. */
function statusText(status: string, tries = 1): string {
  if (status !== 'pending') return status;
  return tries === 0 ? 'waits' : 'not taken yet';
}

function styled({ style }: Output, status: string, text: string): Cell {
  if (status === 'failed') return { text, style: style.bad };
  return status === 'pending' ? { text, style: style.caution } : text;
}

/** Why a call is not over, or came to nothing, in a few words. */
export function whyCall({
  last_attempt: { status },
  num_attempts: tries,
  next_at: next,
  attempts,
}: HookResult): string {
  if (status === 'succeeded') return '';
  if (status === 'failed' && tries === 0) return 'given up before it was tried';
  const problem = attempts?.at(-1)?.problem ?? '';
  const again = next == null || tries === 0 ? '' : `tried again at ${next}`;
  return [problem, again].filter((text) => text !== '').join(' ');
}

/** A call with what was said and answered. */
export function callFacts(result: HookResult): Facts {
  const { id, event, last_attempt: last, num_attempts: tries, created_at: created } = result;
  const { request, response } = last;
  const why = whyCall(result);
  const body = textOf(response.body);
  return [
    ['Call', id],
    ...(event === undefined ? [] : ([['Event', event]] as const)),
    ['Created', created],
    ['URL', request.url],
    ['Said', textOf(request.body)],
    [
      'Signature',
      textOf(request.headers?.['x-akkeris-signature-256'] ?? request.headers?.['x-akkeris-signature']),
    ],
    ['Status', statusText(last.status, tries)],
    ['Tries', tries],
    ...(response.code === null ? [] : ([['Code', response.code]] as const)),
    ...(why === '' ? [] : ([['Why', why]] as const)),
    ...(body === '' ? [] : ([['Answer', body]] as const)),
  ];
}

function textOf(body: unknown): string {
  if (body === undefined || body === null) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}
