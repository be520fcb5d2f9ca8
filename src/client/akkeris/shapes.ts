import type { Endpoint } from '../../contract/endpoints.js';
import { notFound } from '../../contract/errors.js';
import { given } from '../../model/given.js';
import { isId } from '../../model/names.js';

/*
 * The answers of an Akkeris installation as the Apps API has them. It leaves out members that ours has, names apps in three
 * ways, and answers some changes with something else than what was changed. Everything behind this reads one form only.
 */

type Members = Readonly<Record<string, unknown>>;
/** Returns what an answer is in our form; `input` is what was asked for. */
type Shape = (answer: Members, input: Members) => unknown;

/**
 * Returns an answer of an Akkeris installation in the form that the Apps API has for it. What is not known is returned as
 * it came.
 *
 * Throws an AppsApiError where a success says that nothing was there to be changed.
 */
export function shaped(
  { method, path }: Pick<Endpoint, 'method' | 'path'>,
  answer: unknown,
  input: Members,
): unknown {
  const shape = SHAPES[`${method} ${path}`];
  return shape === undefined ? answer : shape(answer, input);
}

const SHAPES: Readonly<Record<string, (answer: unknown, input: Members) => unknown>> = {
  'GET /sizes': each(size),
  'GET /apps/{app}/formation': (answer, input) => byType(each(formation)(answer, input)),
  'POST /apps/{app}/formation': one(formation),
  'GET /apps/{app}/formation/{type}': one(formation),
  'PATCH /apps/{app}/formation': each(formation),
  'PATCH /apps/{app}/formation/{type}': one(formation),
  'DELETE /apps/{app}/formation/{type}': removedFormation,
  'GET /apps/{app}/dynos': each(dyno),
  // Which ones are restarted, it does not say.
  'DELETE /apps/{app}/dynos': () => [],
  'DELETE /apps/{app}/dynos/{dyno}': () => [],
  'GET /apps/{app}/builds': each(build),
  'POST /apps/{app}/builds': one(build),
  'GET /apps/{app}/builds/{build}': one(build),
  'DELETE /apps/{app}/builds/{build}': stoppedBuild,
  'GET /apps/{app}/builds/{build}/result': one(buildResult),
  'GET /slugs/{slug}': one(build),
  'GET /apps/{app}/releases': each(release),
  'POST /apps/{app}/releases': one(release),
  'GET /apps/{app}/releases/{release}': one(release),
  'GET /apps/{app}/releases/{release}/statuses': one(statuses),
  'GET /pipelines/{pipeline}/pipeline-couplings': each(coupling),
  'GET /pipeline-couplings': each(coupling),
  // The only one of an app stands by itself.
  'GET /apps/{app}/pipeline-couplings': (answer, input) =>
    (Array.isArray(answer) ? each(coupling) : one(coupling))(answer, input),
  'POST /pipeline-couplings': one(coupling),
  'GET /pipeline-couplings/{coupling}': one(coupling),
  'PATCH /pipeline-couplings/{coupling}': one(coupling),
  'DELETE /pipeline-couplings/{coupling}': one(removedCoupling),
  'POST /pipeline-promotions': one(promotion),
  'GET /apps/{app}/addon-attachments': each(attachment),
  'POST /addon-attachments': one(attachment),
  'DELETE /addon-attachments/{attachment}': one(attachment),
  'GET /apps/{app}/addon-attachments/{attachment}': one(attachment),
};

/** Memory is a text such as `256Mi` there. */
function size(answer: Members): unknown {
  const limits = membersOf(membersOf(answer.resources).limits);
  return { ...answer, ...given({ memory: bytesIn(limits.memory), prod: isProd(answer.name) }) };
}

const BYTES: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

function bytesIn(text: unknown): number | undefined {
  const [, count, unit = ''] = /^(\d+)(Ki|Mi|Gi)$/.exec(textOf(text)) ?? [];
  const bytes = BYTES[unit];
  return bytes === undefined ? undefined : Number(count) * bytes;
}

function isProd(name: unknown): boolean | undefined {
  return typeof name === 'string' ? name.endsWith('-prod') : undefined;
}

/** `app.name` is the simple name, the key, or absent. A removed health check is answered as it was. */
function formation(answer: Members, input: Members): unknown {
  const isRemoved = input.removeHealthcheck === true;
  return { ...answer, app: appOf(answer, input), ...(isRemoved && { healthcheck: null }) };
}

function typeOf(row: unknown): string {
  return textOf(membersOf(row).type);
}

/** The newest is first there. */
function byType(formations: unknown): unknown {
  if (!Array.isArray(formations)) return formations;
  return formations.toSorted((a, b) => (typeOf(a) < typeOf(b) ? -1 : 1));
}

/** A removal is answered with rows of the database: none if there was no such type. */
function removedFormation(answer: unknown, input: Members): unknown {
  if (!Array.isArray(answer)) return answer;
  const row = membersOf(answer[0]);
  if (answer.length === 0) {
    throw notFound(
      'process type',
      textOf(input.type),
      undefined,
      `Every type: aka ps -a ${textOf(input.app)}`,
    );
  }
  const { formation: id, app, created, updated, ...rest } = row;
  return { ...rest, id, app: appOf({ app: { id: app } }, input), created_at: created, updated_at: updated };
}

/** Its name lacks the type, without which no dyno is found by it. */
function dyno(answer: Members, input: Members): unknown {
  const { name, type, state, ready } = answer;
  return {
    ...answer,
    app: appOf(answer, input),
    name: textOf(name).includes('.') ? name : `${textOf(type)}.${textOf(name)}`,
    state: state === 'running' ? (ready === false ? 'starting' : 'up') : state,
  };
}

/** The number is that of its slug, a text, and 0 before there is one. */
function build(answer: Members, input: Members): unknown {
  const number = Number(membersOf(answer.slug).number);
  return { ...answer, app: appOf(answer, input), ...(number > 0 && { number }) };
}

/** Only that it failed is said, and not even that to every client. */
function stoppedBuild(answer: unknown, input: Members): unknown {
  const app = { id: input.app, name: input.app };
  return { id: input.build, app, status: 'failed', created_at: '', updated_at: '', ...membersOf(answer) };
}

function buildResult(answer: Members, input: Members): unknown {
  return { ...answer, build: { id: input.build, ...membersOf(answer.build) } };
}

/** A slug has the id of its build. `current` is null while the only release is pending. */
function release(answer: Members): unknown {
  const { slug, current, created_at: created } = answer;
  const { id } = membersOf(slug);
  return {
    updated_at: created,
    ...answer,
    current: current ?? false,
    ...(typeof id === 'string' && { build: { id } }),
  };
}

function statuses(answer: Members): unknown {
  return isMembers(answer.release) ? { ...answer, release: release(answer.release) } : answer;
}

/** Of an app that was never released every member of the release is null; after a POST there is none. */
function coupling(answer: Members): unknown {
  const it = membersOf(answer.release);
  if (typeof it.id !== 'string') return { ...answer, release: null };
  const { sha } = membersOf(membersOf(it.build).commit);
  return { ...answer, release: { ...it, ...(typeof sha === 'string' && sha !== '' && { commit: sha }) } };
}

/** Its pipeline is answered, with the times of the coupling. */
function removedCoupling({ id, name, ...times }: Members, input: Members): unknown {
  return { ...times, id: input.coupling, pipeline: { id, name }, app: { id: '' }, stage: '' };
}

/** The source has a simple name, and a space without an id. */
function promotion(answer: Members): unknown {
  const { app, space, ...source } = membersOf(answer.source);
  const { id, name } = membersOf(app);
  const key = typeof name === 'string' && isMembers(space) ? `${name}-${textOf(space.name)}` : name;
  return { ...answer, source: { ...source, app: { id, ...given({ name: key }) } } };
}

/** The addon has no name there: most often it is that of its attachment. In lists its app has no id; its key finds it, too. */
function attachment(answer: Members): unknown {
  const addon = membersOf(answer.addon);
  const app = isMembers(addon.app) ? { id: addon.app.name, ...addon.app } : null;
  return { ...answer, addon: { name: answer.name, ...addon, app } };
}

/** An app by its key: the one that was asked for, unless that is an id, and the answer says more. */
function appOf(answer: Members, { app: asked }: Members): unknown {
  const app = membersOf(answer.app);
  const key = typeof asked === 'string' && !isId(asked) ? asked : undefined;
  return { ...app, name: key ?? app.name ?? app.id };
}

function one(shape: Shape): (answer: unknown, input: Members) => unknown {
  return (answer, input) => (isMembers(answer) ? shape(answer, input) : answer);
}

function each(shape: Shape): (answer: unknown, input: Members) => unknown {
  return (answer, input) => (Array.isArray(answer) ? answer.map((item) => one(shape)(item, input)) : answer);
}

/** What is shown of a member that is to be a text. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): Members {
  return isMembers(value) ? value : {};
}
