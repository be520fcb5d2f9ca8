import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { type AppsApiError, conflict, notFound } from '../../contract/errors.js';
import {
  checkCredentialKeys,
  PLANS,
  type Plan,
  parseCredentialName,
  planNamed,
  requiredBy,
  varOf,
} from '../../model/addons.js';
import { checkConfigValue, valueOf } from '../../model/config-vars.js';
import { environmentBytes } from '../../model/discovery.js';
import { appKey } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { RuleError } from '../../model/rule.js';
import type { AppRecord } from '../store/apps.js';
import type { CredentialRecord } from '../store/credentials.js';
import { appOf, changeApp } from './apps.js';
import { attach, detach } from './attachments.js';
import { aboutApp, change, type Draft } from './change.js';
import { checkMayLoadCode } from './code-vars.js';
import { checkVarsFit } from './config-vars.js';
import {
  appsWith,
  checkMayKeep,
  credentialOf,
  inUse,
  maySee,
  ownerOf,
  showCredential,
  unknownCredential,
} from './credentials.js';
import { checkMayConfigure, checkMayDelete } from './policy.js';
import { releaseConfig } from './releases.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** So many credentials a platform. */
const CREDENTIALS_MAX = 1000;

type Vars = Readonly<Record<string, string>>;

/** Addons: credentials that apps share, whose values come out in the environment of dynos only. */
export function addonsService(session: Session): AppsApi['addons'] {
  const { store, caller } = session;
  const { credentials } = store;

  /** Creates one that belongs to an app, which gets it at once. */
  const createFor: AppsApi['addons']['createInApp'] = async (
    { app: key, plan, name, attachment, config = {} },
    options,
  ) => {
    const input = { key, plan, name, attachment, vars: credentials.digestOf(config) };
    return changeApp(session, key, { action: 'credential.create', input, options }, (draft, app) => {
      const found = planFor(plan);
      const called = name ?? attachment?.name?.replaceAll('_', '-');
      if (called === undefined) throw nameMissing();
      const record = insert(draft, { plan: found, name: called, config }, app);
      attach(session, draft, record, app, attachment?.name);
      return showCredential(session, record);
    });
  };

  function insert(
    draft: Draft,
    { plan, name: given, config }: { plan: Plan; name: string; config: Vars },
    owner: AppRecord | undefined,
  ): CredentialRecord {
    const name = parseCredentialName(given);
    checkVars(config);
    if (credentials.find(name) !== undefined) throw exists(name);
    if (credentials.count() >= CREDENTIALS_MAX) throw tooMany();
    const compliance = owner && spaceFor(store, owner.space).compliance;
    const record: CredentialRecord = {
      id: randomUUID(),
      name,
      plan: plan.name,
      owner: owner?.id ?? null,
      requires: requiredBy(plan.compliance, compliance),
      createdAt: draft.at,
      updatedAt: draft.at,
    };
    credentials.insert(record, config);
    // The names of its vars, never a value.
    draft.details = { id: record.id, credential: name, plan: plan.name, vars: Object.keys(config) };
    return record;
  }

  /** Says in the record which app a credential belongs to. */
  function about(draft: Draft, credential: CredentialRecord): void {
    const owner = ownerOf(store, credential);
    if (owner !== undefined) aboutApp(draft, owner);
  }

  return {
    list: async () =>
      store.db.snapshot(() =>
        credentials
          .list()
          .filter((each) => maySee(session, each))
          .map((each) => showCredential(session, each)),
      ),

    get: async ({ addon }) => store.db.snapshot(() => showCredential(session, credentialOf(session, addon))),

    async create({ plan, name, config, app }, options) {
      if (app !== undefined) return createFor({ app, plan, name, config }, options);
      const input = { plan, name, vars: credentials.digestOf(config) };
      return change(session, { action: 'credential.create', input, options }, (draft) => {
        checkMayConfigure(caller, 'create credentials of the platform');
        return showCredential(session, insert(draft, { plan: planFor(plan), name, config }, undefined));
      });
    },

    async update({ addon: key, config }) {
      const input = { key, vars: credentials.digestOf(config) };
      return change(session, { action: 'credential.rotate', input }, (draft) => {
        const credential = credentialOf(session, key);
        about(draft, credential);
        checkMayKeep(session, credential, 'rotate');
        checkVars(config);
        const before = credentials.valuesOf(credential.id);
        for (const name of Object.keys(config)) {
          // A slip of the pen would leave the old value in force.
          if (valueOf(before, name) === undefined) throw noSuchVar(credential, name, Object.keys(before));
        }
        credentials.setVars(credential.id, config, draft.at);
        const longer = environmentBytes({ ...before, ...config }) > environmentBytes(before);
        const changed = Object.entries(config).some(([name, value]) => valueOf(before, name) !== value);
        // What was so before is nothing to start anew for.
        const released = changed ? appsWith(store, credential) : [];
        for (const app of released) {
          // What is no longer than before fits as before: nothing keeps a stolen secret in force.
          if (longer) checkVarsFit(store, app);
          const { prefix = '' } =
            credentials.attachmentsTo(credential.id).find((each) => each.app === app.id) ?? {};
          checkMayLoadCode(
            session,
            app,
            Object.keys(config).map((name) => varOf(prefix, name)),
          );
          const facts = { description: `Rotated ${credential.name}`, user: caller.name, at: draft.at };
          const { version } = releaseConfig(store, app, facts);
          draft.also.push({
            about: { app: app.name, space: app.space },
            details: { credential: credential.name, release: version },
          });
        }
        draft.details = { credential: credential.name, vars: Object.keys(config), released: released.length };
        return showCredential(session, credentialOf(session, credential.id));
      });
    },

    async destroy({ addon: key }) {
      return change(session, { action: 'credential.destroy', input: { key } }, (draft) => {
        const credential = credentialOf(session, key);
        about(draft, credential);
        checkMayKeep(session, credential, 'destroy');
        checkMayDestroy(session, credential);
        const apps = appsWith(store, credential);
        if (apps.length > 0) throw inUse(session, credential, apps);
        const before = showCredential(session, credential);
        credentials.remove(credential.id);
        draft.details = { id: credential.id, credential: credential.name };
        return before;
      });
    },

    inApp: async ({ app }) =>
      store.db.snapshot(() =>
        credentials.ownedBy(appOf(session, app).id).map((each) => showCredential(session, each)),
      ),

    createInApp: createFor,

    getInApp: async ({ app: key, addon }) =>
      store.db.snapshot(() => showCredential(session, ownedFor(session, appOf(session, key), addon))),

    async destroyInApp({ app: key, addon }) {
      const input = { key, addon };
      return changeApp(session, key, { action: 'credential.destroy', input }, (draft, app) => {
        const credential = ownedFor(session, app, addon);
        checkMayDestroy(session, credential);
        const others = appsWith(store, credential).filter(({ id }) => id !== app.id);
        if (others.length > 0) throw inUse(session, credential, others);
        const before = showCredential(session, credential);
        draft.details = { id: credential.id, credential: credential.name };
        const [own] = credentials.attachmentsTo(credential.id);
        if (own !== undefined) draft.details.release = detach(session, draft, app, own);
        credentials.remove(credential.id);
        return before;
      });
    },
  };
}

/** The plan with this name or id. */
function planFor(key: string): Plan {
  const plan = planNamed(key.toLowerCase());
  if (plan !== undefined) return plan;
  const names = PLANS.map(({ name }) => name);
  throw notFound('plan', key, nearest(key, names), `There are ${names.join(' and ')}.`);
}

function checkVars(vars: Vars): void {
  checkCredentialKeys(Object.keys(vars));
  for (const [name, value] of Object.entries(vars)) checkConfigValue(name, value);
}

function checkMayDestroy({ store, caller }: Session, credential: CredentialRecord): void {
  const owner = ownerOf(store, credential);
  if (owner === undefined) return;
  const { compliance } = spaceFor(store, owner.space);
  checkMayDelete(
    caller,
    `App ${appKey(owner.name, owner.space)} of credential ${credential.name}`,
    compliance,
  );
}

/** The credential with this name or id, if it belongs to that app. */
function ownedFor(session: Session, app: AppRecord, key: string): CredentialRecord {
  const found = session.store.credentials.find(key.toLowerCase());
  if (found?.owner === app.id) return found;
  const name = appKey(app.name, app.space);
  throw unknownCredential(session, key, `Those that belong to ${name}: aka credentials -a ${name}`);
}

function nameMissing(): RuleError {
  return new RuleError(
    'name_missing',
    'A credential needs a name.',
    'Say what it is for: payments, mail-relay.',
  );
}

function exists(name: string): AppsApiError {
  return conflict('exists', `Credential ${name} exists already.`, `Show it: aka credentials:info ${name}`, {
    name,
  });
}

function tooMany(): AppsApiError {
  return conflict(
    'too_many_credentials',
    `This platform has ${CREDENTIALS_MAX} credentials already.`,
    'Destroy one that is no longer needed: aka credentials',
  );
}

function noSuchVar({ name }: CredentialRecord, key: string, keys: readonly string[]): AppsApiError {
  const near = nearest(key, keys);
  return conflict(
    'no_such_var',
    `Credential ${name} has no var ${key} that could get a new value.`,
    near === undefined ? `It has ${keys.join(', ')}.` : `Did you mean ${near}?`,
    { name, vars: keys },
  );
}
