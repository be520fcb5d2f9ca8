import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { Space } from '../../contract/wire.js';
import {
  BLOCKS_PER_SPACE,
  blocksOf,
  DYNO_HOSTS,
  type Network,
  networkCidr,
  networkOf,
  networkSize,
} from '../../model/addresses.js';
import { checkCompliance, checkStackFor, FOR_EVER, parseCompliance } from '../../model/compliance.js';
import { checkFreeText } from '../../model/free-text.js';
import { DEFAULT_SPACE, isId, parseSpaceName, type SpaceName } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { shown } from '../../model/rule.js';
import type { Caller } from '../caller.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { regionFor, stackFor } from './catalog.js';
import { change, type Draft, type Operation } from './change.js';
import { spaceConcerns } from './concerns.js';
import { beginDigests, digestStates } from './digest-state.js';
import { discoveryOf } from './discovery.js';
import { cursorAfter, page, readCursor } from './pages.js';
import { checkMayDecideSpaces, checkMayDelete, checkMayUse, mayUse } from './policy.js';
import { hideSecretsOfSpace } from './redaction.js';
import { remembered } from './remembered.js';
import type { Session } from './session.js';
import { webUrls } from './web-urls.js';

/** The space with this name or id. Whoever is named `caller` is told nothing of spaces that aren't theirs. */
export function spaceFor(store: Store, key: string, caller?: Caller): SpaceRecord {
  const space = store.spaces.find(key.toLowerCase());
  if (space !== undefined) return space;
  const names = store.spaces.names().filter((name) => caller === undefined || mayUse(caller, name));
  throw notFound('space', key, nearest(key, names), 'Every space: aka spaces');
}

/** The space that somebody named. Throws an AppsApiError also if it is none of theirs (403). */
export function spaceOf({ store, caller }: Session, key: string): SpaceRecord {
  // Before it is looked for: whether another's space is there is not told, either.
  if (!isId(key)) checkMayUse(caller, key.toLowerCase());
  const space = spaceFor(store, key, caller);
  checkMayUse(caller, space.name, `space ${shown(key)}`);
  return space;
}

/**
 * A change of a space that is there, named by its name or its id. Its record names the space, also when it is refused.
 * Throws what {@link change} throws, and an AppsApiError if there is no such space (404) or it is none of theirs (403).
 */
export function changeSpace<R>(
  session: Session,
  key: string,
  operation: Omit<Operation, 'about'>,
  work: (draft: Draft, space: SpaceRecord) => R,
): R {
  return change(session, { ...operation, about: { space: key } }, (draft) => {
    const space = spaceOf(session, key);
    draft.about.space = space.name;
    return work(draft, space);
  });
}

/** Spaces: their rules, their blocks of addresses, and what becomes of them. */
export function spacesService(session: Session): Omit<AppsApi['spaces'], 'topology' | 'check'> {
  const { store } = session;
  return {
    async list({ compliance, stack, limit, cursor } = {}) {
      const wanted = compliance === undefined ? [] : parseCompliance([compliance]);
      const [after = ''] = readCursor(cursor, 1);
      return store.db.snapshot(() => {
        const named = stack === undefined ? undefined : stackFor(store, stack).name;
        return page(
          limit,
          (atMost) =>
            store.spaces.list(
              { compliance: wanted, stack: named, among: session.caller.spaces },
              after,
              atMost,
            ),
          showSpaces(session),
          (space) => cursorAfter(space.name),
        );
      });
    },

    async create(input, options) {
      const about = { space: input.name.toLowerCase() };
      return change(session, { action: 'space.create', input, about, options }, (draft) => {
        checkMayDecideSpaces(session.caller, 'create spaces');
        const name = parseSpaceName(input.name);
        const compliance = checkCompliance(input.compliance ?? []);
        checkFreeText('description', input.description ?? '');
        const stack = stackFor(store, input.stack);
        const region = regionFor(store, stack.region);
        checkStackFor(compliance, {
          name: stack.name,
          state: stack.state,
          region: { name: region.name, internalCapable: region.internalCapable },
        });
        if (store.spaces.find(name) !== undefined) throw spaceExists(name);
        const space: SpaceRecord = {
          id: randomUUID(),
          name,
          compliance,
          stack: stack.name,
          description: input.description ?? '',
          createdAt: draft.at,
          updatedAt: draft.at,
        };
        store.spaces.insert(space);
        giveNetwork(store, name);
        beginDigests(store, space);
        draft.details = { id: space.id, compliance: space.compliance, stack: space.stack };
        return showSpaces(session)(space);
      });
    },

    get: async ({ space }) => store.db.snapshot(() => showSpaces(session)(spaceOf(session, space))),

    async update({ space: key, ...changes }) {
      return changeSpace(
        session,
        key,
        { action: 'space.update', input: { key, ...changes } },
        (draft, space) => {
          const fixed = (['compliance', 'name', 'stack'] as const).find(
            (member) => changes[member] !== undefined,
          );
          if (fixed !== undefined) throw immutable(space, fixed);
          checkFreeText('description', changes.description ?? '');
          if (changes.description !== undefined) {
            const hidden = hideSecretsOfSpace(store, space.name, changes.description);
            // Where config is redacted, so is what repeats it.
            const kept = space.compliance.includes('socs') ? hidden : changes.description;
            store.spaces.describe(space.name, kept, draft.at);
            draft.details = { description: hidden };
          }
          return showSpaces(session)(spaceFor(store, space.name));
        },
      );
    },

    async destroy({ space: key }) {
      return changeSpace(session, key, { action: 'space.destroy', input: { key } }, (draft, space) => {
        checkMayDecideSpaces(session.caller, 'destroy spaces');
        checkMayDelete(session.caller, `Space ${space.name}`, space.compliance);
        if (space.name === DEFAULT_SPACE) {
          throw conflict(
            'default_space',
            `Space ${DEFAULT_SPACE} is always there.`,
            'Its apps can be destroyed.',
          );
        }
        const apps = store.apps.inSpace(space.name, '', 10).map((app) => app.name);
        if (apps.length > 0) throw spaceInUse(space.name, apps, store.apps.countIn(space.name));
        const before = showSpaces(session)(space);
        store.spaces.remove(space.name);
        store.digests.end(space.id, draft.at);
        draft.details = { id: space.id, compliance: space.compliance };
        return before;
      });
    },

    discovery: async ({ space }) => store.db.snapshot(() => discoveryOf(store, spaceOf(session, space))),
  };
}

/** Gives a new space its subnet: as large as one can be, or as the pool has. Refuses if no block is left. */
function giveNetwork(store: Store, space: SpaceName): void {
  const { pool } = store.meta;
  for (let count = networkSize(pool, store.blocks.taken()); count >= 1; count /= 2) {
    const first = store.blocks.freeRun(pool.blocks, count);
    if (first === undefined) continue;
    for (const block of blocksOf({ first, count })) store.blocks.give(block, space);
    return;
  }
  throw poolExhausted(store);
}

/**
 * Gives each space the largest subnet that it can have: in place, or elsewhere, beside the blocks in which its apps keep
 * their addresses. To be called within a transaction while no dyno runs, since dynos don't change theirs.
 */
export function growNetworks(store: Store): void {
  const { pool } = store.meta;
  let taken = store.blocks.taken();
  for (const space of store.spaces.names() as SpaceName[]) {
    const own = store.blocks.of(space);
    const before = networkOf(own);
    for (let count = networkSize(pool, taken); count > before.count; count /= 2) {
      const inPlace = before.first - (before.first % count);
      const first = store.blocks.isFreeFor(space, inPlace, count)
        ? inPlace
        : store.blocks.freeRun(pool.blocks, count);
      if (first === undefined) continue;
      for (const block of blocksOf({ first, count }))
        if (!own.includes(block)) store.blocks.give(block, space);
      taken += count;
      break;
    }
    const { first, count } = networkOf(store.blocks.of(space));
    store.blocks.giveBack(space, first, count);
  }
}

/**
 * Gives a space one more block, for addresses of apps. Refuses if it has as many as a bridge carries, or none is left.
 */
export function giveBlock(store: Store, space: SpaceName): number {
  if (store.blocks.of(space).length >= BLOCKS_PER_SPACE) {
    throw conflict(
      'space_full',
      `Space ${space} has all the ${BLOCKS_PER_SPACE} blocks of addresses that a space can have.`,
      'Create a second space for further apps.',
    );
  }
  const block = store.blocks.free(store.meta.pool.blocks);
  if (block === undefined) throw poolExhausted(store);
  store.blocks.give(block, space);
  return block;
}

/** The refusal of a dyno for which the subnet of its space has no address. */
export function subnetFull(store: Store, space: SpaceName, network: Network): AppsApiError {
  const cidr = networkCidr(network, store.meta.pool);
  const full = `All ${network.count * (DYNO_HOSTS.last - DYNO_HOSTS.first + 1)} addresses for dynos in ${cidr}, the subnet of space ${space}, are taken`;
  return network.count === BLOCKS_PER_SPACE
    ? conflict('space_full', `${full}: no space has more.`, 'Create a second space for further apps.')
    : conflict(
        'space_full',
        `${full}, and it can't grow while dynos run.`,
        'Let it grow, if the pool has room: aka platform:stop, then aka platform:start',
      );
}

function poolExhausted(store: Store): AppsApiError {
  return conflict(
    'pool_exhausted',
    `All ${store.meta.pool.blocks} blocks of the platform's address pool are taken.`,
    'Destroy a space that is no longer needed; its addresses are returned.',
  );
}

/** Shows spaces, looking up only once what several have in common. */
export function showSpaces({
  store,
  caller,
}: Pick<Session, 'store' | 'caller'>): (space: SpaceRecord) => Space {
  const stackOf = remembered((name) => stackFor(store, name));
  const regionOf = remembered((name) => regionFor(store, name));
  const { networkMode: mode, pool } = store.meta;
  const { notEnforced } = store.settings;
  const urlOf = webUrls(store);
  const digestsOf = digestStates(store, caller);
  const concernsOf = spaceConcerns(store);
  return (space) => {
    const digests = digestsOf(space);
    const stack = stackOf(space.stack);
    const region = regionOf(stack.region);
    return {
      compliance: [...space.compliance],
      created_at: space.createdAt,
      description: space.description,
      id: space.id,
      name: space.name,
      region: { id: region.id, name: region.name },
      stack: { id: stack.id, name: stack.name },
      state: 'allocated',
      apps: store.apps.countIn(space.name),
      domain: urlOf('[app]', space),
      network: {
        mode,
        subnets: [networkCidr(networkOf(store.blocks.of(space.name)), pool)],
        ...(notEnforced !== undefined && { not_enforced: notEnforced.map((each) => ({ ...each })) }),
      },
      concerns: concernsOf(space),
      ...(digests !== undefined && { digests }),
      updated_at: space.updatedAt,
    };
  };
}

function spaceExists(name: string): AppsApiError {
  return conflict('exists', `Space ${name} exists already.`, `Show it: aka spaces:info ${name}`, {
    space: name,
  });
}

function spaceInUse(name: string, apps: string[], count: number): AppsApiError {
  const more = count > apps.length ? ` and ${count - apps.length} more` : '';
  return conflict(
    'space_in_use',
    `Space ${name} still has ${count} app${count === 1 ? '' : 's'}: ${apps.join(', ')}${more}.`,
    `Destroy them first: aka apps:destroy -a ${apps[0]}-${name} --confirm ${apps[0]}-${name}`,
    { space: name, apps, count },
  );
}

function immutable(space: SpaceRecord, member: string): AppsApiError {
  return conflict(
    'immutable',
    member === 'compliance'
      ? `The compliance of space ${space.name} can't be changed. ${FOR_EVER}`
      : `The ${member} of space ${space.name} can't be changed.`,
    'Create another space, create its apps there, copy their config, and destroy the old ones.',
    { space: space.name, member },
  );
}
