import type { AppsApi, CallOptions } from '../../contract/apps-api.js';
import { AppsApiError, ChangeMade, conflict, notFound } from '../../contract/errors.js';
import type { Space } from '../../contract/wire.js';
import { checkStackFor, parseCompliance } from '../../model/compliance.js';
import { AKKERIS_APP_KEY_MAX, checkRoomForApps } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { shown } from '../../model/rule.js';
import { isMissing, ruled, SEVERAL } from './faults.js';

type Wanted = Parameters<AppsApi['spaces']['create']>[0];

/** What creating a space needs of an installation. */
interface Place {
  readonly api: AppsApi;
  readonly at: string;
  /** Why a space is not found by its name. */
  readonly missing: (name: string) => Promise<AppsApiError>;
}

/**
 * Creates a space on an Akkeris installation, which checks after the fact and leaves behind what went wrong. So all that it
 * would trip over is looked up before anything is sent; and what it says afterwards is not believed but looked at.
 *
 * Throws an AppsApiError: 422 for a name that leaves no room for apps, 409 for one that is taken or a stack that does not
 * go with the compliance, 404 for an unknown stack; and whatever became of a request that failed, with the truth of what
 * is there now.
 */
export async function createSpace(
  place: Place,
  wanted: Wanted,
  { options, found }: { options: CallOptions | undefined; found: Promise<Space> },
): Promise<Space> {
  const { name } = wanted;
  ruled(() => checkRoomForApps(name, AKKERIS_APP_KEY_MAX));
  await checkFree(place, name, found);
  await checkStack(place, wanted);
  const created = await place.api.spaces.create(wanted, options).catch(async (error: unknown) => {
    // What was made is looked at anyway.
    if (error instanceof ChangeMade) return error;
    throw await whatBecame(place, name, error);
  });
  // Somebody else may have created one of that name meanwhile: it would have been let through.
  return place.api.spaces.get({ space: name }).catch(async (error: unknown) => {
    const why = isMissing(error) ? await place.missing(name).catch(() => undefined) : undefined;
    if (why?.id === SEVERAL) throw why;
    if (!(created instanceof ChangeMade)) return created;
    // A page of something in between may look like success.
    throw why === undefined ? created : await whatBecame(place, name, noSuccess(created));
  });
}

/** The error for an answer that told of success, where nothing was made. */
function noSuccess({ message }: ChangeMade): AppsApiError {
  const said = message.replace(/^The change was made/, 'Success was answered');
  return new AppsApiError({ id: 'bad_answer', status: 502, message: said });
}

async function checkFree({ missing }: Place, name: string, found: Promise<Space>): Promise<void> {
  const existing = await found.catch(async (error: unknown) => {
    if (!isMissing(error)) throw error;
    const why = await missing(name);
    if (why.id === SEVERAL) throw why;
    return undefined;
  });
  if (existing === undefined) return;
  throw conflict('exists', `Space ${existing.name} exists already.`, `Show it: aka spaces:info ${name}`);
}

/** Where no stack is named, only the installation knows which one it would take. */
async function checkStack({ api }: Place, { stack: key, compliance }: Wanted): Promise<void> {
  if (key === undefined) return;
  const [stacks, regions] = await Promise.all([api.stacks.list(), api.regions.list()]);
  const stack = stacks.find(({ id, name }) => id === key || name === key);
  if (stack === undefined) {
    const names = stacks.map(({ name }) => name);
    throw notFound('stack', key, nearest(key, names), 'Every stack: aka stacks');
  }
  const region = regions.find(({ id }) => id === stack.region.id);
  ruled(() =>
    checkStackFor(parseCompliance(compliance ?? []), {
      name: stack.name,
      state: stack.state,
      region: { name: stack.region.name, internalCapable: region?.private_capable ?? true },
    }),
  );
}

/** What to tell of a request that failed: whether it left a space behind. */
async function whatBecame({ api, at, missing }: Place, name: string, failure: unknown): Promise<unknown> {
  if (!(failure instanceof AppsApiError) || (failure.status > 0 && failure.status < 500)) return failure;
  const { id, status, message, details } = failure;
  // Without an answer the error says itself that it isn't known what was done.
  const said = message.replace(/ Whether it was done is not known\.$/, '');
  const facts = { id, status, details };
  let left: Space;
  try {
    left = await api.spaces.get({ space: name });
  } catch (error) {
    if (!isMissing(error)) return failure;
    const why = await missing(name).catch(() => undefined);
    if (why === undefined) return failure;
    if (why.id === SEVERAL) return why;
    // Whoever gave up waiting for it, here or in between, does not end it: it is checked for long before it is there.
    if (said !== message || status === 502 || status === 504) {
      return new AppsApiError({
        ...facts,
        message: `${said} No space ${name} is there so far, and it may still be made.`,
        hint: `Look again before you ask for it once more, or there are two of that name: aka spaces:info ${name}`,
      });
    }
    return new AppsApiError({
      ...facts,
      message: `${said} No space ${name} was created: it is not there.`,
      hint: failure.hint?.startsWith('Try again') === true ? failure.hint : 'It can be tried again.',
    });
  }
  const compliance = left.compliance.join(',') || 'none';
  // The controller says itself that its cluster failed; what else fails says nothing of what it did.
  if (status !== 500 && status !== 503) {
    return new AppsApiError({
      ...facts,
      message: `${said} Space ${name} is there now, with compliance ${shown(compliance)}; whether all of it was made is not known.`,
      hint: `Look at it: aka spaces:check ${name}`,
    });
  }
  return new AppsApiError({
    ...facts,
    details: { ...details, space_id: left.id },
    id: 'half_created',
    message: `${at} answered ${JSON.stringify(said)}, and left space ${name} behind half-created: it is listed, with compliance ${shown(compliance)}, but the cluster behind it failed to make it.`,
    hint: `It can't be used, created again or removed by its API. Ask an administrator of ${at} to remove it from its database, or choose another name.`,
  });
}
