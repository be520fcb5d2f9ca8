import type { AppsApi } from '../../contract/apps-api.js';
import { notFound } from '../../contract/errors.js';
import type { AddonPlan, AddonService } from '../../contract/wire.js';
import { CREDENTIALS, PLANS, type Plan } from '../../model/addons.js';
import { nearest } from '../../model/nearest.js';

const TIMES = { created_at: CREDENTIALS.since, updated_at: CREDENTIALS.since };

/** What there is to be had as an addon: credentials, the one service that is built in. */
export function addonServicesService(): AppsApi['addonServices'] {
  return {
    list: async () => [showService()],
    get: async ({ service }) => named(service),
    plans: async ({ service }) => named(service).plans,
  };
}

/** The service with this name or id. */
function named(key: string): AddonService {
  if (key === CREDENTIALS.name || key === CREDENTIALS.id) return showService();
  throw notFound('service', key, nearest(key, [CREDENTIALS.name]), `There is ${CREDENTIALS.name}.`);
}

function showService(): AddonService {
  return {
    id: CREDENTIALS.id,
    name: CREDENTIALS.name,
    human_name: CREDENTIALS.title,
    description: CREDENTIALS.summary,
    cli_plugin_name: CREDENTIALS.name,
    state: 'ga',
    supports_multiple_installations: true,
    supports_sharing: true,
    supports_upgrading: false,
    plans: PLANS.map(showPlan),
    ...TIMES,
  };
}

function showPlan({ id, name, level, summary, compliance }: Plan): AddonPlan {
  return {
    id,
    name,
    key: level,
    addon_service: { id: CREDENTIALS.id, name: CREDENTIALS.name },
    human_name: level,
    description: summary,
    compliance: [...compliance],
    price: { cents: 0, unit: 'month', contract: false },
    state: 'public',
    ...TIMES,
  };
}
