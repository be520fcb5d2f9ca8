import { randomUUID } from 'node:crypto';
import type { SpacePromise } from '../../contract/wire.js';
import { lackingIn, planNamed, requiredBy } from '../../model/addons.js';
import { COMPLIANCES, type Compliance } from '../../model/compliance.js';
import type { AuditRecord } from '../audit/chain.js';
import { auditsService } from '../services/audits.js';
import { spaceConcerns } from '../services/concerns.js';
import { ownerOf } from '../services/credentials.js';
import type { Session } from '../services/session.js';
import { spaceFor } from '../services/spaces.js';
import type { AppRecord } from '../store/apps.js';
import type { CredentialRecord } from '../store/credentials.js';
import type { SpaceRecord } from '../store/spaces.js';
import { tryDigests } from './digests.js';
import { broken, kept, named, nothing } from './verdict.js';

/** What the trigger says that lets no compliance be changed, and the one that lets no build go before its checks. */
const NO_CHANGE = /never change/;
const NO_BUILD = /waits for its checks/;

/** What a space promises that its records tell. */
export function tryRecords(session: Session, space: SpaceRecord): SpacePromise[] {
  return [
    tryCompliance(session, space),
    tryCredentials(session, space),
    ...tryChecks(session, space),
    ...tryDigests(session, space),
    ...tryAvailability(session, space),
  ];
}

/** That the audit chain is whole. */
export async function tryAudit(session: Session): Promise<SpacePromise> {
  const { ok, records, broken: at } = await auditsService(session).verify();
  return ok
    ? kept('audit', `all ${records} records follow from each other`)
    : broken('audit', `record ${at?.seq} does not fit: ${at?.reason}`, 'aka audits:verify');
}

/**
 * That the compliance of a space is the one it was created with, and that the database lets nobody change it: an attempt
 * is made in a transaction that is undone in any case.
 */
function tryCompliance({ store }: Session, space: SpaceRecord): SpacePromise {
  const stored = space.compliance.join(',') || 'none';
  const created = store.audit
    .ofSpaceAt(space.name, space.createdAt)
    .map(({ record }) => JSON.parse(record) as AuditRecord)
    .find(({ action, details }) => action === 'space.create' && details.id === space.id);
  const { compliance } = created?.details ?? {};
  const recorded = Array.isArray(compliance) ? compliance.join(',') || 'none' : undefined;
  if (recorded !== undefined && recorded !== stored) {
    return broken(
      'compliance',
      `it is ${stored}, and was created as ${recorded}`,
      `aka audits --space ${space.name}`,
    );
  }
  const other = COMPLIANCES.find((each) => !space.compliance.includes(each)) ?? '';
  const because = refusedBy(
    () =>
      store.db.transaction(() => {
        store.db.run('UPDATE spaces SET compliance = ? WHERE id = ?', other, space.id);
        throw new Accepted();
      }),
    NO_CHANGE,
  );
  return because === undefined
    ? broken('compliance', `${stored}; the database would let it be changed`, 'aka platform:doctor')
    : kept('compliance', `${stored}; the database refuses a change: ${because}`);
}

/** That no failure of a single thing takes an app away: one machine can't hold that, and says so. */
function tryAvailability({ store }: Session, space: SpaceRecord): SpacePromise[] {
  const concerns = spaceConcerns(store)(space).filter(({ compliance }) => compliance === 'prod');
  if (concerns.length === 0) return [];
  const hint = concerns.find(({ remedy }) => remedy !== undefined)?.remedy;
  const evidence = concerns.map(({ problem }) => problem).join('; ');
  return [{ promise: 'availability', state: 'not_enforced', evidence, ...(hint !== undefined && { hint }) }];
}

/**
 * That the apps of a space get no credential that requires what it lacks: what is required is worked out anew from the
 * plan of each, and from the space of the app it belongs to.
 */
export function tryCredentials({ store }: Session, space: SpaceRecord): SpacePromise {
  return store.db.snapshot(() => {
    const attached = store.apps.inSpace(space.name).flatMap((app) =>
      store.credentials.attachmentsOf(app.id).flatMap(({ credential: id }) => {
        const credential = store.credentials.find(id);
        return credential === undefined ? [] : [{ app, credential }];
      }),
    );
    if (attached.length === 0) return nothing('credentials', 'no app of the space has a credential');
    const misplaced = attached.flatMap(({ app, credential }) => {
      const lacking = lackingIn(space.compliance, requirementOf(store, credential));
      return lacking.length === 0
        ? []
        : [`${credential.name} of ${app.name}, which is for ${lacking.join(' and ')}`];
    });
    if (misplaced.length > 0) {
      return broken('credentials', named(misplaced), `aka spaces:info ${space.name}`);
    }
    const production = attached.filter(({ credential }) => credential.requires.includes('prod')).length;
    return kept(
      'credentials',
      `${attached.length} attached, ${production} of them for production: the space has all that they require`,
    );
  });
}

function requirementOf(store: Session['store'], credential: CredentialRecord): Compliance[] {
  const owner = ownerOf(store, credential);
  const plan = planNamed(credential.plan)?.compliance ?? credential.requires;
  return requiredBy(plan, owner && spaceFor(store, owner.space).compliance);
}

/**
 * That what the apps of a socs space run came of builds which passed their checks, and that the database lets no build
 * begin without: an attempt is made in a transaction that is undone in any case. Other spaces promise nothing.
 */
export function tryChecks({ store, now }: Session, space: SpaceRecord): SpacePromise[] {
  if (!space.compliance.includes('socs')) return [];
  const apps = store.apps.inSpace(space.name);
  const running = apps.flatMap((app) => {
    const newest = [store.releases.newest(app.id), store.releases.newest(app.id, 'succeeded')];
    return newest.flatMap((release) =>
      release?.slug == null ? [] : [{ app, version: release.version, slug: release.slug }],
    );
  });
  const unchecked = running.filter(({ app, slug }) => !store.buildChecks.hasPassed(app.id, slug));
  const [first, app] = [unchecked[0]?.app ?? apps[0], apps[0]];
  if (first === undefined || app === undefined) return [nothing('checks', 'it has no apps')];
  if (unchecked.length > 0) {
    const names = new Set(unchecked.map(({ app: { name }, version }) => `${name} v${version}`));
    const evidence = `never checked: ${named([...names])}`;
    return [broken('checks', evidence, `aka deploy -a ${first.name}-${space.name}`)];
  }
  const skipped = apps.flatMap((each) => checksSkipped(store, each));
  if (skipped.length > 0)
    return [
      broken('checks', `released without ${named(skipped)}`, `aka deploy -a ${first.name}-${space.name}`),
    ];
  const because = refusedBy(
    () =>
      store.db.transaction(() => {
        const at = now().toISOString();
        store.builds.insert({
          id: randomUUID(),
          app: app.id,
          number: store.builds.nextNumber(app.id),
          status: 'queued',
          reason: null,
          source: { checksum: '' },
          user: 'check',
          madeOf: null,
          slug: null,
          createdAt: at,
          updatedAt: at,
        });
        throw new Accepted();
      }),
    NO_BUILD,
  );
  return [
    because === undefined
      ? broken('checks', 'the database would let a build begin without its checks', 'aka platform:doctor')
      : kept(
          'checks',
          `what ${apps.length === 1 ? '1 app runs' : `${apps.length} apps run`} passed; ${because}`,
        ),
  ];
}

/** The checks of pipelines that what an app runs was first released without, though the app was in them by then. */
function checksSkipped(store: Session['store'], app: AppRecord): string[] {
  const { build = null } = store.releases.newest(app.id, 'succeeded') ?? {};
  if (build === null) return [];
  const first = store.releases.of(app.id).findLast((release) => release.build === build);
  const checks = new Set(store.buildChecks.of(build).map(({ context }) => context));
  return store.pipelines.couplings({ app: app.id }).flatMap(({ pipeline, createdAt }) => {
    const context = `pipeline/${store.pipelines.find(pipeline)?.name ?? ''}`;
    const isRequired = first !== undefined && createdAt < first.createdAt;
    return isRequired && !checks.has(context) ? [`${context} of ${app.name}`] : [];
  });
}

/** Undoes a change that should not have been possible. */
class Accepted extends Error {}

/** What a change was refused with; undefined if it was not. */
function refusedBy(work: () => void, refusal: RegExp): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Accepted) return undefined;
    // Errors of the database's own code may be of another realm.
    const { message } = error as { message?: unknown };
    if (typeof message === 'string' && refusal.test(message)) return message;
    throw error;
  }
}
