import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { type Endpoint, endpoints, type Noun } from '../../../src/contract/endpoints.js';
import { AppsApiError } from '../../../src/contract/errors.js';
import { missing, NOWHERE, refused } from './answers.js';
import type { Given } from './given.js';

/** An operation, done to what has this name, if it is done to anything. */
type Operation = (api: AppsApi, name: string) => Promise<unknown>;

/** One for each endpoint: a new endpoint that nobody tries does not compile. */
const OPERATIONS: { readonly [N in Noun]: Readonly<Record<keyof (typeof endpoints)[N], Operation>> } = {
  platform: {
    info: (api) => api.platform.info(),
    settings: (api) => api.platform.settings(),
    configure: (api) => api.platform.configure({ egress: 'sealed' }),
    // Mail is sent where there is a server for it; here is none, which is told.
    testMail: (api) => refused(api.platform.testMail()),
  },
  tokens: {
    list: (api) => api.tokens.list(),
    create: (api) => api.tokens.create({ name: 'ci', role: 'admin' }),
    revoke: async (api, token) => {
      if (token === 'ci') await api.tokens.create({ name: token, role: 'admin' });
      return api.tokens.revoke({ token });
    },
  },
  console: { createCode: (api) => api.console.createCode() },
  account: { get: (api) => api.account.get() },
  spaces: {
    list: (api) => api.spaces.list(),
    create: (api) => api.spaces.create({ name: 'bank' }),
    get: (api, space) => api.spaces.get({ space }),
    update: (api, space) => api.spaces.update({ space, description: 'Sells things' }),
    destroy: (api, space) => api.spaces.destroy({ space }),
    discovery: (api, space) => api.spaces.discovery({ space }),
    topology: (api, space) => api.spaces.topology({ space }),
    // What it finds is tested where apps run; here none does.
    check: (api, space) =>
      api.spaces.check({ space }).catch((error: unknown) => {
        if (error instanceof AppsApiError && error.id === 'not_running') return error;
        throw error;
      }),
  },
  apps: {
    list: (api) => api.apps.list(),
    create: (api) => api.apps.create({ name: 'api', space: 'shop' }),
    get: (api, app) => api.apps.get({ app }),
    update: (api, app) => api.apps.update({ app, description: 'front' }),
    destroy: (api, app) => api.apps.destroy({ app }),
  },
  configVars: {
    get: (api, app) => api.configVars.get({ app }),
    patch: (api, app) => api.configVars.patch({ app, vars: { COLOUR: 'red' } }),
  },
  formations: {
    list: (api, app) => api.formations.list({ app }),
    create: (api, app) => api.formations.create({ app, type: 'worker', command: 'work' }),
    get: async (api, app) => {
      await api.formations.create({ app, type: 'worker' });
      return api.formations.get({ app, type: 'worker' });
    },
    update: async (api, app) => {
      await api.formations.create({ app, type: 'worker' });
      return api.formations.update({ app, type: 'worker', quantity: 2 });
    },
    batch: async (api, app) => {
      await api.formations.create({ app, type: 'worker' });
      return api.formations.batch({ app, changes: [{ type: 'worker', quantity: 2 }] });
    },
    destroy: async (api, app) => {
      await api.formations.create({ app, type: 'worker' });
      return api.formations.destroy({ app, type: 'worker' });
    },
  },
  dynos: {
    list: (api, app) => api.dynos.list({ app }),
    inSpace: (api, space) => api.dynos.inSpace({ space }),
    restartAll: (api, app) => api.dynos.restartAll({ app }),
    restart: async (api, app) => {
      await api.formations.create({ app, type: 'worker' });
      return api.dynos.restart({ app, dyno: 'worker' });
    },
  },
  hosts: {
    list: (api) => api.hosts.list(),
    allow: (api, space) => api.hosts.allow({ space, port: 5432 }),
    deny: async (api, space) => {
      await api.hosts.allow({ space, port: 5432 });
      return api.hosts.deny({ space, port: '5432' });
    },
  },
  sizes: { list: (api) => api.sizes.list() },
  builds: {
    list: (api, app) => api.builds.list({ app }),
    create: (api, app) => api.builds.create({ app, checksum: SOURCE }),
    get: async (api, app) => {
      await api.builds.create({ app, checksum: SOURCE });
      return api.builds.get({ app, build: '2' });
    },
    result: (api, app) => api.builds.result({ app, build: '1' }),
    stop: async (api, app) => {
      await api.builds.create({ app, checksum: SOURCE });
      return api.builds.stop({ app, build: '2' });
    },
    statuses: (api, app) => api.builds.statuses({ app, build: '1' }),
    report: async (api, app) => {
      const waiting = await waitsInVault(api, app);
      if (app !== NOWHERE) await api.checks.add({ context: waiting.context, kind: 'user', user: 'ann' });
      // Only whoever it is for may.
      const report = { ...waiting, state: 'success' } as const;
      return app === NOWHERE ? api.builds.report(report) : refused(api.builds.report(report));
    },
    overrule: async (api, app) => {
      const waiting = await waitsInVault(api, app);
      return api.builds.overrule({ ...waiting, reason: 'Nobody else is here' });
    },
  },
  checks: {
    list: (api) => api.checks.list(),
    add: (api) => api.checks.add({ context: 'app/web-default', kind: 'token' }),
    remove: async (api, reporter) => {
      if (reporter !== NOWHERE)
        await api.checks.add({ context: 'app/web-default', kind: 'token', name: reporter });
      return api.checks.remove({ reporter });
    },
  },
  releases: {
    list: (api, app) => api.releases.list({ app }),
    create: (api, app) => api.releases.create({ app, release: '1' }),
    get: (api, app) => api.releases.get({ app, release: '1' }),
  },
  slugs: {
    get: async (api, slug) => {
      if (slug === NOWHERE) return api.slugs.get({ slug });
      const [release] = await api.releases.list({ app: 'web-default' });
      return api.slugs.get({ slug: release?.slug?.id ?? '' });
    },
  },
  releaseStatuses: {
    list: (api, app) => api.releaseStatuses.list({ app, release: '1' }),
    create: (api, app) => api.releaseStatuses.create({ app, release: '1', ...TESTED }),
    update: async (api, app) => {
      const { id } = await api.releaseStatuses.create({ app, release: '1', ...TESTED });
      return api.releaseStatuses.update({ app, release: '1', status: id, state: 'failure' });
    },
    get: async (api, app) => {
      const { id } = await api.releaseStatuses.create({ app, release: '1', ...TESTED });
      return api.releaseStatuses.get({ app, release: '1', status: id });
    },
  },
  pipelines: {
    list: (api) => api.pipelines.list(),
    create: (api) => api.pipelines.create({ name: 'ladder' }),
    get: (api, pipeline) => withLadder(api, () => api.pipelines.get({ pipeline })),
    update: (api, pipeline) => withLadder(api, () => api.pipelines.update({ pipeline, description: 'Up' })),
    destroy: (api, pipeline) => withLadder(api, () => api.pipelines.destroy({ pipeline })),
    stages: (api) => api.pipelines.stages(),
    couplings: (api, pipeline) => withLadder(api, () => api.pipelines.couplings({ pipeline })),
    contexts: (api, pipeline) => withLadder(api, () => api.pipelines.contexts({ pipeline })),
    plan: (api, pipeline) =>
      withLadder(api, () => api.pipelines.plan({ pipeline, from: 'web-default', to: 'api-default' })),
  },
  pipelineCouplings: {
    list: (api) => api.pipelineCouplings.list(),
    ofApp: (api, app) => api.pipelineCouplings.ofApp({ app }),
    create: async (api) => {
      await api.pipelines.create({ name: 'ladder' });
      return api.pipelineCouplings.create({ app: 'web-default', pipeline: 'ladder', stage: 'staging' });
    },
    get: (api, name) =>
      withLadder(api, (coupling) => api.pipelineCouplings.get({ coupling: name || coupling })),
    update: (api, name) =>
      withLadder(api, (coupling) =>
        api.pipelineCouplings.update({
          coupling: name || coupling,
          required_status_checks: { contexts: ['ci/tests'] },
        }),
      ),
    destroy: (api, name) =>
      withLadder(api, (coupling) => api.pipelineCouplings.destroy({ coupling: name || coupling })),
  },
  pipelinePromotions: {
    create: (api) =>
      withLadder(api, () =>
        api.pipelinePromotions.create({
          pipeline: { id: 'ladder' },
          source: { app: { id: 'web-default' } },
          targets: [{ app: { id: 'api-default' } }],
        }),
      ),
  },
  addonServices: {
    list: (api) => api.addonServices.list(),
    get: (api, service) => api.addonServices.get({ service }),
    plans: (api, service) => api.addonServices.plans({ service }),
  },
  addons: {
    list: (api) => api.addons.list(),
    create: (api) => api.addons.create({ ...CREDENTIAL, name: 'mail' }),
    get: (api, addon) => api.addons.get({ addon }),
    update: (api, addon) => api.addons.update({ addon, config: { TOKEN: 'new' } }),
    destroy: (api, addon) => api.addons.destroy({ addon }),
    inApp: (api, app) => api.addons.inApp({ app }),
    createInApp: (api, app) => api.addons.createInApp({ app, ...CREDENTIAL, name: 'mail' }),
    getInApp: async (api, app) => {
      await api.addons.createInApp({ app, ...CREDENTIAL, name: 'mail' });
      return api.addons.getInApp({ app, addon: 'mail' });
    },
    destroyInApp: async (api, app) => {
      await api.addons.createInApp({ app, ...CREDENTIAL, name: 'mail' });
      return api.addons.destroyInApp({ app, addon: 'mail' });
    },
  },
  addonAttachments: {
    list: (api, app) => api.addonAttachments.list({ app }),
    create: (api, app) => api.addonAttachments.create({ app, addon: 'pay' }),
    get: async (api, app) => {
      await api.addonAttachments.create({ app, addon: 'pay' });
      return api.addonAttachments.get({ app, attachment: 'pay' });
    },
    destroy: async (api, app) => {
      await api.addonAttachments.create({ app, addon: 'pay' });
      return api.addonAttachments.destroy({ app, attachment: 'pay' });
    },
  },
  stacks: {
    list: (api) => api.stacks.list(),
    create: (api) => api.stacks.create({ name: 'next', region: { id: 'local' } }),
    get: (api, stack) => api.stacks.get({ stack }),
    update: (api, stack) => api.stacks.update({ stack, state: 'beta' }),
    destroy: async (api, stack) => {
      if (stack === NOWHERE) return api.stacks.destroy({ stack });
      await api.stacks.create({ name: 'next', region: { id: 'local' } });
      return api.stacks.destroy({ stack: 'next' });
    },
  },
  regions: {
    list: (api) => api.regions.list(),
    create: (api) => api.regions.create(REGION),
    get: (api, region) => api.regions.get({ region }),
    update: (api, region) => api.regions.update({ region, country: 'Germany' }),
    destroy: async (api, region) => {
      if (region === NOWHERE) return api.regions.destroy({ region });
      await api.regions.create(REGION);
      return api.regions.destroy({ region: REGION.name });
    },
  },
  favorites: {
    list: (api) => api.favorites.list(),
    add: (api) => api.favorites.add({ app: 'web-default' }),
    remove: async (api, app) => {
      if (app !== NOWHERE) await api.favorites.add({ app });
      return api.favorites.remove({ app });
    },
  },
  features: {
    list: (api, app) => api.features.list({ app }),
    get: (api, app) => api.features.get({ app, feature: 'auto-release' }),
    update: (api, app) => api.features.update({ app, feature: 'auto-release', enabled: true }),
  },
  plugins: { list: (api) => api.plugins.list() },
  hooks: {
    events: (api) => api.hooks.events(),
    list: (api, app) => api.hooks.list({ app }),
    create: (api, app) => api.hooks.create({ app, ...HOOK }),
    get: (api, app) => withHook(api, app, (hook) => api.hooks.get({ app, hook })),
    update: (api, app) => withHook(api, app, (hook) => api.hooks.update({ app, hook, active: false })),
    destroy: (api, app) => withHook(api, app, (hook) => api.hooks.destroy({ app, hook })),
    results: (api, app) => withHook(api, app, (hook) => api.hooks.results({ app, hook })),
    result: (api, app) =>
      withHook(api, app, async (hook) => {
        const { id: result } = await api.hooks.test({ app, hook });
        return api.hooks.result({ app, hook, result });
      }),
    test: (api, app) => withHook(api, app, (hook) => api.hooks.test({ app, hook })),
  },
  organizations: {
    list: (api) => api.organizations.list(),
    create: (api) => api.organizations.create({ name: 'retail' }),
    get: (api, organization) => api.organizations.get({ organization }),
  },
  audits: { list: (api) => api.audits.list(), verify: (api) => api.audits.verify() },
  digests: {
    get: async (api, name) => {
      const space = name === NOWHERE ? name : (await vault(api)).name;
      return api.digests.get({ space });
    },
    send: async (api, name) => {
      if (name === NOWHERE) return api.digests.send({ space: name });
      return refused(api.digests.send({ space: (await vault(api)).name }));
    },
  },
};

const REGION = { name: 'north', description: 'A rack', country: '', locale: '' } as const;

const TESTED = { context: 'ci/tests', state: 'success' } as const;

const HOOK = { url: 'https://ci.example.com/hook', events: ['release'], secret: 'of a hook' };

/** Does something to a hook of an app, if there is that app. */
async function withHook(
  api: AppsApi,
  app: string,
  work: (hook: string) => Promise<unknown>,
): Promise<unknown> {
  return work(app === NOWHERE ? NOWHERE : (await api.hooks.create({ app, ...HOOK })).id);
}

/** Does something where there is a pipeline from web to api; it may want the coupling of the latter. */
async function withLadder(api: AppsApi, work: (coupling: string) => Promise<unknown>): Promise<unknown> {
  await api.pipelines.create({ name: 'ladder' });
  for (const name of ['web', 'api']) {
    await api.apps.create({ name, space: 'default' }).catch(() => undefined);
  }
  await api.pipelineCouplings.create({ app: 'web-default', pipeline: 'ladder', stage: 'staging' });
  const { id } = await api.pipelineCouplings.create({
    app: 'api-default',
    pipeline: 'ladder',
    stage: 'production',
  });
  return work(id);
}

/** A build in a socs space that waits for its checks; of no app at all if that is what is asked for. */
async function waitsInVault(api: AppsApi, named: string) {
  if (named === NOWHERE) return { app: NOWHERE, build: '1', context: 'app/web-vault' };
  await api.spaces.create({ name: 'vault', compliance: ['socs'] });
  await api.apps.create({ name: 'web', space: 'vault' });
  const app = 'web-vault';
  const repo = 'https://github.com/acme/shop.git';
  const build = await api.builds.create({ app, checksum: SOURCE, repo, sha: 'a'.repeat(40) });
  return { app, build: build.id, context: `app/${app}` };
}

/** The checksum of what `uploaded` uploads. */
const SOURCE = `sha256:${createHash('sha256').update('a source').digest('hex')}`;

const CREDENTIAL = { plan: 'credentials:general', name: 'pay', config: { TOKEN: 'old' } } as const;

/** What is there to be named in a path; the space has no app, or it could not be destroyed. */
const THERE: Readonly<Record<string, string>> = {
  space: 'shop',
  app: 'web-default',
  addon: 'pay',
  service: 'credentials',
  stack: 'local',
  region: 'local',
  organization: 'main',
  pipeline: 'ladder',
  token: 'ci',
  reporter: 'ci',
};

const vault = (api: AppsApi) => api.spaces.create({ name: 'vault', compliance: ['socs'] });

const table: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = endpoints;

const all = Object.entries(OPERATIONS).flatMap(([noun, verbs]) =>
  Object.entries<Operation>(verbs).map(([verb, operation]) => {
    const path = table[noun]?.[verb]?.path ?? '';
    return { name: `${noun}.${verb}`, operation, member: /\{(\w+)\}/.exec(path)?.[1] };
  }),
);

const named = all.flatMap(({ member, ...rest }) => (member === undefined ? [] : [{ ...rest, member }]));

export function operationsSuite(given: Given): void {
  describe('every operation of the table', () => {
    test.each(all)('$name can be done', async ({ operation, member = '' }) => {
      await given.spaceWith([]);
      await given.api.apps.create({ name: 'web', space: 'default' });
      await given.built('web-default');
      await given.uploaded();
      await given.api.addons.create(CREDENTIAL);
      expect(await operation(given.api, THERE[member] ?? '')).toEqual(expect.anything());
    });

    test.each(named)('$name says that there is no such thing', async ({ operation, member }) => {
      expect(await refused(operation(given.api, NOWHERE))).toMatchObject(missing(member, NOWHERE));
    });
  });
}
