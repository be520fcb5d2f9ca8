import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AppsApi } from '../../../src/contract/apps-api.js';

/** How an operation that changes something is done, and how it is refused, on what {@link ground} makes. */
export interface Change {
  /** What its records call it. */
  readonly action: string;
  readonly space?: string;
  readonly app?: string;
  readonly done: (api: AppsApi) => Promise<unknown>;
  /** Refused by a policy or by what is there; as somebody who is no administrator, if that is why. */
  readonly refused: ((api: AppsApi, user: AppsApi) => Promise<unknown>) | { readonly never: string };
}

/** An operation that leaves no record of its own. */
export interface Unrecorded {
  readonly unrecorded: string;
}

const source = (content: string): Readable => Readable.from([Buffer.from(content)]);
const checksum = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** What a build in a socs space names. */
const FROM = { repo: 'https://github.com/acme/shop.git', sha: 'a'.repeat(40) };

/**
 * What changes are made to: space `shop` (socs) with app `web`, its process type `worker`, two builds of which one is
 * over and the other, of the user, waits for its checks, a release, and a port of the machine; space `empty`; space `test`
 * with the apps `api`, which runs, and `web`; pipeline `stair` from one to the next, and `ladder` without any app; and the
 * credentials `pay`, `spare` and `map`, which web-shop gets, as it gets a hook for builds. `built` builds and releases an app.
 */
export async function ground(
  api: AppsApi,
  user: AppsApi,
  built: (app: string) => Promise<unknown>,
): Promise<void> {
  await api.spaces.create({ name: 'shop', compliance: ['socs'] });
  await api.spaces.create({ name: 'empty', compliance: ['socs'] });
  await api.apps.create({ name: 'web', space: 'shop' });
  await built('web-shop');
  await api.formations.create({ app: 'web-shop', type: 'worker' });
  await api.hosts.allow({ space: 'shop', port: 5432 });
  await api.spaces.create({ name: 'test' });
  for (const name of ['api', 'web']) await api.apps.create({ name, space: 'test' });
  await built('api-test');
  for (const name of ['stair', 'ladder']) await api.pipelines.create({ name });
  await api.pipelineCouplings.create({ app: 'api-test', pipeline: 'stair', stage: 'development' });
  await api.pipelineCouplings.create({ app: 'web-test', pipeline: 'stair', stage: 'staging' });
  await api.pipelineCouplings.create({
    app: 'web-shop',
    pipeline: 'stair',
    stage: 'production',
    required_status_checks: { contexts: ['ci/tests'] },
  });
  for (const name of ['pay', 'map', 'spare']) {
    await api.addons.create({ plan: 'credentials:general', name, config: { TOKEN: 'old' } });
  }
  await api.addonAttachments.create({ app: 'web-shop', addon: 'map' });
  await api.hooks.create({ app: 'web-shop', ...HOOK });
  await api.sources.upload(source('a source'));
  await user.builds.create({ app: 'web-shop', checksum: checksum('a source'), ...FROM });
}

/** Sets a mail server that is not there, so that what is mailed stays in the outbox. */
const nowhere = (api: AppsApi) =>
  api.platform.configure({
    smtp_host: '127.0.0.1',
    smtp_port: 1,
    smtp_tls: 'none',
    mail_from: 'aka@example.com',
    mail_to: ['ann@example.com'],
  });

const web = { space: 'shop', app: 'web' } as const;
const app = 'web-shop';
const test = { space: 'test', app: 'api' } as const;
const NOBODY = '00000000-0000-4000-8000-000000000000';
const WELL = { context: 'ci/tests', state: 'success' } as const;
const STACK = { name: 'next', region: { id: 'local' } } as const;
const REGION = { name: 'north', description: 'A rack', country: '', locale: '' } as const;
const CREDENTIAL = { plan: 'credentials:general', name: 'mail', config: { TOKEN: 'new' } } as const;

/** The id of the coupling of web-shop. */
async function couplingOf(api: AppsApi): Promise<string> {
  const [coupling] = await api.pipelineCouplings.ofApp({ app });
  return coupling?.id ?? '';
}

const HOOK = { url: 'https://ci.example.com/hook', events: ['build'], secret: 'of a hook' };

/** The id of the hook of web-shop. */
async function hookOf(api: AppsApi): Promise<string> {
  const [hook] = await api.hooks.list({ app });
  return hook?.id ?? '';
}

const promotionFrom = (from: string) => ({ pipeline: { id: 'stair' }, source: { app: { id: from } } });

/**
 * Every operation of the contract that changes something. One that is missing here fails the suite: whoever adds an
 * operation says what its records are.
 */
export const CHANGES: Readonly<Record<string, Change | Unrecorded>> = {
  'platform.configure': {
    action: 'platform.configure',
    done: (api) => api.platform.configure({ egress: 'sealed' }),
    refused: (_, user) => user.platform.configure({ egress: 'sealed' }),
  },
  'platform.testMail': {
    action: 'mail.test',
    done: async (api) => {
      await nowhere(api);
      return api.platform.testMail();
    },
    refused: (_, user) => user.platform.testMail(),
  },
  'digests.send': {
    action: 'digest.send',
    space: 'shop',
    done: async (api) => {
      await nowhere(api);
      return api.digests.send({ space: 'shop' });
    },
    refused: (_, user) => user.digests.send({ space: 'shop' }),
  },
  'spaces.create': {
    action: 'space.create',
    space: 'empty',
    done: async (api) => {
      await api.spaces.destroy({ space: 'empty' });
      return api.spaces.create({ name: 'empty', compliance: ['socs'] });
    },
    refused: (api) => api.spaces.create({ name: 'empty' }),
  },
  'spaces.update': {
    action: 'space.update',
    space: 'shop',
    done: (api) => api.spaces.update({ space: 'shop', description: 'Sells things' }),
    refused: (api) => api.spaces.update({ space: 'shop', compliance: ['prod'] }),
  },
  'spaces.destroy': {
    action: 'space.destroy',
    space: 'empty',
    done: (api) => api.spaces.destroy({ space: 'empty' }),
    refused: (_, user) => user.spaces.destroy({ space: 'empty' }),
  },
  'apps.create': {
    action: 'app.create',
    ...web,
    done: async (api) => {
      await api.apps.destroy({ app });
      return api.apps.create({ name: 'web', space: 'shop' });
    },
    refused: (api) => api.apps.create({ name: 'web', space: 'shop' }),
  },
  'apps.update': {
    action: 'app.update',
    ...web,
    done: (api) => api.apps.update({ app, description: 'front' }),
    refused: (api) => api.apps.update({ app, space: 'empty' }),
  },
  'apps.destroy': {
    action: 'app.destroy',
    ...web,
    done: (api) => api.apps.destroy({ app }),
    refused: (_, user) => user.apps.destroy({ app }),
  },
  'configVars.patch': {
    action: 'config.change',
    ...web,
    done: (api) => api.configVars.patch({ app, vars: { COLOUR: 'red' } }),
    refused: (api) => api.configVars.patch({ app, vars: { COLOUR: null } }),
  },
  'formations.create': {
    action: 'formation.create',
    ...web,
    done: (api) => api.formations.create({ app, type: 'clock', command: 'tick' }),
    refused: (api) => api.formations.create({ app, type: 'worker', command: 'work' }),
  },
  'formations.update': {
    action: 'formation.update',
    ...web,
    done: (api) => api.formations.update({ app, type: 'worker', quantity: 2 }),
    refused: (api) => api.formations.update({ app, type: 'clock', quantity: 2 }),
  },
  'formations.batch': {
    action: 'formation.update',
    ...web,
    done: (api) => api.formations.batch({ app, changes: [{ type: 'worker', quantity: 2 }, { type: 'web' }] }),
    refused: (api) =>
      api.formations.batch({ app, changes: [{ type: 'worker', quantity: 2 }, { type: 'clock' }] }),
  },
  'formations.destroy': {
    action: 'formation.destroy',
    ...web,
    done: (api) => api.formations.destroy({ app, type: 'worker' }),
    refused: (api) => api.formations.destroy({ app, type: 'clock' }),
  },
  'dynos.restartAll': {
    action: 'dyno.restart',
    ...web,
    done: (api) => api.dynos.restartAll({ app }),
    refused: { never: 'an app that is there may always be restarted' },
  },
  'dynos.restart': {
    action: 'dyno.restart',
    ...web,
    done: (api) => api.dynos.restart({ app, dyno: 'worker' }),
    refused: (api) => api.dynos.restart({ app, dyno: 'clock' }),
  },
  'hosts.allow': {
    action: 'host.allow',
    space: 'shop',
    done: (api) => api.hosts.allow({ space: 'shop', port: 6379 }),
    refused: (_, user) => user.hosts.allow({ space: 'shop', port: 6379 }),
  },
  'hosts.deny': {
    action: 'host.deny',
    space: 'shop',
    done: (api) => api.hosts.deny({ space: 'shop', port: '5432' }),
    refused: (_, user) => user.hosts.deny({ space: 'shop', port: '5432' }),
  },
  'builds.create': {
    action: 'build.create',
    ...web,
    done: (api) => api.builds.create({ app, checksum: checksum('a source'), ...FROM }),
    refused: (api) => api.builds.create({ app, checksum: checksum('no source'), ...FROM }),
  },
  'builds.stop': {
    action: 'build.stop',
    ...web,
    done: (api) => api.builds.stop({ app, build: '2' }),
    refused: (api) => api.builds.stop({ app, build: '1' }),
  },
  'releases.create': {
    action: 'release.create',
    ...web,
    done: (api) => api.releases.create({ app, release: '1' }),
    refused: (api) => api.releases.create({ app, release: '99' }),
  },
  'builds.report': {
    action: 'build.status',
    ...web,
    async done(api) {
      const context = 'app/web-shop';
      const { secret = '' } = await api.checks.add({ context, kind: 'token' });
      return api.builds.report({ app, build: '2', context, state: 'success', token: secret });
    },
    refused: (_, user) => user.builds.report({ app, build: '2', context: 'app/web-shop', state: 'success' }),
  },
  'builds.overrule': {
    action: 'build.overrule',
    ...web,
    done: (api) =>
      api.builds.overrule({ app, build: '2', context: 'pipeline/stair', reason: 'Tried by hand' }),
    refused: (_, user) =>
      user.builds.overrule({ app, build: '2', context: 'pipeline/stair', reason: 'It is mine' }),
  },
  'checks.add': {
    action: 'check.add',
    done: (api) => api.checks.add({ context: 'source/github.com/acme/shop', kind: 'token' }),
    refused: (_, user) => user.checks.add({ context: 'source/github.com/acme/shop', kind: 'token' }),
  },
  'checks.remove': {
    action: 'check.remove',
    async done(api) {
      const context = 'source/github.com/acme/shop';
      await api.checks.add({ context, kind: 'token', name: 'scanner' });
      return api.checks.remove({ reporter: 'scanner' });
    },
    refused: (_, user) => user.checks.remove({ reporter: 'scanner' }),
  },
  'releaseStatuses.create': {
    action: 'release.status',
    ...test,
    done: (api) => api.releaseStatuses.create({ app: 'api-test', release: '1', ...WELL }),
    refused: (api) => api.releaseStatuses.create({ app: 'api-test', release: '99', ...WELL }),
  },
  'releaseStatuses.update': {
    action: 'release.status',
    ...test,
    async done(api) {
      const { id } = await api.releaseStatuses.create({ app: 'api-test', release: '1', ...WELL });
      return api.releaseStatuses.update({ app: 'api-test', release: '1', status: id, state: 'failure' });
    },
    refused: (api) =>
      api.releaseStatuses.update({ app: 'api-test', release: '1', status: NOBODY, state: 'failure' }),
  },
  'pipelines.create': {
    action: 'pipeline.create',
    done: (api) => api.pipelines.create({ name: 'lift' }),
    refused: (api) => api.pipelines.create({ name: 'ladder' }),
  },
  'pipelines.update': {
    action: 'pipeline.update',
    done: (api) => api.pipelines.update({ pipeline: 'ladder', description: 'Up' }),
    refused: (api) => api.pipelines.update({ pipeline: 'lift', description: 'Up' }),
  },
  'pipelines.destroy': {
    action: 'pipeline.destroy',
    done: (api) => api.pipelines.destroy({ pipeline: 'ladder' }),
    refused: (api) => api.pipelines.destroy({ pipeline: 'lift' }),
  },
  'pipelineCouplings.create': {
    action: 'pipeline.add',
    ...web,
    done: (api) => api.pipelineCouplings.create({ app, pipeline: 'ladder', stage: 'production' }),
    refused: (api) => api.pipelineCouplings.create({ app, pipeline: 'stair', stage: 'staging' }),
  },
  'pipelineCouplings.update': {
    action: 'pipeline.update',
    ...web,
    done: async (api) =>
      api.pipelineCouplings.update({
        coupling: await couplingOf(api),
        required_status_checks: { contexts: [] },
      }),
    refused: async (_, user) =>
      user.pipelineCouplings.update({
        coupling: await couplingOf(user),
        required_status_checks: { contexts: [] },
      }),
  },
  'pipelineCouplings.destroy': {
    action: 'pipeline.remove',
    ...web,
    done: async (api) => api.pipelineCouplings.destroy({ coupling: await couplingOf(api) }),
    refused: async (_, user) => user.pipelineCouplings.destroy({ coupling: await couplingOf(user) }),
  },
  'pipelinePromotions.create': {
    action: 'pipeline.promote',
    space: 'test',
    app: 'web',
    done: (api) => api.pipelinePromotions.create(promotionFrom('api-test')),
    refused: (api) => api.pipelinePromotions.create(promotionFrom('web-test')),
  },
  'addons.create': {
    action: 'credential.create',
    done: (api) => api.addons.create(CREDENTIAL),
    refused: (_, user) => user.addons.create(CREDENTIAL),
  },
  'addons.update': {
    action: 'credential.rotate',
    done: (api) => api.addons.update({ addon: 'pay', config: { TOKEN: 'new' } }),
    refused: (_, user) => user.addons.update({ addon: 'pay', config: { TOKEN: 'new' } }),
  },
  'addons.destroy': {
    action: 'credential.destroy',
    done: (api) => api.addons.destroy({ addon: 'spare' }),
    refused: (_, user) => user.addons.destroy({ addon: 'spare' }),
  },
  'addons.createInApp': {
    action: 'credential.create',
    ...web,
    done: (api) => api.addons.createInApp({ app, ...CREDENTIAL, name: 'post' }),
    refused: (api) => api.addons.createInApp({ app, ...CREDENTIAL, name: 'pay' }),
  },
  'addons.destroyInApp': {
    action: 'credential.destroy',
    ...web,
    async done(api) {
      await api.addons.createInApp({ app, ...CREDENTIAL, name: 'fax' });
      return api.addons.destroyInApp({ app, addon: 'fax' });
    },
    refused: (api) => api.addons.destroyInApp({ app, addon: 'fax' }),
  },
  'addonAttachments.create': {
    action: 'credential.attach',
    ...web,
    done: (api) => api.addonAttachments.create({ app, addon: 'pay' }),
    refused: (api) => api.addonAttachments.create({ app, addon: 'map' }),
  },
  'addonAttachments.destroy': {
    action: 'credential.detach',
    ...web,
    done: (api) => api.addonAttachments.destroy({ app, attachment: 'map' }),
    refused: (api) => api.addonAttachments.destroy({ app, attachment: 'pay' }),
  },
  'hooks.create': {
    action: 'hook.create',
    ...web,
    done: (api) => api.hooks.create({ app, ...HOOK, url: 'https://ci.example.com/another' }),
    refused: (_, user) => user.hooks.create({ app, ...HOOK, url: 'https://127.0.0.1/hook' }),
  },
  'hooks.update': {
    action: 'hook.update',
    ...web,
    done: async (api) => api.hooks.update({ app, hook: await hookOf(api), active: false }),
    refused: async (api, user) => user.hooks.update({ app, hook: await hookOf(api), active: false }),
  },
  'hooks.destroy': {
    action: 'hook.destroy',
    ...web,
    done: async (api) => api.hooks.destroy({ app, hook: await hookOf(api) }),
    refused: async (api, user) => user.hooks.destroy({ app, hook: await hookOf(api) }),
  },
  'hooks.test': {
    action: 'hook.test',
    ...web,
    done: async (api) => api.hooks.test({ app, hook: await hookOf(api) }),
    refused: (api) => api.hooks.test({ app, hook: NOBODY }),
  },
  'console.createCode': {
    action: 'session.invite',
    done: (api) => api.console.createCode(),
    refused: (_, user) => user.console.createCode(),
  },
  'tokens.create': {
    action: 'token.create',
    done: (api) => api.tokens.create({ name: 'ci', role: 'admin' }),
    refused: (_, user) => user.tokens.create({ name: 'ci', role: 'admin' }),
  },
  'tokens.revoke': {
    action: 'token.revoke',
    async done(api) {
      await api.tokens.create({ name: 'lost', role: 'admin' });
      return api.tokens.revoke({ token: 'lost' });
    },
    refused: (_, user) => user.tokens.revoke({ token: 'lost' }),
  },
  'organizations.create': {
    action: 'organization.create',
    done: (api) => api.organizations.create({ name: 'retail' }),
    refused: (_, user) => user.organizations.create({ name: 'retail' }),
  },
  'stacks.create': {
    action: 'stack.create',
    done: (api) => api.stacks.create(STACK),
    refused: (_, user) => user.stacks.create(STACK),
  },
  'stacks.update': {
    action: 'stack.update',
    done: (api) => api.stacks.update({ stack: 'local', state: 'beta' }),
    refused: (api) => api.stacks.update({ stack: 'local', state: 'deprecated' }),
  },
  'stacks.destroy': {
    action: 'stack.destroy',
    async done(api) {
      await api.stacks.create({ ...STACK, name: 'last' });
      return api.stacks.destroy({ stack: 'last' });
    },
    refused: (api) => api.stacks.destroy({ stack: 'local' }),
  },
  'regions.create': {
    action: 'region.create',
    done: (api) => api.regions.create(REGION),
    refused: (_, user) => user.regions.create(REGION),
  },
  'regions.update': {
    action: 'region.update',
    done: (api) => api.regions.update({ region: 'local', country: 'Germany' }),
    refused: (api) => api.regions.update({ region: 'local', name: 'other' }),
  },
  'regions.destroy': {
    action: 'region.destroy',
    async done(api) {
      await api.regions.create({ ...REGION, name: 'south' });
      return api.regions.destroy({ region: 'south' });
    },
    refused: (api) => api.regions.destroy({ region: 'local' }),
  },
  'favorites.add': {
    action: 'favorite.add',
    ...web,
    done: (api) => api.favorites.add({ app }),
    refused: { never: 'an app that somebody may use may always be a favourite of theirs' },
  },
  'favorites.remove': {
    action: 'favorite.remove',
    ...web,
    async done(api) {
      await api.favorites.add({ app });
      return api.favorites.remove({ app });
    },
    refused: (api) => api.favorites.remove({ app }),
  },
  'features.update': {
    action: 'feature.update',
    ...web,
    done: (api) => api.features.update({ app, feature: 'auto-release', enabled: true }),
    refused: (api) => api.features.update({ app, feature: 'auto-release', enabled: false }),
  },
  'sources.upload': {
    unrecorded: 'bytes that are of no app: the record of the build that is made of them has their checksum',
  },
};
