import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { conflict, notFound } from '../../contract/errors.js';
import type { AddonAttachment } from '../../contract/wire.js';
import { checkPrefix, lackingIn, planNamed, prefixOf, varOf } from '../../model/addons.js';
import type { Compliance } from '../../model/compliance.js';
import { checkConfigName } from '../../model/config-vars.js';
import { appKey } from '../../model/names.js';
import type { AppRecord } from '../store/apps.js';
import type { AttachmentRecord, CredentialRecord } from '../store/credentials.js';
import type { Store } from '../store/store.js';
import { appOf, changeApp } from './apps.js';
import type { Draft } from './change.js';
import { checkMayLoadCode } from './code-vars.js';
import { checkVarsFit } from './config-vars.js';
import { checkMayHandOut, credentialOf, ownerOf, reference } from './credentials.js';
import { checkMayDelete } from './policy.js';
import { releaseConfig } from './releases.js';
import type { Session } from './session.js';
import { spaceFor } from './spaces.js';

/** So many apps a credential: all of them are released in one transaction when it is rotated. */
const APPS_MAX = 200;

/** Which apps get which credentials, and as which vars. */
export function attachmentsService(session: Session): AppsApi['addonAttachments'] {
  const { store } = session;
  return {
    list: async ({ app: key }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return store.credentials.attachmentsOf(app.id).map((each) => show(store, app, each));
      }),

    get: async ({ app: key, attachment }) =>
      store.db.snapshot(() => {
        const app = appOf(session, key);
        return show(store, app, attachmentFor(store, app, attachment));
      }),

    async create({ app: key, addon, name }, options) {
      const input = { key, addon, name };
      return changeApp(session, key, { action: 'credential.attach', input, options }, (draft, app) => {
        const credential = credentialOf(session, addon);
        checkMayHandOut(session, credential);
        return show(store, app, attach(session, draft, credential, app, name ?? undefined));
      });
    },

    async destroy({ app: key, attachment }) {
      const input = { key, attachment };
      return changeApp(session, key, { action: 'credential.detach', input }, (draft, app) => {
        const found = attachmentFor(store, app, attachment);
        const before = show(store, app, found);
        const { compliance } = spaceFor(store, app.space);
        checkMayDelete(session.caller, `App ${appKey(app.name, app.space)}`, compliance);
        draft.details = { credential: before.addon.name, vars: before.config_vars };
        checkMayLoadCode(session, app, before.config_vars ?? []);
        draft.details.release = detach(session, draft, app, found);
        return before;
      });
    },
  };
}

/**
 * Gives a credential to an app, under names that begin with `prefix`, and releases the app. Throws a RuleError or an
 * AppsApiError: 409 if the compliance of its space does not allow it, or a name is taken.
 */
export function attach(
  session: Session,
  draft: Draft,
  credential: CredentialRecord,
  app: AppRecord,
  prefix = prefixOf(credential.name),
): AttachmentRecord {
  const { store, caller } = session;
  const { credentials } = store;
  checkPrefix(prefix);
  checkCompliance(store, credential, app);
  const others = credentials.attachmentsTo(credential.id);
  if (others.some((each) => each.app === app.id)) throw attachedAlready(credential, app);
  if (others.length >= APPS_MAX) throw tooManyApps(credential, others.length);
  const names = credentials.keysOf(credential.id).map((name) => varOf(prefix, name));
  for (const name of names) checkFree(store, app, name);
  checkMayLoadCode(session, app, names);
  const record = { id: randomUUID(), credential: credential.id, app: app.id, prefix, createdAt: draft.at };
  credentials.attach(record);
  checkVarsFit(store, app);
  const release = releaseConfig(store, app, {
    description: `Attached ${credential.name}`,
    user: caller.name,
    at: draft.at,
  });
  draft.details = {
    ...draft.details,
    credential: credential.name,
    plan: credential.plan,
    vars: names,
    release: release.version,
  };
  return record;
}

/** Takes a credential from an app, and releases the app; answers the version of that. */
export function detach(
  { store, caller }: Session,
  draft: Draft,
  app: AppRecord,
  from: AttachmentRecord,
): number {
  const { name = '' } = store.credentials.find(from.credential) ?? {};
  store.credentials.detach(from.id);
  return releaseConfig(store, app, { description: `Detached ${name}`, user: caller.name, at: draft.at })
    .version;
}

/** Throws an AppsApiError (409) if the space of an app lacks a compliance that a credential requires. */
function checkCompliance(store: Store, credential: CredentialRecord, app: AppRecord): void {
  const { name: space, compliance } = spaceFor(store, app.space);
  const lacking = lackingIn(compliance, credential.requires);
  if (lacking.length === 0) return;
  throw conflict(
    'compliance_required',
    `Credential ${credential.name} can't go to app ${appKey(app.name, app.space)}: ${ruleOf(store, credential, compliance)}, and space ${space} is not ${lacking.join(' and ')}.`,
    'Create another one for apps like that: aka credentials:create NAME --level general KEY=-',
    { credential: credential.name, requires: credential.requires, space, lacking },
  );
}

/** What it is about a credential that a space with this compliance can't have: its plan, else whose it is. */
function ruleOf(store: Store, credential: CredentialRecord, compliance: readonly Compliance[]): string {
  const required = planNamed(credential.plan)?.compliance ?? [];
  const owner = ownerOf(store, credential);
  if (owner === undefined || lackingIn(compliance, required).length > 0) {
    return `plan ${credential.plan} is for ${required.join(' and ')} spaces only`;
  }
  const whose = spaceFor(store, owner.space);
  return `it belongs to app ${appKey(owner.name, owner.space)}, whose space is ${whose.compliance.join(' and ')}`;
}

/** Throws if a var of this name can't come from a credential, or comes from somewhere else already. */
function checkFree(store: Store, app: AppRecord, name: string): void {
  checkConfigName(name);
  const key = appKey(app.name, app.space);
  const other = store.credentials.originsOf(app.id).get(name);
  if (other !== undefined) {
    throw conflict(
      'var_taken',
      `${key} gets ${name} from credential ${other} already.`,
      'Choose what the names of its vars begin with: --as PREFIX',
      { name, credential: other },
    );
  }
  if (store.configVars.has(app.id, name)) {
    throw conflict(
      'var_taken',
      `${name} is a config var of ${key} already.`,
      `Remove it (aka config:unset ${name} -a ${key}), or choose what the names begin with: --as PREFIX`,
      { name },
    );
  }
}

/** An attachment by its id, or by the name or id of what is attached. */
function attachmentFor(store: Store, app: AppRecord, key: string): AttachmentRecord {
  const credential = store.credentials.find(key.toLowerCase())?.id;
  const found = store.credentials
    .attachmentsOf(app.id)
    .find((each) => each.id === key.toLowerCase() || each.credential === credential);
  if (found !== undefined) return found;
  const name = appKey(app.name, app.space);
  throw notFound('attachment', key, undefined, `What ${name} gets: aka credentials -a ${name}`);
}

function show(store: Store, app: AppRecord, attachment: AttachmentRecord): AddonAttachment {
  const credential = store.credentials.find(attachment.credential);
  if (credential === undefined) throw new Error('An attachment has no credential.');
  const owner = ownerOf(store, credential);
  return {
    id: attachment.id,
    name: attachment.prefix,
    addon: {
      id: credential.id,
      name: credential.name,
      app: owner === undefined ? null : reference(owner),
      plan: { id: planNamed(credential.plan)?.id ?? credential.plan, name: credential.plan },
    },
    app: reference(app),
    config_vars: store.credentials.keysOf(credential.id).map((key) => varOf(attachment.prefix, key)),
    created_at: attachment.createdAt,
    updated_at: attachment.createdAt,
  };
}

function attachedAlready({ name }: CredentialRecord, app: AppRecord) {
  const key = appKey(app.name, app.space);
  return conflict(
    'attached',
    `${key} gets credential ${name} already.`,
    `Under other names: aka credentials:detach ${name} -a ${key}, and attach it again`,
  );
}

function tooManyApps({ name }: CredentialRecord, count: number) {
  return conflict(
    'too_many_apps',
    `Credential ${name} is attached to ${count} apps already.`,
    'Create another one for more of them.',
  );
}
