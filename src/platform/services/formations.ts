import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { FormationUpdate } from '../../contract/wire.js';
import {
  checkCommand,
  checkGrace,
  checkHealthcheck,
  checkPort,
  checkQuantity,
  notScaled,
  parseProcessType,
  RELEASE,
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
import type { Draft } from './change.js';
import { checkCommands } from './command-changes.js';
import { showFormation } from './formation-view.js';
import { formationOf } from './process-types.js';
import { hideSecrets } from './redaction.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

type Wanted = Partial<
  Pick<FormationRecord, 'command' | 'quantity' | 'size' | 'port' | 'healthcheck' | 'grace'>
>;

/** The process types of apps: how many dynos of each there are to be, and how they run. */
export function formationsService(session: Session): AppsApi['formations'] {
  const { store } = session;
  /** Changes process types, within a change; in a socs space new commands wait for the checks of a build. */
  const updateAll = (
    draft: Draft,
    app: AppRecord,
    changes: readonly (Members & { readonly type: string })[],
  ) => {
    const space = spaceFor(store, app.space);
    const commands: Record<string, string> = {};
    const updated = changes.map(({ type, ...members }) => {
      const before = formationFor(store, app, type);
      const wanted = parseWanted(before.type, members, space);
      if (wanted.size !== undefined) checkFitsHere(store, parseSize(wanted.size));
      const now = withoutChecked(before, wanted, space, commands);
      store.formations.update({ ...before, ...now, updatedAt: draft.at });
      return { type: before.type, ...told(store, app, wanted) };
    });
    const build = checkAll(draft, app, commands);
    const [first, ...rest] = updated.map((details) => ({
      ...details,
      ...(details.type in commands && { waits_for_build: build }),
    }));
    draft.details = first ?? {};
    for (const details of rest) draft.also.push({ about: { app: app.name, space: app.space }, details });
    return updated.map(({ type }) => showFormation(store, app, space, formationFor(store, app, type)));
  };
  /** Returns the number of the build that new commands wait for; undefined if there are none. */
  const checkAll = (draft: Draft, app: AppRecord, commands: Readonly<Record<string, string>>) =>
    Object.keys(commands).length === 0
      ? undefined
      : checkCommands(store, app, commands, { user: session.caller.name, at: draft.at }).number;
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
        const fresh = formationOf(app, space, type, draft.at);
        const commands: Record<string, string> = {};
        const formation = { ...fresh, ...withoutChecked(fresh, wanted, space, commands) };
        store.formations.insert(formation);
        const build = checkAll(draft, app, commands);
        draft.details = {
          type,
          ...told(store, app, { ...formation, ...wanted }),
          ...(build !== undefined && { waits_for_build: build }),
        };
        return showFormation(store, app, space, formation);
      });
    },

    async update({ app: key, type, ...members }) {
      const input = { key, type, members };
      return changeApp(session, key, { action: 'formation.update', input }, (draft, app) => {
        // As on Akkeris: clients set the port or the command of web before anything is built.
        if (type.toLowerCase() === WEB && store.formations.of(app.id).length === 0)
          store.formations.insert(formationOf(app, spaceFor(store, app.space), WEB, draft.at));
        const [formation] = updateAll(draft, app, [{ type, ...members }]);
        if (formation === undefined) throw new TypeError('A process type was changed and not shown.');
        return formation;
      });
    },

    async batch({ app: key, changes }) {
      const input = { key, changes };
      return changeApp(session, key, { action: 'formation.update', input }, (draft, app) => {
        const types = changes.map(({ type }) => type.toLowerCase());
        const twice = types.find((type, index) => types.indexOf(type) !== index);
        if (twice !== undefined) throw saidTwice(twice);
        return updateAll(draft, app, changes);
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

type Members = Omit<ReturnType<typeof FormationUpdate.parse>, 'app' | 'type'>;

/** What of a formation somebody wants to be so; the rest stays. Throws a RuleError. */
function parseWanted(type: string, members: Members, { compliance }: SpaceRecord): Wanted {
  const { quantity, size, port, grace } = members;
  const command = removed('command', members.command, members['remove-command']);
  const healthcheck = removed('healthcheck', members.healthcheck, members.removeHealthcheck);
  if (typeof command === 'string') checkCommand(command);
  if (quantity !== undefined) checkQuantity(quantity);
  if (typeof port === 'number') checkPort(port);
  if (typeof grace === 'number') checkGrace(grace);
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
    ...(grace !== undefined && { grace }),
  };
}

/**
 * What of a process type changes at once. In a socs space that is not a new command, which goes into `commands`; the
 * command of the slug, which passed the checks, may always come back.
 */
function withoutChecked(
  before: FormationRecord,
  { command, ...rest }: Wanted,
  { compliance }: SpaceRecord,
  commands: Record<string, string>,
): Wanted {
  const isNew = typeof command === 'string' && command !== before.command;
  if (!isNew || !compliance.includes('socs')) return command === undefined ? rest : { ...rest, command };
  commands[before.type] = command;
  return rest;
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
  { command, quantity, size, port, healthcheck, grace }: Wanted,
): Record<string, unknown> {
  const hidden = (text: string | null): string | null => text && hideSecrets(store, app.id, text);
  return {
    ...(command !== undefined && { command: hidden(command) }),
    ...(quantity !== undefined && { quantity }),
    ...(size !== undefined && { size }),
    ...(port !== undefined && { port }),
    ...(healthcheck !== undefined && { healthcheck: hidden(healthcheck) }),
    ...(grace !== undefined && { grace }),
  };
}

function formationFor(store: Store, app: AppRecord, type: string): FormationRecord {
  const found = store.formations.find(app.id, type.toLowerCase());
  if (found !== undefined) return found;
  if (type.toLowerCase() === RELEASE) throw notScaled();
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
