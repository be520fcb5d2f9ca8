import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict } from '../../contract/errors.js';
import type { Stack } from '../../contract/wire.js';
import { RuleError } from '../../model/rule.js';
import { parseStackName } from '../../model/stacks.js';
import type { StackRecord } from '../store/catalog.js';
import type { Store } from '../store/store.js';
import { regionFor, stackFor } from './catalog.js';
import { change } from './change.js';
import { checkMayConfigure } from './policy.js';
import type { Session } from './session.js';

/** So many stacks there may be: each has a certificate of its own. */
const STACKS_MAX = 100;
/** So many of the spaces that are in the way are named. */
const NAMED = 10;

/**
 * The stacks of a platform. On this machine they are all served by one router, below one base domain; a stack is a label
 * in the domains of its apps, and says which spaces it is for.
 */
export function stacksService(session: Session): AppsApi['stacks'] {
  const { store, caller } = session;
  const checkMayDecide = (): void => checkMayConfigure(caller, 'decide which stacks there are');
  return {
    list: async () => store.db.snapshot(() => store.catalog.stacks().map((stack) => show(store, stack))),

    get: async ({ stack }) => store.db.snapshot(() => show(store, stackFor(store, stack))),

    async create({ name: wish, region: at, state = 'public', default: isDefault = false }, options) {
      const input = { wish, at, state, isDefault };
      return change(session, { action: 'stack.create', input, options }, (draft) => {
        checkMayDecide();
        const name = parseStackName(wish);
        if (at === undefined) throw regionMissing();
        const region = regionFor(store, at.id);
        if (store.catalog.stack(name) !== undefined) throw exists(name);
        if (store.catalog.stacks().length >= STACKS_MAX) throw tooMany();
        const stack: StackRecord = {
          id: randomUUID(),
          name,
          region: region.name,
          base: stackFor(store, undefined).base,
          state,
          isDefault,
          createdAt: draft.at,
          updatedAt: draft.at,
        };
        checkDefault(stack);
        if (isDefault) store.catalog.noDefaultStack();
        store.catalog.insertStack(stack);
        draft.details = { stack: name, region: region.name, state, default: isDefault };
        return show(store, stack);
      });
    },

    async update({ stack: key, state, default: isDefault, ...fixed }) {
      const input = { key, state, isDefault, ...fixed };
      return change(session, { action: 'stack.update', input }, (draft) => {
        checkMayDecide();
        const before = stackFor(store, key);
        draft.details = { stack: before.name };
        if (fixed.name !== undefined && fixed.name !== before.name) throw immutable(before, 'name');
        if (fixed.region !== undefined) throw immutable(before, 'region');
        if (isDefault === false && before.isDefault) throw needsDefault(before, 'stop being');
        const after: StackRecord = {
          ...before,
          state: state ?? before.state,
          isDefault: isDefault ?? before.isDefault,
          updatedAt: draft.at,
        };
        checkDefault(after);
        if (after.isDefault) store.catalog.noDefaultStack();
        store.catalog.updateStack(after);
        draft.details = { stack: after.name, state: after.state, default: after.isDefault };
        return show(store, after);
      });
    },

    async destroy({ stack: key }) {
      return change(session, { action: 'stack.destroy', input: { key } }, (draft) => {
        checkMayDecide();
        const stack = stackFor(store, key);
        draft.details = { stack: stack.name };
        if (stack.isDefault) throw needsDefault(stack, 'be destroyed while it is');
        const spaces = namesOf(store, stack.name);
        if (spaces.length > 0) throw inUse(stack, spaces);
        const before = show(store, stack);
        store.catalog.removeStack(stack.id);
        return before;
      });
    },
  };
}

/** The spaces on a stack, by name. */
function namesOf(store: Store, stack: string): string[] {
  return store.spaces.list({ compliance: [], stack }, '', -1).map(({ name }) => name);
}

function show(store: Store, stack: StackRecord): Stack {
  const region = regionFor(store, stack.region);
  return {
    created_at: stack.createdAt,
    default: stack.isDefault,
    id: stack.id,
    name: stack.name,
    region: { id: region.id, name: region.name },
    state: stack.state,
    updated_at: stack.updatedAt,
  };
}

/** Spaces for which nobody names a stack must find one that takes them. */
function checkDefault({ name, state, isDefault }: StackRecord): void {
  if (!isDefault || state !== 'deprecated') return;
  throw conflict(
    'deprecated_default',
    `Stack ${name} can't be the default and deprecated: spaces for which no stack is named could not be created.`,
    'Make another one the default first: aka stacks:update STACK --default',
  );
}

function regionMissing(): RuleError {
  return new RuleError(
    'region_missing',
    'A stack is in a region, and none is named.',
    'Every region: aka regions',
  );
}

function exists(name: string) {
  return conflict('exists', `There is a stack ${name} already.`, `Show it: aka stacks:info ${name}`, {
    stack: name,
  });
}

function tooMany() {
  return conflict(
    'too_many_stacks',
    `There are ${STACKS_MAX} stacks, which is as many as there may be.`,
    'Destroy those that no space is on: aka stacks',
  );
}

function immutable({ name }: StackRecord, member: 'name' | 'region') {
  return conflict(
    'immutable',
    `The ${member} of stack ${name} can't be changed: ${member === 'name' ? 'the domains of its apps are made of it' : 'its spaces were created for that region'}.`,
    'Create another stack.',
    { stack: name, member },
  );
}

function needsDefault({ name }: StackRecord, what: string) {
  return conflict(
    'default_stack',
    `Stack ${name} can't ${what} the default: there is always exactly one.`,
    'Make another one the default first: aka stacks:update STACK --default',
    { stack: name },
  );
}

function inUse({ name }: StackRecord, spaces: readonly string[]) {
  const more = spaces.length > NAMED ? ` and ${spaces.length - NAMED} more` : '';
  return conflict(
    'stack_in_use',
    `Stack ${name} still has ${spaces.length} space${spaces.length === 1 ? '' : 's'}: ${spaces.slice(0, NAMED).join(', ')}${more}.`,
    `New ones are kept away from it: aka stacks:update ${name} --state deprecated`,
    { stack: name, spaces: spaces.slice(0, NAMED), count: spaces.length },
  );
}
