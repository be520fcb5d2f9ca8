import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict } from '../../contract/errors.js';
import type { Region } from '../../contract/wire.js';
import { checkFreeText } from '../../model/free-text.js';
import { RuleError } from '../../model/rule.js';
import { parseRegionName } from '../../model/stacks.js';
import type { RegionRecord } from '../store/catalog.js';
import type { Store } from '../store/store.js';
import { regionFor } from './catalog.js';
import { change } from './change.js';
import { checkMayConfigure } from './policy.js';
import { redactedText } from './redaction.js';
import type { Session } from './session.js';

/** So many regions there may be. */
const REGIONS_MAX = 100;

type Facts = RegionRecord['facts'];
/** What somebody says of a region; what they leave out stays as it is. */
type Said = { readonly [Name in keyof Facts]?: Facts[Name] | undefined };

/** The regions of a platform. All of them are on this machine: they say what stacks are for, and nothing more. */
export function regionsService(session: Session): AppsApi['regions'] {
  const { store, caller } = session;
  const checkMayDecide = (): void => checkMayConfigure(caller, 'decide which regions there are');
  const told = ({ facts: { description, country, locale }, internalCapable }: RegionRecord) => ({
    ...Object.fromEntries(
      Object.entries({ description, country, locale }).map(([name, text]) => [
        name,
        redactedText(store, text),
      ]),
    ),
    private_capable: internalCapable,
  });
  return {
    list: async () => store.catalog.regions().map(show),

    get: async ({ region }) => show(regionFor(store, region)),

    async create({ name: wish, private_capable: internalCapable = false, ...said }, options) {
      const input = { wish, internalCapable, said };
      return change(session, { action: 'region.create', input, options }, (draft) => {
        checkMayDecide();
        const name = parseRegionName(wish);
        for (const member of ['description', 'country', 'locale'] as const) {
          if (said[member] === undefined) throw missing(member);
        }
        const facts = factsOf(said, {
          description: '',
          country: '',
          locale: '',
          high_availability: false,
          provider: { name: 'aka', region: name, availability_zones: [name] },
        });
        if (store.catalog.region(name) !== undefined) throw exists(name);
        if (store.catalog.regions().length >= REGIONS_MAX) throw tooMany();
        const region: RegionRecord = {
          id: randomUUID(),
          name,
          facts,
          internalCapable,
          createdAt: draft.at,
          updatedAt: draft.at,
        };
        store.catalog.insertRegion(region);
        draft.details = { region: name, ...told(region) };
        return show(region);
      });
    },

    async update({ region: key, name, private_capable: internalCapable, ...said }) {
      const input = { key, name, internalCapable, said };
      return change(session, { action: 'region.update', input }, (draft) => {
        checkMayDecide();
        const before = regionFor(store, key);
        draft.details = { region: before.name };
        if (name !== undefined && name !== before.name) throw immutable(before);
        const after: RegionRecord = {
          ...before,
          facts: factsOf(said, before.facts),
          internalCapable: internalCapable ?? before.internalCapable,
          updatedAt: draft.at,
        };
        const internal = after.internalCapable ? [] : internalSpaces(store, after);
        if (internal.length > 0) throw hasInternal(after, internal);
        store.catalog.updateRegion(after);
        draft.details = { region: after.name, ...told(after) };
        return show(after);
      });
    },

    async destroy({ region: key }) {
      return change(session, { action: 'region.destroy', input: { key } }, (draft) => {
        checkMayDecide();
        const region = regionFor(store, key);
        draft.details = { region: region.name };
        const stacks = store.catalog.stacks().filter((stack) => stack.region === region.name);
        if (stacks.length > 0) {
          throw inUse(
            region,
            stacks.map(({ name }) => name),
          );
        }
        store.catalog.removeRegion(region.id);
        return show(region);
      });
    },
  };
}

/** The internal spaces on the stacks of a region. */
function internalSpaces(store: Store, { name: region }: RegionRecord): string[] {
  return store.catalog
    .stacks()
    .filter((stack) => stack.region === region)
    .flatMap(({ name: stack }) => store.spaces.list({ compliance: ['internal'], stack }, '', -1))
    .map(({ name }) => name);
}

function show(region: RegionRecord): Region {
  return {
    ...region.facts,
    created_at: region.createdAt,
    id: region.id,
    name: region.name,
    private_capable: region.internalCapable,
    updated_at: region.updatedAt,
  };
}

/** What is known of a region with what is said of it now. Throws if it can't be true. */
function factsOf(said: Said, before: Facts): Facts {
  const { description, country, locale, provider } = said;
  for (const [name, text] of Object.entries({ description, country, locale })) {
    if (text !== undefined) checkFreeText(name, text);
  }
  for (const text of provider === undefined
    ? []
    : [provider.name, provider.region, ...provider.availability_zones]) {
    checkFreeText('provider', text);
  }
  return {
    description: description ?? before.description,
    country: country ?? before.country,
    locale: locale ?? before.locale,
    high_availability: before.high_availability,
    provider: provider ?? before.provider,
  };
}

function missing(member: string): RuleError {
  return new RuleError(
    'region_incomplete',
    `A region has a ${member}, and none is given.`,
    'It may be empty.',
  );
}

function exists(name: string) {
  return conflict('exists', `There is a region ${name} already.`, `Show it: aka regions:info ${name}`, {
    region: name,
  });
}

function tooMany() {
  return conflict(
    'too_many_regions',
    `There are ${REGIONS_MAX} regions, which is as many as there may be.`,
    'Destroy those that no stack is in: aka regions',
  );
}

function immutable({ name }: RegionRecord) {
  return conflict('immutable', `Region ${name} can't be renamed.`, 'Create another one.', { region: name });
}

function hasInternal({ name }: RegionRecord, spaces: readonly string[]) {
  const named = spaces.slice(0, 10);
  return conflict(
    'region_in_use',
    `Region ${name} has internal spaces, which need it to be capable of them: ${named.join(', ')}${spaces.length > named.length ? ` and ${spaces.length - named.length} more` : ''}.`,
    undefined,
    { region: name, spaces: named, count: spaces.length },
  );
}

function inUse({ name }: RegionRecord, stacks: readonly string[]) {
  return conflict(
    'region_in_use',
    `Region ${name} still has ${stacks.length === 1 ? 'the stack' : 'the stacks'} ${stacks.join(', ')}.`,
    'Destroy them first: aka stacks:destroy',
    { region: name, stacks },
  );
}
