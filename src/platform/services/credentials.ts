import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { Addon } from '../../contract/wire.js';
import { CREDENTIALS, planNamed } from '../../model/addons.js';
import { appKey } from '../../model/names.js';
import { nearest } from '../../model/nearest.js';
import { REDACTED } from '../../model/redaction.js';
import { shown } from '../../model/rule.js';
import type { AppRecord } from '../store/apps.js';
import type { CredentialRecord } from '../store/credentials.js';
import type { Store } from '../store/store.js';
import { checkMayConfigure, checkMayUse, mayUse, mayUseAll } from './policy.js';
import type { Session } from './session.js';

/** So many apps are told by name. */
const NAMED = 10;

/** The app that a credential was created for; undefined for one of the platform. */
export function ownerOf(store: Store, { owner }: CredentialRecord): AppRecord | undefined {
  return owner === null ? undefined : store.apps.byId(owner);
}

/** The apps that get a credential, in the order in which it was attached to them. */
export function appsWith(store: Store, { id }: CredentialRecord): AppRecord[] {
  return store.credentials.attachmentsTo(id).flatMap(({ app }) => store.apps.byId(app) ?? []);
}

/** Whether a credential is shown to somebody: the platform's, their apps', and what their apps get. */
export function maySee({ store, caller }: Session, credential: CredentialRecord): boolean {
  if (mayUseAll(caller)) return true;
  const owner = ownerOf(store, credential);
  if (owner === undefined || mayUse(caller, owner.space)) return true;
  return appsWith(store, credential).some(({ space }) => mayUse(caller, space));
}

/** The credential that somebody named. Throws an AppsApiError (404) also if it isn't shown to them: nor is its name. */
export function credentialOf(session: Session, key: string): CredentialRecord {
  const found = session.store.credentials.find(key.toLowerCase());
  if (found === undefined || !maySee(session, found)) throw unknownCredential(session, key);
  return found;
}

/** Refuses to let somebody give a credential to apps that belongs to an app in none of their spaces. */
export function checkMayHandOut({ store, caller }: Session, credential: CredentialRecord): void {
  const owner = ownerOf(store, credential);
  if (owner !== undefined) checkMayUse(caller, owner.space);
}

/** Refuses to let somebody change a credential: those of the platform are the administrators'. */
export function checkMayKeep(session: Session, credential: CredentialRecord, deed: string): void {
  if (credential.owner === null) checkMayConfigure(session.caller, `${deed} credentials of the platform`);
  else checkMayHandOut(session, credential);
}

/** A credential as it is shown: the names of its vars, never a value. */
export function showCredential(session: Session, credential: CredentialRecord): Addon {
  const { store, caller } = session;
  const owner = ownerOf(store, credential);
  return {
    id: credential.id,
    name: credential.name,
    addon_service: { id: CREDENTIALS.id, name: CREDENTIALS.name },
    plan: { id: planNamed(credential.plan)?.id ?? credential.plan, name: credential.plan },
    app: owner === undefined ? null : reference(owner),
    compliance: [...credential.requires],
    config_vars: Object.fromEntries(store.credentials.keysOf(credential.id).map((key) => [key, REDACTED])),
    attached_to: store.credentials.attachmentsTo(credential.id).flatMap(({ app: id, prefix }) => {
      const app = store.apps.byId(id);
      return app === undefined || !mayUse(caller, app.space)
        ? []
        : [{ ...reference(app), owner: app.id === credential.owner, prefix }];
    }),
    provider_id: 'aka',
    state: 'provisioned',
    created_at: credential.createdAt,
    updated_at: credential.updatedAt,
  };
}

/** An app as what refers to it shows it. */
export function reference({ id, name, space }: AppRecord): { id: string; name: string } {
  return { id, name: appKey(name, space) };
}

/** Its noun for programs is that of the API; people know it as what it is. */
export function unknownCredential(session: Session, key: string, hint = 'Every one: aka credentials') {
  const names = session.store.credentials
    .list()
    .filter((each) => maySee(session, each))
    .map(({ name }) => name);
  const { id, status, hint: next, details } = notFound('addon', key, nearest(key, names), hint);
  return new AppsApiError({
    id,
    status,
    message: `There is no credential ${shown(key)}.`,
    hint: next,
    details,
  });
}

/** Refuses what would take a credential from apps that get it, naming those that the caller may see. */
export function inUse(
  { caller }: Session,
  { name }: CredentialRecord,
  apps: readonly AppRecord[],
): AppsApiError {
  const keys = apps.filter(({ space }) => mayUse(caller, space)).map((app) => reference(app).name);
  const unseen = apps.length - keys.length;
  const those = [
    ...keys.slice(0, NAMED),
    ...(keys.length > NAMED ? [`${keys.length - NAMED} more`] : []),
    ...(unseen > 0 ? [`${unseen} of other spaces`] : []),
  ];
  return conflict(
    'credential_in_use',
    `Credential ${name} is attached to ${those.join(', ')}.`,
    keys[0] === undefined
      ? 'Ask an administrator of this platform.'
      : `Take it away first: aka credentials:detach ${name} -a ${keys[0]}`,
    { credential: name, apps: keys, count: apps.length },
  );
}

/**
 * Forgets the credentials that belong to an app, which is about to go. Throws an AppsApiError (409) if another app
 * gets one of them. Answers their names.
 */
export function forsake(session: Session, app: AppRecord): string[] {
  const { credentials } = session.store;
  return credentials.ownedBy(app.id).map((credential) => {
    const others = appsWith(session.store, credential).filter(({ id }) => id !== app.id);
    if (others.length > 0) throw inUse(session, credential, others);
    for (const { id } of credentials.attachmentsTo(credential.id)) credentials.detach(id);
    credentials.remove(credential.id);
    return credential.name;
  });
}
