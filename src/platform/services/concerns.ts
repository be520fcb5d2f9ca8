import type { Concern } from '../../contract/wire.js';
import { WEB } from '../../model/formation.js';
import { isMailReady, SET_UP_MAIL } from '../../model/mail.js';
import type { FormationRecord } from '../store/formations.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';

/** Fewer web dynos than these, and an app is away while one of them is started anew. */
const WEB_DYNOS_LEAST = 2;
/** So many apps of a space are told of by name. */
const APPS_NAMED = 5;

/**
 * What about spaces is not as their compliance would have it, and can be known without trying. Reads only once what they
 * have in common.
 */
export function spaceConcerns(store: Store): (space: SpaceRecord) => Concern[] {
  const isMailed = isMailReady(store.settings.all());
  const isSeparate = areSpacesSeparate(store);
  return (space) => [
    ...(space.compliance.includes('socs') && !isMailed ? [notMailed(space)] : []),
    ...(space.compliance.includes('prod') ? availability(store, space) : []),
    ...(space.compliance.includes('internal') && !isSeparate ? [notSeparate(space)] : []),
  ];
}

/** The same of a process type. */
export function concernsOfFormation(
  app: { readonly name: string },
  { compliance, name: space }: SpaceRecord,
  { type, quantity }: Pick<FormationRecord, 'type' | 'quantity'>,
): Concern[] {
  if (!compliance.includes('prod') || type !== WEB || quantity >= WEB_DYNOS_LEAST) return [];
  const key = `${app.name}-${space}`;
  const count = quantity === 0 ? 'no web dyno' : 'one web dyno only';
  return [
    {
      compliance: 'prod',
      problem: `${key} has ${count}, so it is not highly available`,
      remedy: `aka ps:update ${WEB} -q ${WEB_DYNOS_LEAST} -a ${key}`,
    },
  ];
}

function notMailed({ name }: SpaceRecord): Concern {
  return {
    compliance: 'socs',
    problem: `The digests of space ${name} can't be mailed to administrators, because no mail server is set`,
    remedy: SET_UP_MAIL,
  };
}

function availability(store: Store, space: SpaceRecord): Concern[] {
  const few = store.formations
    .below(space.name, WEB, WEB_DYNOS_LEAST)
    .flatMap(({ app, quantity }) => concernsOfFormation({ name: app }, space, { type: WEB, quantity }));
  const more = few.length - APPS_NAMED;
  return [
    {
      compliance: 'prod',
      problem:
        'All its dynos are on one machine, which is not highly available: with the machine they are all gone',
    },
    ...few.slice(0, APPS_NAMED),
    ...(more > 0 ? [{ compliance: 'prod', problem: `So it is with ${more} more of its apps` }] : []),
  ];
}

/** Whether the network keeps the apps of other spaces on this machine away. */
function areSpacesSeparate({ settings, meta }: Store): boolean {
  const lacks = settings.notEnforced?.some(({ promise }) => promise === 'isolation');
  return meta.networkMode !== 'loopback' && lacks !== true;
}

function notSeparate({ name }: SpaceRecord): Concern {
  return {
    compliance: 'internal',
    problem: `Space ${name} is internal by the router alone: apps of other spaces on this machine can reach its apps`,
    remedy: 'aka platform:doctor',
  };
}
