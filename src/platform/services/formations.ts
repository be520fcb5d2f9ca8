import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { FormationUpdate } from '../../contract/wire.js';
import {
  checkCommand,
  checkHealthcheck,
  checkPort,
  checkQuantity,
  parseProcessType,
  WEB,
} from '../../model/formation.js';
import { appKey } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { RuleError } from '../../model/rule.js';
import { parseSize, sizeIn } from '../../model/sizes.js';
import type { AppRecord } from '../store/apps.js';
import type { FormationRecord } from '../store/formations.js';
import type { SpaceRecord } from '../store/spaces.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import { checkFitsHere } from './capacity.js';
import { showFormation } from './formation-view.js';
import { hideSecrets } from './redaction.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

type Wanted = Partial<Pick<FormationRecord, 'command' | 'quantity' | 'size' | 'port' | 'healthcheck'>>;

/** The process types of apps: how many dynos of each there are to be, and how they run. */
export function formationsService(session: Session): AppsApi['formations'] {
  const { store } = session;
  /** Changes a process type, within a change; answers it, and what the log tells of that. */
  const updated = (app: AppRecord, { type, ...members }: Members & { readonly type: string }, at: string) => {
    const before = formationFor(store, app, type);
    const space = spaceFor(store, app.space);
    const wanted = parseWanted(before.type, members, space);
    if (wanted.size !== undefined) checkFitsHere(store, parseSize(wanted.size));
    const after = { ...before, ...wanted, updatedAt: at };
    store.formations.update(after);
    return {
      formation: showFormation(store, app, space, after),
      details: { type: before.type, ...told(store, app, wanted) },
    };
  };
  return {
    list: async ({ app: key }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        const space = spaceFor(store, app.space);
        return store.formations.of(app.id).map((each) => showFormation(store, app, space, each));
      }),

    get: async ({ app: key, type }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return showFormation(store, app, spaceFor(store, app.space), formationFor(store, app, type));
      }),

    async create({ app: key, type: given, ...members }, options) {
      const input = { key, given, members };
      return changeApp(session, key, { action: 'formation.create', input, options }, (draft, app) => {
        const type = parseProcessType(given);
        const space = spaceFor(store, app.space);
        const wanted = parseWanted(type, members, space);
        if (store.formations.find(app.id, type) !== undefined) throw exists(app, type);
        if (wanted.size !== undefined) checkFitsHere(store, parseSize(wanted.size));
        const formation = { ...formationOf(app, space, type, draft.at), ...wanted };
        store.formations.insert(formation);
        draft.details = { type, ...told(store, app, formation) };
        return showFormation(store, app, space, formation);
      });
    },

    async update({ app: key, type, ...members }) {
      const input = { key, type, members };
      return changeApp(session, key, { action: 'formation.update', input }, (draft, app) => {
        const { formation, details } = updated(app, { type, ...members }, draft.at);
        draft.details = details;
        return formation;
      });
    },

    async batch({ app: key, changes }) {
      const input = { key, changes };
      return changeApp(session, key, { action: 'formation.update', input }, (draft, app) => {
        const types = changes.map(({ type }) => type.toLowerCase());
        const twice = types.find((type, index) => types.indexOf(type) !== index);
        if (twice !== undefined) throw saidTwice(twice);
        const [first, ...rest] = changes.map((each) => updated(app, each, draft.at));
        draft.details = first?.details ?? {};
        for (const { details } of rest)
          draft.also.push({ about: { app: app.name, space: app.space }, details });
        return [first, ...rest].flatMap((each) => (each === undefined ? [] : [each.formation]));
      });
    },

    async destroy({ app: key, type }) {
      return changeApp(session, key, { action: 'formation.destroy', input: { key, type } }, (draft, app) => {
        const formation = formationFor(store, app, type);
        store.formations.remove(formation.id);
        draft.details = { type: formation.type };
        return showFormation(store, app, spaceFor(store, app.space), formation);
      });
    },
  };
}

/**
 * Gives an app the process types of a slug that it doesn't have yet: one dyno of `web`, or of the only type there is;
 * the others are there to be scaled. Answers the new ones. Called within a change.
 */
export function adoptProcessTypes(
  store: Store,
  app: AppRecord,
  types: readonly string[],
  at: string,
): FormationRecord[] {
  const space = spaceFor(store, app.space);
  const known = new Set(store.formations.of(app.id).map(({ type }) => type));
  const fresh = types.filter((type) => !known.has(type));
  return fresh.map((type) => {
    const starts = type === WEB || (types.length === 1 && known.size === 0);
    const formation = { ...formationOf(app, space, type, at), quantity: starts ? 1 : 0 };
    store.formations.insert(formation);
    return formation;
  });
}

function formationOf(app: AppRecord, { compliance }: SpaceRecord, type: string, at: string): FormationRecord {
  return {
    id: randomUUID(),
    app: app.id,
    type,
    command: null,
    quantity: 1,
    size: sizeIn(compliance).name,
    port: null,
    healthcheck: null,
    createdAt: at,
    updatedAt: at,
  };
}

type Members = Omit<ReturnType<typeof FormationUpdate.parse>, 'app' | 'type'>;

/** What of a formation somebody wants to be so; the rest stays. Throws a RuleError. */
function parseWanted(type: string, members: Members, { compliance }: SpaceRecord): Wanted {
  const { quantity, size, port } = members;
  const command = removed('command', members.command, members['remove-command']);
  const healthcheck = removed('healthcheck', members.healthcheck, members.removeHealthcheck);
  if (typeof command === 'string') checkCommand(command);
  if (quantity !== undefined) checkQuantity(quantity);
  if (typeof port === 'number') checkPort(port);
  if (typeof healthcheck === 'string') checkHealthcheck(healthcheck);
  const removes = members.removeHealthcheck === true;
  if (type !== WEB && (typeof port === 'number' || typeof healthcheck === 'string' || removes)) {
    throw new RuleError(
      'no_traffic',
      `A ${type} dyno gets no traffic, so it has no port and no health check.`,
      'Only web dynos do.',
    );
  }
  return {
    ...(command !== undefined && { command }),
    ...(quantity !== undefined && { quantity }),
    ...(size !== undefined && { size: sizeIn(compliance, size).name }),
    ...(port !== undefined && { port }),
    ...(healthcheck !== undefined && { healthcheck }),
  };
}

/** What is wanted of a member that can also be taken away by another one. Throws a RuleError if both are said. */
function removed(
  member: string,
  value: string | null | undefined,
  remove: boolean | undefined,
): string | null | undefined {
  if (remove !== true) return value;
  if (typeof value !== 'string') return null;
  throw new RuleError(
    'removed_and_set',
    `The ${member} can't be set and removed at once.`,
    'Say one of the two.',
  );
}

/** As the audit log shows it: secrets in a command are redacted. */
function told(
  store: Store,
  app: AppRecord,
  { command, quantity, size, port, healthcheck }: Wanted,
): Record<string, unknown> {
  const hidden = (text: string | null): string | null => text && hideSecrets(store, app.id, text);
  return {
    ...(command !== undefined && { command: hidden(command) }),
    ...(quantity !== undefined && { quantity }),
    ...(size !== undefined && { size }),
    ...(port !== undefined && { port }),
    ...(healthcheck !== undefined && { healthcheck: hidden(healthcheck) }),
  };
}

function formationFor(store: Store, app: AppRecord, type: string): FormationRecord {
  const found = store.formations.find(app.id, type.toLowerCase());
  if (found !== undefined) return found;
  const types = store.formations.of(app.id).map((each) => each.type);
  const key = appKey(app.name, app.space);
  throw notFound(
    'process type',
    type,
    nearest(type.toLowerCase(), types),
    types.length === 0 ? `${key} has none yet; a build brings them.` : `${key} has ${types.join(', ')}.`,
  );
}

function saidTwice(type: string): RuleError {
  return new RuleError(
    'type_twice',
    `${type} is to be changed twice at once, and which of the two counts can't be known.`,
    'Say each process type once.',
  );
}

function exists(app: AppRecord, type: string) {
  const key = appKey(app.name, app.space);
  return conflict('exists', `${key} has ${type} already.`, `Change it: aka ps:update ${type} -a ${key}`);
}
