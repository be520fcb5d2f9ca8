import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError, notFound } from '../../contract/errors.js';
import type { Organization, Region, Stack } from '../../contract/wire.js';
import { nearest } from '../../model/nearest.js';
import type { OrganizationRow, RegionRow, StackRow } from '../store/catalog.js';
import type { Store } from '../store/store.js';
import type { Session } from './session.js';

/** The stack with this name or id, or the default one. */
export function stackFor(store: Store, key: string | undefined): StackRow {
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
export function regionFor(store: Store, key: string): RegionRow {
  const region = store.catalog.region(key);
  if (region !== undefined) return region;
  throw notFound('region', key, nearest(key, names(store.catalog.regions())), 'Every region: aka regions');
}

/** The organization with this name or id. */
export function organizationFor(store: Store, key: string): OrganizationRow {
  const organization = store.catalog.organization(key);
  if (organization !== undefined) return organization;
  throw notFound(
    'organization',
    key,
    nearest(key, names(store.catalog.organizations())),
    'Every one: aka orgs',
  );
}

export function stacksService({ store }: Session): AppsApi['stacks'] {
  return {
    list: async () => store.catalog.stacks().map((stack) => showStack(store, stack)),
    get: async ({ stack }) => showStack(store, stackFor(store, stack)),
  };
}

export function regionsService({ store }: Session): AppsApi['regions'] {
  return {
    list: async () => store.catalog.regions().map(showRegion),
    get: async ({ region }) => showRegion(regionFor(store, region)),
  };
}

export function organizationsService({ store }: Session): AppsApi['organizations'] {
  return {
    list: async () => store.catalog.organizations().map(showOrganization),
    get: async ({ organization }) => showOrganization(organizationFor(store, organization)),
  };
}

function showStack(store: Store, stack: StackRow): Stack {
  const region = regionFor(store, stack.region);
  return {
    created_at: stack.created_at,
    default: stack.is_default === 1,
    id: stack.id,
    name: stack.name,
    region: { id: region.id, name: region.name },
    state: stack.state,
    updated_at: stack.updated_at,
  };
}

function showRegion(region: RegionRow): Region {
  return {
    ...(JSON.parse(region.facts) as Pick<Region, 'description' | 'country' | 'locale' | 'high_availability'>),
    created_at: region.created_at,
    id: region.id,
    name: region.name,
    private_capable: region.internal === 1,
    updated_at: region.updated_at,
  };
}

function showOrganization(organization: OrganizationRow): Organization {
  return { ...organization, default: false, role: 'admin' };
}

function names(rows: readonly { name: string }[]): string[] {
  return rows.map((row) => row.name);
}
