import { randomUUID } from 'node:crypto';
import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, conflict, notFound } from '../../contract/errors.js';
import type { Organization } from '../../contract/wire.js';
import { nearest } from '../../model/nearest.js';
import { parseOrganizationName } from '../../model/organizations.js';
import { SIZES } from '../../model/sizes.js';
import type { Caller } from '../caller.js';
import type { OrganizationRecord, RegionRecord, StackRecord } from '../store/catalog.js';
import type { Store } from '../store/store.js';
import { change } from './change.js';
import { checkMayConfigure } from './policy.js';
import type { Session } from './session.js';

/** The most organizations that a platform has. */
const ORGANIZATIONS_MAX = 1000;
const MIB = 1024 * 1024;

/** The stack with this name or id, or the default one. */
export function stackFor(store: Store, key: string | undefined): StackRecord {
  if (key === undefined) {
    const stack = store.catalog.defaultStack();
    if (stack !== undefined) return stack;
    throw new AppsApiError({
      id: 'no_default_stack',
      status: 422,
      message: 'This platform has no default stack.',
      hint: 'Name one: aka stacks',
    });
  }
  const stack = store.catalog.stack(key);
  if (stack !== undefined) return stack;
  throw notFound('stack', key, nearest(key, names(store.catalog.stacks())), 'Every stack: aka stacks');
}

/** The region with this name or id. */
export function regionFor(store: Store, key: string): RegionRecord {
  const region = store.catalog.region(key);
  if (region !== undefined) return region;
  throw notFound('region', key, nearest(key, names(store.catalog.regions())), 'Every region: aka regions');
}

/** The organization with this name or id. */
export function organizationFor(store: Store, key: string): OrganizationRecord {
  const organization = store.catalog.organization(key);
  if (organization !== undefined) return organization;
  throw notFound(
    'organization',
    key,
    nearest(key, names(store.catalog.organizations())),
    'Every one: aka orgs',
  );
}

/** The organizations that apps belong to. */
export function organizationsService(session: Session): AppsApi['organizations'] {
  const { store, caller } = session;
  return {
    list: async () => store.catalog.organizations().map((each) => showOrganization(each, caller)),

    async create(input, options) {
      return change(session, { action: 'organization.create', input, options }, (draft) => {
        checkMayConfigure(caller, 'decide which organizations there are');
        const name = parseOrganizationName(input.name);
        if (store.catalog.organization(name) !== undefined) throw exists(name);
        if (store.catalog.organizations().length >= ORGANIZATIONS_MAX) throw tooMany();
        const organization = { id: randomUUID(), name, createdAt: draft.at, updatedAt: draft.at };
        store.catalog.insertOrganization(organization);
        draft.details = { id: organization.id, organization: name };
        return showOrganization(organization, caller);
      });
    },

    get: async ({ organization }) => showOrganization(organizationFor(store, organization), caller),
  };
}

function exists(name: string): AppsApiError {
  return conflict('exists', `Organization ${name} exists already.`, 'Every one: aka orgs', {
    organization: name,
  });
}

function tooMany(): AppsApiError {
  return conflict(
    'too_many_organizations',
    `There are ${ORGANIZATIONS_MAX} organizations, which is the limit.`,
    'Use one that is there: aka orgs',
  );
}

function showOrganization(
  { id, name, createdAt, updatedAt }: OrganizationRecord,
  caller: Caller,
): Organization {
  const role = caller.role === 'admin' ? 'admin' : 'member';
  return { id, name, created_at: createdAt, updated_at: updatedAt, default: false, role };
}

function names(rows: readonly { name: string }[]): string[] {
  return rows.map((row) => row.name);
}

/** The sizes of dynos, smallest first. All regions have them all, and nothing costs anything. */
export function sizesService({ store }: Session): AppsApi['sizes'] {
  return {
    list: async () => {
      // That is what clients of Akkeris find in this member.
      const stacks = names(store.catalog.regions());
      return SIZES.map(({ name, memory, cpu, prod }) => {
        const amount = { memory: `${memory / MIB}Mi` };
        return {
          id: name,
          name,
          memory,
          cpu,
          prod,
          stacks,
          resources: { requests: amount, limits: amount },
          price: 0,
          description: `${memory / MIB} MiB of memory, ${cpu} ${cpu === 1 ? 'core' : 'cores'}`,
          deprecated: false,
          type: null,
        };
      });
    },
  };
}
