import { describe, expect, test } from '@jest/globals';
import type { AddonAttachment } from '../../../src/contract/wire.js';
import { refused, UUID } from './answers.js';
import type { Given } from './given.js';

const SECRET = 'correct-horse-battery';
const GENERAL = 'credentials:general';
const PRODUCTION = 'credentials:production';

/** What an app gets, by name. */
const namesOf = (attachments: readonly AddonAttachment[]): string[] =>
  attachments.map(({ addon }) => addon.name);

export function credentialsSuite(given: Given): void {
  const config = { TOKEN: SECRET, URL: `https://u:${SECRET}@pay.example` };

  /** A credential of the platform. */
  const credential = (name = 'pay', plan = GENERAL) => given.api.addons.create({ plan, name, config });
  const attach = (app: string, addon = 'pay', name?: string) =>
    given.api.addonAttachments.create({ app, addon, ...(name !== undefined && { name }) });

  const rotate = (vars: Record<string, string>) => given.api.addons.update({ addon: 'pay', config: vars });
  /** One that belongs to an app, by a user. */
  const own = (app: string, name: string) =>
    given.user.addons.createInApp({ app, plan: GENERAL, name, config });

  /** Spaces of every kind, with an app each: `web-NAME`. */
  const spaces = async (compliances: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    for (const [name, compliance] of Object.entries(compliances)) {
      await given.spaceWith(['web'], { name, compliance: [...compliance] });
    }
  };

  describe('the service of credentials', () => {
    test('has two plans, one of which requires prod', async () => {
      expect(await given.user.addonServices.list()).toMatchObject([{ name: 'credentials', state: 'ga' }]);
      expect(await given.api.addonServices.plans({ service: 'credentials' })).toMatchObject([
        { name: PRODUCTION, compliance: ['prod'], addon_service: { name: 'credentials' } },
        { name: GENERAL, compliance: [] },
      ]);
      const { plans } = await given.api.addonServices.get({ service: 'credentials' });
      expect(plans.map(({ name }) => name)).toEqual([PRODUCTION, GENERAL]);
    });
  });

  describe('a credential', () => {
    test('is shown without its values, and known by its name and its id', async () => {
      const created = await credential();
      expect(created).toMatchObject({
        id: expect.stringMatching(UUID),
        name: 'pay',
        plan: { name: GENERAL },
        addon_service: { name: 'credentials' },
        app: null,
        compliance: [],
        config_vars: { TOKEN: '[redacted]', URL: '[redacted]' },
        attached_to: [],
      });
      expect(await given.api.addons.get({ addon: 'PAY' })).toEqual(created);
      expect(await given.api.addons.get({ addon: created.id })).toEqual(created);
      expect(await given.user.addons.list()).toEqual([created]);
    });

    test('gives an app its vars under a prefix, releases it, and never shows a value', async () => {
      await given.spaceWith(['web']);
      const slug = await given.built('web-shop');
      await given.api.configVars.patch({ app: 'web-shop', vars: { COLOUR: 'red' } });
      await credential('mail-relay');
      const attached = await attach('web-shop', 'mail-relay');
      expect(attached).toMatchObject({
        name: 'MAIL_RELAY',
        addon: { name: 'mail-relay' },
        app: { name: 'web-shop' },
        config_vars: ['MAIL_RELAY_TOKEN', 'MAIL_RELAY_URL'],
      });
      expect(await given.api.configVars.get({ app: 'web-shop' })).toMatchObject({
        COLOUR: 'red',
        MAIL_RELAY_TOKEN: '[redacted]',
        MAIL_RELAY_URL: '[redacted]',
      });
      const [newest] = await given.api.releases.list({ app: 'web-shop' });
      expect(newest).toMatchObject({
        description: 'Attached mail-relay',
        status: 'pending',
        slug: { id: slug },
      });
      expect(await given.api.addons.get({ addon: 'mail-relay' })).toMatchObject({
        attached_to: [{ name: 'web-shop', owner: false }],
      });
      expect(await given.api.addonAttachments.list({ app: 'web-shop' })).toEqual([attached]);
      expect(await given.api.addonAttachments.get({ app: 'web-shop', attachment: attached.id })).toEqual(
        attached,
      );
    });

    test('is taken away again, which releases the app', async () => {
      await given.spaceWith(['web']);
      await credential();
      await attach('web-shop', 'pay', 'STRIPE');
      const removed = await given.user.addonAttachments.destroy({ app: 'web-shop', attachment: 'pay' });
      expect(removed).toMatchObject({ name: 'STRIPE', config_vars: ['STRIPE_TOKEN', 'STRIPE_URL'] });
      expect(Object.keys(await given.api.configVars.get({ app: 'web-shop' }))).toEqual(['PORT']);
      expect(await given.api.releases.list({ app: 'web-shop' })).toMatchObject([
        { description: 'Detached pay' },
        { description: 'Attached pay' },
      ]);
      expect(
        await refused(given.api.addonAttachments.destroy({ app: 'web-shop', attachment: 'pay' })),
      ).toMatchObject({ id: 'not_found', status: 404 });
    });

    test('is rotated in one go: every app that gets it is released, and each has it in the log', async () => {
      await given.spaceWith(['web', 'api']);
      await given.spaceWith(['web'], { name: 'bank', compliance: ['socs'] });
      await credential();
      for (const app of ['web-shop', 'api-shop', 'web-bank']) await attach(app);
      const before = await given.records();
      await given.api.addons.update({ addon: 'pay', config: { TOKEN: 'another-secret' } });
      expect(await given.records()).toBe(before + 4);
      for (const app of ['web-shop', 'api-shop', 'web-bank']) {
        const [newest] = await given.api.releases.list({ app });
        expect(newest).toMatchObject({ description: 'Rotated pay', version: 2 });
      }
      const [inBank] = await given.api.audits.list({ space: 'bank', size: 1 });
      expect(inBank).toMatchObject({ action: 'credential.rotate', app: 'web', space: 'bank' });
      const log = JSON.stringify(await given.api.audits.list({ size: 100 }));
      for (const secret of [SECRET, 'another-secret']) expect(log).not.toContain(secret);
      // The same values again are nothing to start anew for.
      await given.api.addons.update({ addon: 'pay', config: { TOKEN: 'another-secret' } });
      expect((await given.api.releases.list({ app: 'web-shop' })).length).toBe(2);
    });

    test('that is attached is not destroyed; the refusal names the apps', async () => {
      await given.spaceWith(['web', 'api']);
      await credential();
      await attach('web-shop');
      await attach('api-shop');
      const refusal = await refused(given.api.addons.destroy({ addon: 'pay' }));
      expect(refusal).toMatchObject({
        id: 'credential_in_use',
        status: 409,
        details: { apps: ['web-shop', 'api-shop'], count: 2 },
      });
      expect(refusal.message).toContain('web-shop, api-shop');
      for (const app of ['web-shop', 'api-shop'])
        await given.api.addonAttachments.destroy({ app, attachment: 'pay' });
      expect(await given.api.addons.destroy({ addon: 'pay' })).toMatchObject({ name: 'pay' });
      expect(await given.api.addons.list()).toEqual([]);
    });

    test.each([
      [{ name: 'p' }, 'invalid_credential_name', 422],
      [{ name: 'PAY ME' }, 'invalid_credential_name', 422],
      [{ name: 'a0000000-0000-4000-8000-000000000000' }, 'invalid_credential_name', 422],
      [{ plan: 'credentials:productoin' }, 'not_found', 404],
      [{ config: {} }, 'no_vars', 422],
      [{ config: { 'has-dash': 'x' } }, 'invalid_config_name', 422],
      [{ config: { TOKEN: '[redacted]' } }, 'redacted_value', 409],
      [{ config: { TOKEN: 'a\0b' } }, 'invalid_config_value', 422],
      [{ config: { TOKEN: 'x'.repeat(131_072) } }, 'invalid_config_value', 422],
      [
        { config: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`K${n}`, 'x'])) },
        'too_many_vars',
        409,
      ],
      [{ config: JSON.parse('{"__proto__": "x"}') as Record<string, string> }, 'invalid_input', 422],
    ])('of %j is refused with %s', async (wrong, id, status) => {
      const input = { plan: GENERAL, name: 'pay', config, ...wrong };
      expect(await refused(given.api.addons.create(input))).toMatchObject({ id, status });
      expect(await given.api.addons.list()).toEqual([]);
    });

    test('is one of its name', async () => {
      await credential();
      expect(await refused(credential('Pay'))).toMatchObject({ id: 'exists', status: 409 });
    });

    test('gets new values for what it has, and for nothing else', async () => {
      await credential();
      expect(await refused(rotate({ TOKEN: 'x', TOKNE: 'y' }))).toMatchObject({
        id: 'no_such_var',
        status: 409,
        hint: 'Did you mean TOKEN?',
      });
      expect(await refused(rotate({}))).toMatchObject({ id: 'no_vars', status: 422 });
      expect(await refused(rotate({ TOKEN: '[redacted]' }))).toMatchObject({
        id: 'redacted_value',
        status: 409,
      });
    });

    test('repeats its answer for an idempotency key, and knows another value under it', async () => {
      const key = { idempotencyKey: 'create-pay' };
      const input = { plan: GENERAL, name: 'pay', config };
      const first = await given.api.addons.create(input, key);
      expect(await given.api.addons.create(input, key)).toEqual(first);
      const other = { ...input, config: { ...config, TOKEN: 'another' } };
      expect(await refused(given.api.addons.create(other, key))).toMatchObject({
        id: 'idempotency_key_reused',
        status: 422,
      });
    });
  });

  describe('the vars of a credential', () => {
    test('are not changed by config, nor in the way of what is there', async () => {
      await given.spaceWith(['web']);
      await credential();
      await credential('other');
      const app = 'web-shop';
      await given.api.configVars.patch({ app, vars: { STRIPE_TOKEN: 'mine' } });
      const taken = await refused(attach(app, 'pay', 'STRIPE'));
      expect(taken).toMatchObject({ id: 'var_taken', status: 409 });
      expect(taken.message).toContain('STRIPE_TOKEN is a config var');
      await attach(app);
      for (const value of ['x', null]) {
        const change = given.api.configVars.patch({ app, vars: { COLOUR: 'red', PAY_TOKEN: value } });
        const refusal = await refused(change);
        expect(refusal).toMatchObject({ id: 'set_by_credential', status: 409 });
        expect(refusal.message).toContain('credential pay');
      }
      expect(await refused(attach(app, 'other', 'PAY'))).toMatchObject({ id: 'var_taken', status: 409 });
      expect(await refused(attach(app))).toMatchObject({ id: 'attached', status: 409 });
      expect(await given.api.configVars.get({ app })).not.toHaveProperty('COLOUR');
    });

    test.each([
      ['WEB', { SERVICE_HOST: 'evil' }, 'shadows_discovery', 409],
      ['AKKERIS', { SPACE: 'x' }, 'reserved_config_var', 409],
      ['1ST', { TOKEN: 'x' }, 'invalid_prefix', 422],
      ['A'.repeat(60), { ['B'.repeat(100)]: 'x' }, 'invalid_config_name', 422],
    ])('can not begin with %s for %j: %s', async (prefix, vars, id, status) => {
      await given.spaceWith(['web']);
      await given.api.addons.create({ plan: GENERAL, name: 'odd', config: vars });
      expect(await refused(attach('web-shop', 'odd', prefix))).toMatchObject({ id, status });
      expect(await given.api.addonAttachments.list({ app: 'web-shop' })).toEqual([]);
    });

    test('fit into an environment with all the others, or nothing changes for any app', async () => {
      await given.spaceWith(['web', 'api']);
      await credential();
      await attach('web-shop');
      await attach('api-shop');
      await given.api.configVars.patch({ app: 'api-shop', vars: { LARGE: 'x'.repeat(100_000) } });
      const large = { TOKEN: 'y'.repeat(40_000) };
      expect(await refused(rotate(large))).toMatchObject({
        id: 'environment_full',
        status: 409,
      });
      for (const app of ['web-shop', 'api-shop']) {
        const [newest] = await given.api.releases.list({ app });
        expect(newest?.description).not.toBe('Rotated pay');
      }
      await given.api.addons.create({ plan: GENERAL, name: 'large', config: large });
      expect(await refused(attach('api-shop', 'large'))).toMatchObject({ id: 'environment_full' });
      const more = given.api.configVars.patch({ app: 'api-shop', vars: { MORE: 'x'.repeat(40_000) } });
      expect(await refused(more)).toMatchObject({ id: 'environment_full' });
    });

    test('are hidden in any space, and do not come back with an old release', async () => {
      await spaces({ shop: [], live: ['prod'] });
      for (const app of ['web-shop', 'web-live']) {
        await given.built(app);
        if (app === 'web-shop') await credential();
        await attach(app);
        expect(JSON.stringify(await given.api.configVars.get({ app }))).not.toContain(SECRET);
        await given.api.addonAttachments.destroy({ app, attachment: 'pay' });
        await given.built(app);
        await given.api.releases.create({ app, release: '2' });
        expect(Object.keys(await given.api.configVars.get({ app }))).toEqual(['PORT']);
      }
    });
  });

  describe('what a credential requires of a space', () => {
    test('is prod for one of production, whichever way it is asked for', async () => {
      await spaces({ shop: [], vault: ['socs', 'internal'], live: ['prod'], bank: ['socs', 'prod'] });
      expect(await credential('pay', PRODUCTION)).toMatchObject({ compliance: ['prod'] });
      for (const app of ['web-shop', 'web-vault']) {
        const refusal = await refused(attach(app));
        expect(refusal).toMatchObject({
          id: 'compliance_required',
          status: 409,
          details: { lacking: ['prod'] },
        });
        expect(refusal.message).toContain('prod spaces only');
        const inApp = given.api.addons.createInApp({ app, plan: PRODUCTION, name: 'own', config });
        expect(await refused(inApp)).toMatchObject({ id: 'compliance_required', status: 409 });
        const byName = given.api.addons.create({ app, plan: PRODUCTION, name: 'own', config });
        expect(await refused(byName)).toMatchObject({ id: 'compliance_required', status: 409 });
        expect(await given.api.releases.list({ app })).toEqual([]);
      }
      for (const app of ['web-live', 'web-bank']) expect(await attach(app)).toMatchObject({ name: 'PAY' });
      expect(namesOf(await given.api.addonAttachments.list({ app: 'web-live' }))).toEqual(['pay']);
      expect((await given.api.addons.list()).map(({ name }) => name)).toEqual(['pay']);
    });

    test('is that of the space it comes from: a lesser one does not get it', async () => {
      await spaces({ shop: [], live: ['prod'], vault: ['socs'], bank: ['socs', 'prod'] });
      expect(await own('web-bank', 'of-bank')).toMatchObject({
        app: { name: 'web-bank' },
        compliance: ['socs', 'prod'],
        attached_to: [{ name: 'web-bank', owner: true }],
      });
      await own('web-vault', 'of-vault');
      await own('web-shop', 'of-shop');
      const lesser = { 'of-bank': ['shop', 'live', 'vault'], 'of-vault': ['shop', 'live'] };
      for (const [name, lacking] of Object.entries(lesser)) {
        for (const space of lacking) {
          const refusal = await refused(attach(`web-${space}`, name));
          expect(refusal).toMatchObject({ id: 'compliance_required', status: 409 });
          expect(refusal.message).toContain('whose space is socs');
        }
      }
      await attach('web-bank', 'of-vault');
      for (const space of ['live', 'vault', 'bank']) await attach(`web-${space}`, 'of-shop');
    });

    test('is never forgotten over an attachment under its name as Akkeris clients send it', async () => {
      await spaces({ live: ['prod'] });
      const plan = PRODUCTION;
      const created = await given.api.addons.createInApp({
        app: 'web-live',
        plan,
        attachment: { name: 'MAIL_RELAY' },
        config,
      });
      expect(created).toMatchObject({ name: 'mail-relay', plan: { name: PRODUCTION } });
      expect(await given.api.addonAttachments.list({ app: 'web-live' })).toMatchObject([
        { name: 'MAIL_RELAY', config_vars: ['MAIL_RELAY_TOKEN', 'MAIL_RELAY_URL'] },
      ]);
      expect(await given.api.addons.inApp({ app: 'web-live' })).toEqual([created]);
    });
  });

  describe('credentials of an app', () => {
    test('go with it, unless another app gets one', async () => {
      await given.spaceWith(['web', 'api']);
      await own('web-shop', 'pay');
      await own('web-shop', 'mail');
      await attach('api-shop');
      const destroy = () => given.api.apps.destroy({ app: 'web-shop' });
      expect(await refused(destroy())).toMatchObject({
        id: 'credential_in_use',
        status: 409,
        details: { apps: ['api-shop'] },
      });
      expect(await refused(given.api.addons.destroyInApp({ app: 'web-shop', addon: 'pay' }))).toMatchObject({
        id: 'credential_in_use',
      });
      await given.api.addonAttachments.destroy({ app: 'api-shop', attachment: 'pay' });
      await given.api.addons.destroyInApp({ app: 'web-shop', addon: 'pay' });
      expect(namesOf(await given.api.addonAttachments.list({ app: 'web-shop' }))).toEqual(['mail']);
      await destroy();
      expect(await given.api.addons.list()).toEqual([]);
    });

    test('are not those of another', async () => {
      await given.spaceWith(['web', 'api']);
      await given.api.addons.createInApp({ app: 'web-shop', plan: GENERAL, name: 'pay', config });
      const missing = { id: 'not_found', status: 404 };
      expect(await refused(given.api.addons.getInApp({ app: 'api-shop', addon: 'pay' }))).toMatchObject(
        missing,
      );
      expect(await refused(given.api.addons.destroyInApp({ app: 'api-shop', addon: 'pay' }))).toMatchObject(
        missing,
      );
    });
  });

  describe('administrators', () => {
    test('alone keep the credentials of the platform; others may give them to their apps', async () => {
      await given.spaceWith(['web']);
      const forbidden = { id: 'administrators_only', status: 403 };
      expect(await refused(given.user.addons.create({ plan: GENERAL, name: 'pay', config }))).toMatchObject(
        forbidden,
      );
      await credential();
      await given.user.addonAttachments.create({ app: 'web-shop', addon: 'pay' });
      const update = given.user.addons.update({ addon: 'pay', config: { TOKEN: 'x' } });
      expect(await refused(update)).toMatchObject(forbidden);
      await given.user.addonAttachments.destroy({ app: 'web-shop', attachment: 'pay' });
      expect(await refused(given.user.addons.destroy({ addon: 'pay' }))).toMatchObject(forbidden);
    });

    test.each([[['socs']], [['prod']], [['socs', 'prod', 'internal']]])(
      'alone delete under %j: apps, credentials, attachments and the space',
      async (compliance) => {
        await given.spaceWith(['web'], { name: 'bank', compliance });
        const app = 'web-bank';
        await given.user.addons.createInApp({ app, plan: GENERAL, name: 'own', config });
        await credential();
        await given.user.addonAttachments.create({ app, addon: 'pay' });
        await given.user.addons.update({ addon: 'own', config: { TOKEN: 'new' } });
        const deletions: readonly (() => Promise<unknown>)[] = [
          () => given.user.addonAttachments.destroy({ app, attachment: 'pay' }),
          () => given.user.addonAttachments.destroy({ app, attachment: 'own' }),
          () => given.user.addons.destroyInApp({ app, addon: 'own' }),
          () => given.user.addons.destroy({ addon: 'own' }),
          () => given.user.apps.destroy({ app }),
          () => given.user.spaces.destroy({ space: 'bank' }),
        ];
        for (const deletion of deletions) {
          expect(await refused(deletion())).toMatchObject({ id: 'administrators_only', status: 403 });
        }
        expect(namesOf(await given.api.addonAttachments.list({ app }))).toEqual(['own', 'pay']);
        const log = await given.api.audits.list({ space: 'bank', size: 100 });
        expect(log.filter(({ outcome }) => outcome === 'refused').length).toBe(deletions.length);
        await given.api.apps.destroy({ app });
        await given.api.spaces.destroy({ space: 'bank' });
      },
    );
  });
}
