import type { AppsApi } from '../../src/contract/apps-api.js';
import { AppsApiError } from '../../src/contract/errors.js';

/** A change as the workload makes it. It may be refused, which is an outcome like any other. */
type Step = (api: AppsApi) => Promise<unknown>;

/** So many apps fill a space's first block: the next one needs a second. */
export const FULL_BLOCK = 126;

/**
 * The changes during which processes are killed. With keys, as clients send them, so that each can be repeated by
 * somebody who doesn't know whether it was done. Space `full` must be there, with {@link FULL_BLOCK} apps.
 */
export const STEPS: readonly Step[] = [
  (api) => api.spaces.create({ name: 'shop', compliance: ['prod', 'socs'] }, { idempotencyKey: 'shop' }),
  (api) => api.apps.create({ name: 'web', space: 'shop', labels: 'a' }, { idempotencyKey: 'web' }),
  (api) => api.configVars.patch({ app: 'web-shop', vars: { GREETING: 'hello', DB_PASSWORD: 'x' } }),
  (api) => api.spaces.create({ name: 'shop' }, { idempotencyKey: 'again' }),
  (api) => api.apps.create({ name: 'overflow', space: 'full' }, { idempotencyKey: 'overflow' }),
  (api) => api.spaces.create({ name: 'inside', compliance: ['internal'] }, { idempotencyKey: 'inside' }),
  (api) => api.apps.create({ name: 'web', space: 'nowhere' }, { idempotencyKey: 'nowhere' }),
  (api) => api.apps.create({ name: 'db', space: 'inside' }, { idempotencyKey: 'db' }),
  (api) => api.spaces.update({ space: 'inside', description: 'within' }),
  (api) => api.apps.destroy({ app: 'db-inside' }),
  (api) => api.spaces.destroy({ space: 'inside' }),
  (api) => api.spaces.create({ name: 'after' }, { idempotencyKey: 'after' }),
];

/** Makes a change; a refusal is a result too. */
export async function perform(api: AppsApi, step: Step): Promise<void> {
  try {
    await step(api);
  } catch (error) {
    if (!(error instanceof AppsApiError) || error.status >= 500) throw error;
  }
}

/** Everything that can be seen of a platform, except what is another each time: ids and times. */
export async function visible(api: AppsApi): Promise<unknown> {
  const { items: spaces } = await api.spaces.list();
  const { items: apps } = await api.apps.list();
  const hosts = await Promise.all(spaces.map(({ name }) => api.spaces.discovery({ space: name })));
  const vars = apps.filter(({ space }) => space.name === 'shop');
  return {
    spaces: spaces.map(({ name, compliance, description, apps: count, network }) => ({
      name,
      compliance,
      description,
      count,
      subnets: network?.subnets,
    })),
    apps: apps.map(({ key, labels }) => ({ key, labels })),
    hosts: hosts.flatMap((each) => each.apps.map(({ name, host }) => `${each.space.name} ${name} ${host}`)),
    config: await Promise.all(vars.map(({ name }) => api.configVars.get({ app: name }))),
    records: (await api.audits.list({ size: 1000 })).map(
      ({ seq, action, outcome, space, app }) => `${seq} ${action} ${outcome} ${space} ${app}`,
    ),
  };
}
