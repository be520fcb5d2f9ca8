import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { type endpoints, type Noun, operations } from '../../../src/contract/endpoints.js';
import { type LogVerb, logReads } from '../../../src/contract/streams.js';
import { NOWHERE, pagesOf, refused } from './answers.js';
import type { Given } from './given.js';

/** What belongs to somebody else, by name or by id. */
interface Theirs {
  readonly space: string;
  readonly app: string;
  /** Of a pipeline that has that app only. */
  readonly pipeline: string;
  readonly coupling: string;
  /** Of a credential that belongs to that app. */
  readonly addon: string;
  /** What that app runs. */
  readonly slug: string;
}

/** What somebody is answered who may use other spaces only. */
type Rule =
  /** It is about a space or an app, and refused for whose it is. */
  | { readonly theirs: (api: AppsApi, theirs: Theirs) => Promise<unknown> }
  /** It is about something that belongs to a space or an app, and refused without a word about those. */
  | { readonly hidden: (api: AppsApi, theirs: Theirs) => Promise<unknown> }
  /** Only administrators do it at all. */
  | { readonly administrators: (api: AppsApi) => Promise<unknown> }
  /** It is answered, and says nothing of what belongs to others. */
  | { readonly silent: (api: AppsApi) => Promise<unknown> };

/** One for each operation: a new one for which nobody said who may do it does not compile. */
const RULES: { readonly [N in Noun]: Readonly<Record<keyof (typeof endpoints)[N], Rule>> } = {
  platform: {
    info: { silent: (api) => api.platform.info() },
    settings: { silent: (api) => api.platform.settings() },
    configure: { administrators: (api) => api.platform.configure({ egress: 'sealed' }) },
    testMail: { administrators: (api) => api.platform.testMail() },
  },
  tokens: {
    list: { administrators: (api) => api.tokens.list() },
    create: { administrators: (api) => api.tokens.create({ name: 'mine', role: 'admin' }) },
    revoke: { administrators: (api) => api.tokens.revoke({ token: 'bank-token' }) },
  },
  checks: {
    list: { administrators: (api) => api.checks.list() },
    add: { administrators: (api) => api.checks.add({ context: 'app/web-shop', kind: 'token' }) },
    remove: { administrators: (api) => api.checks.remove({ reporter: 'bank-scanner' }) },
  },
  console: { createCode: { administrators: (api) => api.console.createCode() } },
  account: { get: { silent: (api) => api.account.get() } },
  spaces: {
    list: { silent: (api) => api.spaces.list() },
    create: { administrators: (api) => api.spaces.create({ name: 'bank' }) },
    get: { theirs: (api, { space }) => api.spaces.get({ space }) },
    update: { theirs: (api, { space }) => api.spaces.update({ space, description: 'mine' }) },
    destroy: { theirs: (api, { space }) => api.spaces.destroy({ space }) },
    discovery: { theirs: (api, { space }) => api.spaces.discovery({ space }) },
    topology: { theirs: (api, { space }) => api.spaces.topology({ space }) },
    check: { theirs: (api, { space }) => api.spaces.check({ space }) },
  },
  apps: {
    list: { silent: (api) => api.apps.list() },
    create: { theirs: (api, { space }) => api.apps.create({ name: 'mine', space }) },
    get: { theirs: (api, { app }) => api.apps.get({ app }) },
    update: { theirs: (api, { app }) => api.apps.update({ app, description: 'mine' }) },
    destroy: { theirs: (api, { app }) => api.apps.destroy({ app }) },
  },
  configVars: {
    get: { theirs: (api, { app }) => api.configVars.get({ app }) },
    patch: { theirs: (api, { app }) => api.configVars.patch({ app, vars: { COLOUR: 'mine' } }) },
  },
  formations: {
    list: { theirs: (api, { app }) => api.formations.list({ app }) },
    create: { theirs: (api, { app }) => api.formations.create({ app, type: 'mine', command: 'x' }) },
    get: { theirs: (api, { app }) => api.formations.get({ app, type: 'web' }) },
    update: { theirs: (api, { app }) => api.formations.update({ app, type: 'web', quantity: 0 }) },
    batch: {
      theirs: (api, { app }) => api.formations.batch({ app, changes: [{ type: 'web', quantity: 0 }] }),
    },
    destroy: { theirs: (api, { app }) => api.formations.destroy({ app, type: 'web' }) },
  },
  dynos: {
    list: { theirs: (api, { app }) => api.dynos.list({ app }) },
    inSpace: { theirs: (api, { space }) => api.dynos.inSpace({ space }) },
    restartAll: { theirs: (api, { app }) => api.dynos.restartAll({ app }) },
    restart: { theirs: (api, { app }) => api.dynos.restart({ app, dyno: 'web' }) },
  },
  hosts: {
    list: { silent: (api) => api.hosts.list() },
    allow: { theirs: (api, { space }) => api.hosts.allow({ space, port: 5432 }) },
    deny: { theirs: (api, { space }) => api.hosts.deny({ space, port: '5432' }) },
  },
  sizes: { list: { silent: (api) => api.sizes.list() } },
  builds: {
    list: { theirs: (api, { app }) => api.builds.list({ app }) },
    create: { theirs: (api, { app }) => api.builds.create({ app, checksum: `sha256:${'0'.repeat(64)}` }) },
    get: { theirs: (api, { app }) => api.builds.get({ app, build: '1' }) },
    result: { theirs: (api, { app }) => api.builds.result({ app, build: '1' }) },
    stop: { theirs: (api, { app }) => api.builds.stop({ app, build: '1' }) },
    statuses: { theirs: (api, { app }) => api.builds.statuses({ app, build: '1' }) },
    report: { theirs: (api, { app }) => api.builds.report({ app, build: '1', ...WELL }) },
    overrule: {
      theirs: (api, { app }) =>
        api.builds.overrule({ app, build: '1', context: 'app/vault-bank', reason: 'mine' }),
    },
  },
  releases: {
    list: { theirs: (api, { app }) => api.releases.list({ app }) },
    create: { theirs: (api, { app }) => api.releases.create({ app, release: '1' }) },
    get: { theirs: (api, { app }) => api.releases.get({ app, release: '1' }) },
  },
  slugs: { get: { hidden: (api, { slug }) => api.slugs.get({ slug }) } },
  releaseStatuses: {
    get: {
      theirs: (api, { app }) => api.releaseStatuses.get({ app, release: '1', status: NOWHERE }),
    },
    list: { theirs: (api, { app }) => api.releaseStatuses.list({ app, release: '1' }) },
    create: { theirs: (api, { app }) => api.releaseStatuses.create({ app, release: '1', ...WELL }) },
    update: {
      theirs: (api, { app }) =>
        api.releaseStatuses.update({ app, release: '1', status: NOWHERE, state: 'success' }),
    },
  },
  pipelines: {
    list: { silent: (api) => api.pipelines.list() },
    create: { silent: (api) => api.pipelines.create({ name: 'mine' }) },
    get: { hidden: (api, { pipeline }) => api.pipelines.get({ pipeline }) },
    update: { hidden: (api, { pipeline }) => api.pipelines.update({ pipeline, description: 'mine' }) },
    destroy: { hidden: (api, { pipeline }) => api.pipelines.destroy({ pipeline }) },
    stages: { silent: (api) => api.pipelines.stages() },
    couplings: { hidden: (api, { pipeline }) => api.pipelines.couplings({ pipeline }) },
    contexts: { hidden: (api, { pipeline }) => api.pipelines.contexts({ pipeline }) },
    plan: { hidden: (api, { pipeline, app }) => api.pipelines.plan({ pipeline, from: app }) },
  },
  pipelineCouplings: {
    list: { silent: (api) => api.pipelineCouplings.list() },
    ofApp: { theirs: (api, { app }) => api.pipelineCouplings.ofApp({ app }) },
    create: {
      hidden: (api, { pipeline }) =>
        api.pipelineCouplings.create({ app: 'web-shop', pipeline, stage: 'production' }),
    },
    get: { hidden: (api, { coupling }) => api.pipelineCouplings.get({ coupling }) },
    update: {
      hidden: (api, { coupling }) =>
        api.pipelineCouplings.update({ coupling, required_status_checks: { contexts: [] } }),
    },
    destroy: { hidden: (api, { coupling }) => api.pipelineCouplings.destroy({ coupling }) },
  },
  pipelinePromotions: {
    create: {
      hidden: (api, { pipeline, app }) =>
        api.pipelinePromotions.create({
          pipeline: { id: pipeline },
          source: { app: { id: app } },
          targets: [{ app: { id: 'web-shop' } }],
        }),
    },
  },
  addonServices: {
    list: { silent: (api) => api.addonServices.list() },
    get: { silent: (api) => api.addonServices.get({ service: 'credentials' }) },
    plans: { silent: (api) => api.addonServices.plans({ service: 'credentials' }) },
  },
  addons: {
    list: { silent: (api) => api.addons.list() },
    create: { administrators: (api) => api.addons.create({ ...CREDENTIAL, name: 'mine' }) },
    get: { hidden: (api, { addon }) => api.addons.get({ addon }) },
    update: { hidden: (api, { addon }) => api.addons.update({ addon, config: { PIN: 'mine' } }) },
    destroy: { hidden: (api, { addon }) => api.addons.destroy({ addon }) },
    inApp: { theirs: (api, { app }) => api.addons.inApp({ app }) },
    createInApp: { theirs: (api, { app }) => api.addons.createInApp({ app, ...CREDENTIAL }) },
    getInApp: { theirs: (api, { app, addon }) => api.addons.getInApp({ app, addon }) },
    destroyInApp: { theirs: (api, { app, addon }) => api.addons.destroyInApp({ app, addon }) },
  },
  addonAttachments: {
    list: { theirs: (api, { app }) => api.addonAttachments.list({ app }) },
    create: { hidden: (api, { addon }) => api.addonAttachments.create({ app: 'web-shop', addon }) },
    get: { theirs: (api, { app }) => api.addonAttachments.get({ app, attachment: 'pin' }) },
    destroy: { theirs: (api, { app }) => api.addonAttachments.destroy({ app, attachment: 'pin' }) },
  },
  hooks: {
    events: { silent: (api) => api.hooks.events() },
    list: { theirs: (api, { app }) => api.hooks.list({ app }) },
    create: { theirs: (api, { app }) => api.hooks.create({ app, ...HOOK }) },
    get: { theirs: (api, { app }) => api.hooks.get({ app, hook: SOME }) },
    update: { theirs: (api, { app }) => api.hooks.update({ app, hook: SOME, active: false }) },
    destroy: { theirs: (api, { app }) => api.hooks.destroy({ app, hook: SOME }) },
    results: { theirs: (api, { app }) => api.hooks.results({ app, hook: SOME }) },
    result: { theirs: (api, { app }) => api.hooks.result({ app, hook: SOME, result: SOME }) },
    test: { theirs: (api, { app }) => api.hooks.test({ app, hook: SOME }) },
  },
  stacks: {
    list: { silent: (api) => api.stacks.list() },
    create: { administrators: (api) => api.stacks.create({ name: 'mine' }) },
    get: { silent: (api) => api.stacks.get({ stack: 'local' }) },
    update: { administrators: (api) => api.stacks.update({ stack: 'local', name: 'mine' }) },
    destroy: { administrators: (api) => api.stacks.destroy({ stack: NOWHERE }) },
  },
  regions: {
    list: { silent: (api) => api.regions.list() },
    create: { administrators: (api) => api.regions.create({ name: 'mine' }) },
    get: { silent: (api) => api.regions.get({ region: 'local' }) },
    update: { administrators: (api) => api.regions.update({ region: 'local', name: 'mine' }) },
    destroy: { administrators: (api) => api.regions.destroy({ region: NOWHERE }) },
  },
  favorites: {
    list: { silent: (api) => api.favorites.list() },
    add: { theirs: (api, { app }) => api.favorites.add({ app }) },
    remove: { theirs: (api, { app }) => api.favorites.remove({ app }) },
  },
  features: {
    list: { theirs: (api, { app }) => api.features.list({ app }) },
    get: { theirs: (api, { app }) => api.features.get({ app, feature: 'auto-release' }) },
    update: {
      theirs: (api, { app }) => api.features.update({ app, feature: 'auto-release', enabled: true }),
    },
  },
  plugins: { list: { silent: (api) => api.plugins.list() } },
  organizations: {
    list: { silent: (api) => api.organizations.list() },
    create: { administrators: (api) => api.organizations.create({ name: 'retail' }) },
    get: { silent: (api) => api.organizations.get({ organization: 'main' }) },
  },
  audits: {
    list: { silent: (api) => api.audits.list({ size: 1000 }) },
    verify: { administrators: (api) => api.audits.verify() },
  },
  digests: {
    get: { theirs: (api, { space }) => api.digests.get({ space }) },
    send: { theirs: (api, { space }) => api.digests.send({ space }) },
  },
};

const WELL = { context: 'ci/tests', state: 'success' } as const;
const SOME = '00000000-0000-4000-8000-000000000000';
const HOOK = { url: 'https://ci.example.com/hook', events: ['release'], secret: 'of a hook' };
const CREDENTIAL = { plan: 'credentials:general', name: 'pin', config: { PIN: '1234' } } as const;

/** The same for logs. */
const LOGS: Readonly<Record<LogVerb, Rule>> = {
  ofApp: { theirs: (api, { app }) => api.logs.ofApp({ app }) },
  ofSpace: { theirs: (api, { space }) => api.logs.ofSpace({ space }) },
  ofBuild: { theirs: (api, { app }) => api.logs.ofBuild({ app, build: '1' }) },
};

const ALL = [...Object.entries(RULES), ['logs', LOGS] as const].flatMap(([noun, verbs]) =>
  Object.entries<Rule>(verbs).map(([verb, rule]) => ({ name: `${noun}.${verb}`, rule })),
);
const ABOUT_THEIRS = ALL.flatMap(({ name, rule }) => ('theirs' in rule ? [{ name, call: rule.theirs }] : []));
const HIDDEN = ALL.flatMap(({ name, rule }) => ('hidden' in rule ? [{ name, call: rule.hidden }] : []));
const OF_ADMINISTRATORS = ALL.flatMap(({ name, rule }) =>
  'administrators' in rule ? [{ name, call: rule.administrators }] : [],
);
const SILENT = ALL.flatMap(({ name, rule }) => ('silent' in rule ? [{ name, call: rule.silent }] : []));

/** The spaces `shop`, whose guest somebody is, and `bank`, which has everything that a space can have. */
async function settle(given: Given): Promise<{ guest: AppsApi; ids: Theirs }> {
  await given.spaceWith(['web'], { name: 'shop' });
  const { id: space } = await given.spaceWith([], { name: 'bank', description: 'of the bank' });
  const { id: app } = await given.api.apps.create({ name: 'vault', space: 'bank', description: 'the vault' });
  const slug = await given.built('vault-bank');
  await given.api.configVars.patch({ app, vars: { WHERE: 'in the bank' } });
  await given.api.hosts.allow({ space: 'bank', port: 5432, name: 'db.bank' });
  await given.api.tokens.create({ name: 'bank-token', role: 'user', spaces: ['bank'] });
  const { id: pipeline } = await given.api.pipelines.create({ name: 'bank-line' });
  await given.api.checks.add({ context: 'app/vault-bank', kind: 'token', name: 'bank-scanner' });
  const { id: coupling } = await given.api.pipelineCouplings.create({ app, pipeline, stage: 'staging' });
  const { id: addon } = await given.api.addons.createInApp({ app, ...CREDENTIAL, name: 'bank-pin' });
  return {
    guest: await given.guest('guest', ['shop']),
    ids: { space, app, pipeline, coupling, addon, slug },
  };
}

/** What has nothing in it of that space, by whatever name. */
function expectSilence(said: unknown, theirs: Theirs): void {
  const text = JSON.stringify(said);
  for (const word of ['bank', 'vault', ...Object.values(theirs)]) expect(text).not.toContain(word);
}

export function rolesSuite(given: Given): void {
  describe('somebody who may use one space', () => {
    test('has a rule for every operation', () => {
      expect(ALL.map(({ name }) => name).sort()).toEqual(
        [...operations.map(({ name }) => name), ...logReads.map(({ verb }) => `logs.${verb}`)].sort(),
      );
    });

    test('is refused every operation in another one, by name and by id, and that is recorded', async () => {
      const { guest, ids } = await settle(given);
      for (const { name, call } of ABOUT_THEIRS) {
        const before = await given.records();
        const byName = await refused(call(guest, { ...ids, space: 'bank', app: 'vault-bank' }));
        const byId = await refused(call(guest, ids));
        for (const { status, id, hint } of [byName, byId]) {
          expect({ name, status, id, hint }).toMatchObject({
            name,
            status: 403,
            id: 'not_your_space',
            hint: expect.stringMatching(/\S/),
          });
        }
        expect([name, byName.message]).toEqual([name, 'guest may not use space bank.']);
        expect([name, `${byId.message} ${byId.hint}`]).not.toEqual([
          name,
          expect.stringMatching(/bank|vault/),
        ]);
        const events = await given.api.audits.list({ space: 'bank', size: 2 });
        const record = { outcome: 'refused', username: 'guest', space: 'bank' };
        expect({ name, events }).toMatchObject({
          name,
          events: [
            { ...record, seq: before + 2 },
            { ...record, seq: before + 1 },
          ],
        });
        if (events[0]?.action === 'access.refuse') {
          expect(JSON.parse(events[0].info)).toMatchObject({ details: { id: 'not_your_space', look: name } });
        }
      }
    });

    test('is refused what belongs to another one, without a word about that', async () => {
      const { guest, ids } = await settle(given);
      for (const { name, call } of HIDDEN) {
        const { status, message, hint } = await refused(call(guest, ids));
        // A credential is not even there for them, as its name would tell what it is for; a slug and a pipeline neither.
        expect({ name, status }).toEqual({ name, status: /^(addon|slug|pipeline)/.test(name) ? 404 : 403 });
        expect([name, `${message} ${hint}`]).not.toEqual([name, expect.stringContaining('vault')]);
      }
    });

    test('hears of a pipeline of another one as of one that is not there, and not why its name is taken', async () => {
      const { guest, ids } = await settle(given);
      for (const pipeline of ['bank-line', ids.pipeline]) {
        const hidden = await refused(guest.pipelines.get({ pipeline }));
        const absent = await refused(guest.pipelines.get({ pipeline: 'no-line' }));
        expect([hidden.id, hidden.status, hidden.hint]).toEqual([absent.id, absent.status, absent.hint]);
        expect(hidden.message).toBe(absent.message.replace('no-line', pipeline));
      }
      const taken = await refused(guest.pipelines.create({ name: 'bank-line' }));
      expect(taken).toMatchObject({
        id: 'name_not_available',
        status: 409,
        message: "The name bank-line can't be used for a pipeline.",
      });
      const { id: mine } = await guest.pipelines.create({ name: 'shop-line' });
      const renamed = await refused(guest.pipelines.update({ pipeline: mine, name: 'bank-line' }));
      expect(renamed).toMatchObject({ id: taken.id, message: taken.message });
      expect(await refused(guest.pipelines.create({ name: 'shop-line' }))).toMatchObject({
        id: 'exists',
        status: 409,
      });
    });

    test('is refused what only administrators do, and that is recorded', async () => {
      const { guest } = await settle(given);
      for (const { name, call } of OF_ADMINISTRATORS) {
        const before = await given.records();
        const { status, id } = await refused(call(guest));
        expect({ name, status, id }).toEqual({ name, status: 403, id: 'administrators_only' });
        expect(await given.api.audits.list({ size: 1 })).toMatchObject([
          { outcome: 'refused', username: 'guest', seq: before + 1 },
        ]);
      }
    });

    test('learns nothing of others from what is answered', async () => {
      const { guest, ids } = await settle(given);
      for (const { name, call } of SILENT) expectSilence({ name, said: await call(guest) }, ids);
    });

    test('sees what is theirs, page by page', async () => {
      const { guest } = await settle(given);
      for (const name of ['api', 'zebra']) await given.api.apps.create({ name, space: 'shop' });
      for (const name of ['alpha', 'beta']) await given.api.apps.create({ name, space: 'bank' });
      const apps = await pagesOf((cursor) => guest.apps.list({ limit: 1, ...(cursor && { cursor }) }));
      expect(apps.map((items) => items.map(({ name }) => name))).toEqual([
        ['api-shop'],
        ['web-shop'],
        ['zebra-shop'],
      ]);
      const spaces = await pagesOf((cursor) => guest.spaces.list({ limit: 1, ...(cursor && { cursor }) }));
      expect(spaces.map((items) => items.map(({ name }) => name))).toEqual([['shop']]);
      expect((await guest.audits.list({ size: 100 })).map(({ space }) => space)).not.toContain(null);
      expect((await guest.audits.list({ user: 'guest' })).length).toBe(0);
      expect(await refused(guest.audits.list({ space: 'bank' }))).toMatchObject({ status: 403 });
    });

    test('does in it what users do, and gets no names of others suggested', async () => {
      const { guest, ids } = await settle(given);
      const app = 'till-shop';
      await guest.apps.create({ name: 'till', space: 'shop' });
      await guest.configVars.patch({ app, vars: { COLOUR: 'red' } });
      const { checksum } = await guest.sources.upload(Readable.from([Buffer.from('mine')]));
      expect(await guest.builds.create({ app, checksum })).toMatchObject({ status: 'queued' });
      expect(await guest.spaces.update({ space: 'shop', description: 'ours' })).toMatchObject({
        name: 'shop',
      });
      expect(await refused(guest.spaces.get({ space: 'shpo' }))).toMatchObject({
        status: 403,
        hint: 'Did you mean shop?',
      });
      await given.api.apps.create({ name: 'vault', space: 'default' });
      for (const wrong of ['vault', 'vualt-bank', 'vault-bnak', 'vault-shop', 'web-sohp']) {
        const error = await refused(guest.apps.get({ app: wrong }));
        expect([403, 404]).toContain(error.status);
        expectSilence({ ...error, message: '', details: undefined }, ids);
      }
      expect(await refused(guest.spaces.destroy({ space: 'shop' }))).toMatchObject({
        status: 403,
        id: 'administrators_only',
      });
      expect(await guest.apps.destroy({ app })).toMatchObject({ result: 'successful' });
    });

    test('has the spaces that were given, however they are written', async () => {
      const { guest } = await settle(given);
      expect((await guest.spaces.get({ space: 'SHOP' })).name).toBe('shop');
      expect((await refused(guest.spaces.get({ space: 'BANK' }))).status).toBe(403);
      expect((await refused(guest.apps.get({ app: 'Vault-Bank' }))).status).toBe(403);
    });
  });
}
