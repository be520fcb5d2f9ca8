import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AppsApi, Page } from '../../src/contract/apps-api.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { AppsApiError, type ErrorFacts } from '../../src/contract/errors.js';
import type { Space } from '../../src/contract/wire.js';
import { DISCOVERY_BYTES_MAX } from '../../src/model/discovery.js';
import { recording } from './recording.js';

/** A new platform, reached in some way. */
export interface Reached {
  readonly admin: AppsApi;
  /** On behalf of somebody who is no administrator. */
  readonly user: AppsApi;
  close(): Promise<void>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** What every Apps API does, whichever way it is reached. Each test has a platform of its own. */
export function contractSuite(way: string, reach: () => Promise<Reached>): void {
  describe(way, () => {
    const seen = new Set<string>();
    let reached: Reached;
    let api: AppsApi;

    beforeEach(async () => {
      reached = await reach();
      api = recording(reached.admin, seen);
    });
    afterEach(() => reached.close());

    /** A space, by default `shop` without compliance, with apps of these names. */
    async function spaceWith(
      apps: string[],
      space: Parameters<AppsApi['spaces']['create']>[0] = { name: 'shop' },
    ) {
      const created = await api.spaces.create(space);
      for (const name of apps) await api.apps.create({ name, space: space.name });
      return created;
    }

    async function spaceNames(filter = {}): Promise<string[]> {
      return (await api.spaces.list(filter)).items.map(({ name }) => name);
    }

    async function records(): Promise<number> {
      return (await api.audits.verify()).records;
    }

    describe('platform and account', () => {
      test('says what the platform is and can do', async () => {
        const info = await api.platform.info();
        expect(info).toMatchObject({ name: 'embedded', app_key_max: 63 });
        expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
        expect(info.capabilities).toEqual(
          expect.arrayContaining(['spaces.update', 'spaces.destroy', 'spaces.discovery']),
        );
      });

      test('says who is asking, and whether they are an administrator', async () => {
        expect(await api.account.get()).toMatchObject({ elevated_access: true });
        expect(await reached.user.account.get()).toMatchObject({ name: 'ursula', elevated_access: false });
      });
    });

    describe('spaces', () => {
      test('creates one and shows it whole, by name and by id', async () => {
        const created = await api.spaces.create({
          name: 'Web-Shop',
          compliance: ['internal', 'socs', 'socs'],
          description: 'Sells things',
          stack: 'local',
        });
        expect(created).toEqual({
          id: expect.stringMatching(UUID),
          name: 'web-shop',
          compliance: ['socs', 'internal'],
          description: 'Sells things',
          region: { id: expect.stringMatching(UUID), name: 'local' },
          stack: { id: expect.stringMatching(UUID), name: 'local' },
          state: 'allocated',
          apps: 0,
          domain: 'https://[app]-web-shop.internal.local.localhost:8443',
          network: {
            mode: expect.stringMatching(/^(subnet|loopback)$/),
            subnets: [expect.stringMatching(/^[\d.]+\/24$/)],
          },
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          updated_at: created.created_at,
        });
        expect(await api.spaces.get({ space: 'web-shop' })).toEqual(created);
        expect(await api.spaces.get({ space: 'WEB-shop' })).toEqual(created);
        expect(await api.spaces.get({ space: created.id })).toEqual(created);
        expect(await spaceNames()).toEqual(['default', 'web-shop']);
      });

      test.each([
        [undefined, []],
        [null, []],
        [[], []],
        [['prod'], ['prod']],
        [
          ['prod', 'socs'],
          ['socs', 'prod'],
        ],
        [
          ['internal', 'prod', 'socs'],
          ['socs', 'prod', 'internal'],
        ],
      ])('takes compliance %j as %j', async (asked, stored) => {
        const input = asked === undefined ? { name: 'shop' } : { name: 'shop', compliance: asked };
        expect((await api.spaces.create(input)).compliance).toEqual(stored);
        expect((await api.spaces.get({ space: 'shop' })).compliance).toEqual(stored);
      });

      test.each([
        ['socsprod'],
        ['socs,prod'],
        ['SOCS'],
        ['production'],
        ['prod-x'],
        ['soc'],
        ['pci'],
        [''],
        [' '],
        ['socs prod'],
        ['compliance=prod'],
      ])('refuses compliance %j and creates nothing', async (word) => {
        const before = await spaceNames();
        const refusal = await refused(api.spaces.create({ name: 'shop', compliance: ['socs', word] }));
        expect(refusal.status).toBe(422);
        expect(refusal.hint).toMatch(/socs, ?prod/);
        expect(await spaceNames()).toEqual(before);
      });

      test.each([
        [''],
        ['a'],
        ['9lives'],
        ['-shop'],
        ['shop-'],
        ['sh--op'],
        ['sh_op'],
        ['sh op'],
        ['š'],
        ['a'.repeat(41)],
      ])('refuses name %j', async (name) => {
        expect(await refused(api.spaces.create({ name }))).toMatchObject({
          id: 'invalid_space_name',
          status: 422,
        });
      });

      test.each([['prod'], ['kube-system'], ['Akkeris']])('refuses the reserved name %j', async (name) => {
        expect(await refused(api.spaces.create({ name }))).toMatchObject({
          id: 'reserved_space_name',
          status: 409,
        });
      });

      test('refuses a name that is taken, whatever its case', async () => {
        await spaceWith([]);
        expect(await refused(api.spaces.create({ name: 'SHOP' }))).toMatchObject({
          id: 'exists',
          status: 409,
          message: 'Space shop exists already.',
          details: { space: 'shop' },
        });
      });

      test('refuses a stack that is not there', async () => {
        const refusal = await refused(api.spaces.create({ name: 'shop', stack: 'locol' }));
        expect(refusal).toMatchObject({ id: 'not_found', status: 404, hint: 'Did you mean local?' });
        expect(await spaceNames()).toEqual(['default']);
      });

      test.each([
        ['an unknown member', { name: 'shop', colour: 'red' }, /"colour" is not known/],
        ['a name that is no text', { name: 7 }, /name/],
        ['no name', {}, /name/],
        ['a compliance that is no list', { name: 'shop', compliance: 'socs' }, /compliance/],
        ['a compliance of numbers', { name: 'shop', compliance: [1] }, /compliance/],
        ['a description that is too long', { name: 'shop', description: 'x'.repeat(501) }, /description/],
      ])('refuses %s', async (_, input, message) => {
        const refusal = await refused(api.spaces.create(input as { name: string }));
        expect(refusal).toMatchObject({
          id: 'invalid_input',
          status: 422,
          message: expect.stringMatching(message),
        });
        expect(await spaceNames()).toEqual(['default']);
      });

      test('creates a name only once, however many ask for it at once', async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 8 }, () => api.spaces.create({ name: 'shop' })),
        );
        const reasons = outcomes.flatMap((each) =>
          each.status === 'rejected' ? [each.reason as AppsApiError] : [],
        );
        expect(reasons.map(({ id }) => id)).toEqual(Array.from({ length: 7 }, () => 'exists'));
        expect(await spaceNames()).toEqual(['default', 'shop']);
      });

      test('changes the description, and nothing else', async () => {
        const created = await spaceWith([], { name: 'shop', compliance: ['socs'] });
        const updated = await api.spaces.update({ space: 'shop', description: 'Ünïcode "quoted" <b>\u0001' });
        expect(updated).toEqual({
          ...created,
          description: 'Ünïcode "quoted" <b>\u0001',
          updated_at: expect.any(String),
        });
        expect(await api.spaces.get({ space: created.id })).toEqual(updated);
        expect((await api.spaces.update({ space: created.id, description: '' })).description).toBe('');
      });

      test.each([
        ['compliance', ['prod']],
        ['compliance', []],
        ['compliance', ['socs']],
        ['name', 'other'],
        ['stack', 'local'],
      ])('never changes its %s to %j', async (member, value) => {
        const created = await spaceWith([], { name: 'shop', compliance: ['socs'] });
        const refusal = await refused(
          api.spaces.update({ space: 'shop', description: 'new', [member]: value }),
        );
        expect(refusal).toMatchObject({ id: 'immutable', status: 409, details: { space: 'shop', member } });
        expect(await api.spaces.get({ space: 'shop' })).toEqual(created);
      });

      test('refuses an update of what is not there, or with an unknown member', async () => {
        expect(await refused(api.spaces.update({ space: 'shop', description: '' }))).toMatchObject(
          missing('space', 'shop'),
        );
        await spaceWith([]);
        const input = { space: 'shop', colour: 'red' };
        expect(await refused(api.spaces.update(input))).toMatchObject({ id: 'invalid_input', status: 422 });
      });

      test('destroys an empty one, and gives its name and addresses back', async () => {
        const created = await spaceWith([], { name: 'shop', compliance: ['socs'] });
        expect(await api.spaces.destroy({ space: created.id })).toEqual(created);
        expect(await refused(api.spaces.get({ space: 'shop' }))).toMatchObject(missing('space', 'shop'));
        const again = await spaceWith([]);
        expect(again.id).not.toBe(created.id);
        expect(again.compliance).toEqual([]);
        expect(again.network).toEqual(created.network);
      });

      test('destroys none that has apps, and names them', async () => {
        await spaceWith(['web', 'api']);
        expect(await refused(api.spaces.destroy({ space: 'shop' }))).toMatchObject({
          id: 'space_in_use',
          status: 409,
          details: { space: 'shop', apps: ['api', 'web'], count: 2 },
        });
        expect((await api.spaces.get({ space: 'shop' })).apps).toBe(2);
      });

      test('destroys neither the default one nor one that is not there', async () => {
        expect(await refused(api.spaces.destroy({ space: 'default' }))).toMatchObject({
          id: 'default_space',
          status: 409,
        });
        expect(await refused(api.spaces.destroy({ space: 'shop' }))).toMatchObject(missing('space', 'shop'));
      });

      test.each([['socs'], ['prod']])('lets only administrators destroy one under %s', async (compliance) => {
        await spaceWith([], { name: 'shop', compliance: [compliance] });
        expect(await refused(reached.user.spaces.destroy({ space: 'shop' }))).toMatchObject({
          id: 'administrators_only',
          status: 403,
        });
        expect(await spaceNames()).toContain('shop');
        await spaceWith([], { name: 'plain', compliance: ['internal'] });
        expect((await reached.user.spaces.destroy({ space: 'plain' })).name).toBe('plain');
      });

      test('proposes the name that was meant', async () => {
        await spaceWith([]);
        expect(await refused(api.spaces.get({ space: 'shpo' }))).toMatchObject({
          ...missing('space', 'shpo'),
          hint: 'Did you mean shop?',
        });
      });

      test.each([
        ['..'],
        ['.'],
        ['a/b'],
        ['a?b=c'],
        ['%2e%2e'],
        ['ü ß'],
        ['a\u0000b'],
        ['#'],
        ['openapi.json'],
        ['\ud800'],
      ])('looks for %j as a name, and for nothing else', async (space) => {
        expect(await refused(api.spaces.get({ space }))).toMatchObject({ id: 'not_found', status: 404 });
        expect(await refused(api.spaces.discovery({ space }))).toMatchObject({
          id: 'not_found',
          status: 404,
        });
      });

      test('refuses an empty name', async () => {
        expect(await refused(api.spaces.get({ space: '' }))).toMatchObject({ status: 422 });
        expect(await refused(api.apps.destroy({ app: '' }))).toMatchObject({ status: 422 });
      });
    });

    describe('lists of spaces', () => {
      beforeEach(async () => {
        for (const [name, compliance] of [
          ['delta', ['socs']],
          ['alpha', ['socs', 'prod']],
          ['charlie', ['internal']],
          ['bravo', []],
        ] as const) {
          await api.spaces.create({ name, compliance: [...compliance] });
        }
      });

      test('are by name, and whole unless there is a limit', async () => {
        const { items, ...rest } = await api.spaces.list();
        expect(items.map(({ name }) => name)).toEqual(['alpha', 'bravo', 'charlie', 'default', 'delta']);
        expect(rest).toEqual({});
        expect(items[0]).toEqual(await api.spaces.get({ space: 'alpha' }));
      });

      test.each([[1], [2], [4], [5], [6], [1000]])(
        'come in pages of %d that make up the whole',
        async (limit) => {
          const pages = await pagesOf((cursor) =>
            api.spaces.list({ limit, ...(cursor !== undefined && { cursor }) }),
          );
          expect(pages.flat()).toEqual((await api.spaces.list()).items);
          expect(pages.slice(0, -1).map((items) => items.length)).toEqual(pages.slice(1).map(() => limit));
        },
      );

      test('keep their place while spaces come and go', async () => {
        const { next = '' } = await api.spaces.list({ limit: 2 });
        await api.spaces.destroy({ space: 'bravo' });
        await api.spaces.create({ name: 'aardvark' });
        const { items } = await api.spaces.list({ limit: 2, cursor: next });
        expect(items.map(({ name }) => name)).toEqual(['charlie', 'default']);
      });

      test('can be of those with a compliance or on a stack', async () => {
        expect(await spaceNames({ compliance: 'socs' })).toEqual(['alpha', 'delta']);
        expect(await spaceNames({ compliance: 'prod,SOCS' })).toEqual(['alpha']);
        expect(await spaceNames({ compliance: 'socs', limit: 1 })).toEqual(['alpha']);
        expect(await spaceNames({ stack: 'local' })).toHaveLength(5);
      });

      test.each([
        ['a limit of 0', { limit: 0 }, 422],
        ['a limit above 1000', { limit: 1001 }, 422],
        ['a limit that is no whole number', { limit: 1.5 }, 422],
        ['a cursor of nothing', { limit: 1, cursor: 'bm90aGluZw' }, 422],
        ['a cursor of another list', { limit: 1, cursor: 'WyJhIiwiYiJd' }, 422],
        ['an unknown compliance', { compliance: 'pro' }, 422],
        ['an unknown stack', { stack: 'nope' }, 404],
        ['an unknown member', { name: 'alpha' }, 422],
      ])('refuse %s', async (_, filter, status) => {
        expect((await refused(api.spaces.list(filter as object))).status).toBe(status);
      });
    });

    describe('discovery', () => {
      test('gives every app of a space a place of its own, for its life', async () => {
        const space = await spaceWith(['web', 'api']);
        const found = await api.spaces.discovery({ space: 'shop' });
        expect(found).toMatchObject({
          space: { id: space.id, name: 'shop' },
          bytes_max: DISCOVERY_BYTES_MAX,
        });
        expect(found.apps).toEqual([
          {
            id: expect.stringMatching(UUID),
            name: 'api',
            host: expect.stringMatching(/^\d+(\.\d+){3}$/),
            port: expect.any(Number),
            web_url: 'https://api-shop.local.localhost:8443',
          },
          {
            id: expect.stringMatching(UUID),
            name: 'web',
            host: expect.stringMatching(/^\d+(\.\d+){3}$/),
            port: expect.any(Number),
            web_url: 'https://web-shop.local.localhost:8443',
          },
        ]);
        const [first, second] = found.apps;
        expect(`${first?.host}:${first?.port}`).not.toBe(`${second?.host}:${second?.port}`);
        await api.apps.create({ name: 'another', space: 'shop' });
        await api.apps.destroy({ app: 'api-shop' });
        const later = await api.spaces.discovery({ space: space.id });
        expect(later.apps.find(({ name }) => name === 'web')).toEqual(second);
      });

      test('gives the place of an app that is gone to the next one', async () => {
        await spaceWith(['web']);
        const [before] = (await api.spaces.discovery({ space: 'shop' })).apps;
        await api.apps.destroy({ app: 'web-shop' });
        await api.apps.create({ name: 'api', space: 'shop' });
        const [after] = (await api.spaces.discovery({ space: 'shop' })).apps;
        expect(after).toMatchObject({ name: 'api', host: before?.host, port: before?.port });
      });

      test('counts what the vars take in an environment', async () => {
        await spaceWith([]);
        expect((await api.spaces.discovery({ space: 'shop' })).bytes).toBe(0);
        await api.apps.create({ name: 'web', space: 'shop' });
        const { apps, bytes } = await api.spaces.discovery({ space: 'shop' });
        const [web] = apps;
        expect(bytes).toBe(`WEB_SERVICE_HOST=${web?.host}\0WEB_SERVICE_PORT=${web?.port}\0`.length);
      });

      test('is not there for a space that is not', async () => {
        expect(await refused(api.spaces.discovery({ space: 'shop' }))).toMatchObject(
          missing('space', 'shop'),
        );
      });
    });

    describe('apps', () => {
      test('creates one and shows it whole, by key and by id', async () => {
        const space = await spaceWith([], { name: 'shop', compliance: ['prod', 'socs'] });
        const created = await api.apps.create({
          name: 'Web',
          space: 'Shop',
          org: 'main',
          description: 'front',
          labels: 'a,b',
        });
        expect(created).toMatchObject({
          id: expect.stringMatching(UUID),
          name: 'web-shop',
          key: 'web-shop',
          simple_name: 'web',
          description: 'front',
          labels: 'a,b',
          maintenance: false,
          organization: { name: 'main' },
          region: space.region,
          stack: space.stack,
          space: { id: space.id, name: 'shop', compliance: 'compliance=socs,compliance=prod' },
          web_url: 'https://web-shop.local.localhost:8443',
        });
        expect(await api.apps.get({ app: 'WEB-shop' })).toEqual(created);
        expect(await api.apps.get({ app: created.id })).toEqual(created);
        expect((await api.apps.list()).items).toEqual([created]);
        expect((await api.spaces.get({ space: 'shop' })).apps).toBe(1);
      });

      test('leaves the space out of the domain in default, and only there', async () => {
        expect((await api.apps.create({ name: 'web', space: 'default' })).web_url).toBe(
          'https://web.local.localhost:8443',
        );
        await spaceWith([], { name: 'default2' });
        expect((await api.apps.create({ name: 'web', space: 'default2' })).web_url).toBe(
          'https://web-default2.local.localhost:8443',
        );
      });

      test('refuses one that is there, or whose space or organization is not', async () => {
        await spaceWith(['web']);
        expect(await refused(api.apps.create({ name: 'WEB', space: 'shop' }))).toMatchObject({
          id: 'exists',
          status: 409,
        });
        expect(await refused(api.apps.create({ name: 'web', space: 'shpo' }))).toMatchObject(
          missing('space', 'shpo'),
        );
        expect(await refused(api.apps.create({ name: 'api', space: 'shop', org: 'mian' }))).toMatchObject(
          missing('organization', 'mian'),
        );
        expect((await api.spaces.get({ space: 'shop' })).apps).toBe(1);
      });

      test.each([[''], ['my-app'], ['1web'], ['we_b'], ['wéb'], ['a'.repeat(59)]])(
        'refuses name %j',
        async (name) => {
          await spaceWith([]);
          expect(await refused(api.apps.create({ name, space: 'shop' }))).toMatchObject({
            id: 'invalid_app_name',
            status: 422,
          });
        },
      );

      test('allows a name that fills the label, and says how much is left', async () => {
        await spaceWith([]);
        expect((await api.apps.create({ name: 'a'.repeat(58), space: 'shop' })).name).toHaveLength(63);
        const refusal = await refused(api.apps.create({ name: 'b'.repeat(59), space: 'shop' }));
        expect(refusal.hint).toContain('58 characters are left');
      });

      test.each([
        ['an unknown member', { name: 'web', space: 'shop', size: 'gp1' }],
        ['no space', { name: 'web' }],
        ['a name that is no text', { name: ['web'], space: 'shop' }],
      ])('refuses %s', async (_, input) => {
        await spaceWith([]);
        const refusal = await refused(api.apps.create(input as { name: string; space: string }));
        expect(refusal).toMatchObject({ id: 'invalid_input', status: 422 });
        expect((await api.apps.list()).items).toEqual([]);
      });

      test('changes description, labels and maintenance', async () => {
        await spaceWith(['web']);
        const before = await api.apps.get({ app: 'web-shop' });
        const after = await api.apps.update({
          app: 'web-shop',
          description: 'd',
          labels: 'l',
          maintenance: true,
        });
        expect(after).toEqual({
          ...before,
          description: 'd',
          labels: 'l',
          maintenance: true,
          updated_at: expect.any(String),
        });
        expect(await api.apps.update({ app: before.id, labels: '' })).toMatchObject({
          description: 'd',
          labels: '',
        });
      });

      test('neither renames one nor moves it; its present name and space are no change', async () => {
        await spaceWith(['web']);
        await api.spaces.create({ name: 'other' });
        const before = await api.apps.get({ app: 'web-shop' });
        for (const change of [{ name: 'api' }, { space: 'other' }, { name: 'web-other' }]) {
          const refusal = await refused(api.apps.update({ app: 'web-shop', description: 'x', ...change }));
          expect(refusal).toMatchObject({ id: 'immutable', status: 409 });
        }
        expect(await api.apps.get({ app: 'web-shop' })).toEqual(before);
        expect(
          await api.apps.update({ app: 'web-shop', name: 'web', space: 'shop', description: 'x' }),
        ).toMatchObject({
          name: 'web-shop',
          description: 'x',
        });
      });

      test('destroys one with its config vars, and only it', async () => {
        await spaceWith(['web', 'api']);
        const { id } = await api.apps.get({ app: 'web-shop' });
        await api.configVars.patch({ app: 'web-shop', vars: { A: '1' } });
        expect(await api.apps.destroy({ app: 'web-shop' })).toEqual({
          id,
          name: 'web-shop',
          org: 'main',
          result: 'successful',
        });
        expect(await refused(api.apps.get({ app: id }))).toMatchObject(missing('app', id));
        expect((await api.apps.list()).items.map(({ name }) => name)).toEqual(['api-shop']);
        await api.apps.create({ name: 'web', space: 'shop' });
        expect(await api.configVars.get({ app: 'web-shop' })).not.toHaveProperty('A');
      });

      test.each([['socs'], ['prod']])('lets only administrators destroy one under %s', async (compliance) => {
        await spaceWith(['web'], { name: 'shop', compliance: [compliance] });
        const refusal = await refused(reached.user.apps.destroy({ app: 'web-shop' }));
        expect(refusal).toMatchObject({ id: 'administrators_only', status: 403 });
        expect((await api.apps.get({ app: 'web-shop' })).simple_name).toBe('web');
      });

      test('proposes the app that was meant', async () => {
        await spaceWith(['web']);
        for (const [asked, hint] of [
          ['wbe-shop', 'web-shop'],
          ['web-shpo', 'web-shop'],
        ] as const) {
          expect((await refused(api.apps.get({ app: asked }))).hint).toBe(`Did you mean ${hint}?`);
        }
      });

      test('are not found under their simple name, nor changed or destroyed', async () => {
        await spaceWith(['web']);
        for (const call of [
          api.apps.get({ app: 'web' }),
          api.apps.update({ app: 'web', description: '' }),
          api.apps.destroy({ app: 'web' }),
        ]) {
          expect(await refused(call)).toMatchObject(missing('app', 'web'));
        }
        expect(
          (await refused(api.apps.update({ app: 'web-shop', colour: 'red' } as { app: string }))).status,
        ).toBe(422);
      });
    });

    describe('lists of apps', () => {
      beforeEach(async () => {
        await spaceWith(['web', 'api'], { name: 'shop' });
        await spaceWith(['web', 'db'], { name: 'bank' });
      });

      // oxlint-disable-next-line unicorn/consistent-function-scoping -- `api` is another one in each test
      const keys = async (filter = {}): Promise<string[]> =>
        (await api.apps.list(filter)).items.map(({ name }) => name);

      test('are by name, then space', async () => {
        expect(await keys()).toEqual(['api-shop', 'db-bank', 'web-bank', 'web-shop']);
      });

      test('can be of one space', async () => {
        expect(await keys({ space: 'bank' })).toEqual(['db-bank', 'web-bank']);
        const { id } = await api.spaces.get({ space: 'shop' });
        expect(await keys({ space: id })).toEqual(['api-shop', 'web-shop']);
        expect(await keys({ space: 'default' })).toEqual([]);
        expect(await refused(api.apps.list({ space: 'shpo' }))).toMatchObject(missing('space', 'shpo'));
      });

      test('take the flag that existing clients send', async () => {
        expect(await keys({ simple: true })).toHaveLength(4);
        expect((await refused(api.apps.list({ simple: 'maybe' } as object))).status).toBe(422);
      });

      test.each([
        [1, undefined],
        [2, undefined],
        [3, undefined],
        [1, 'bank'],
        [2, 'shop'],
      ])('come in pages of %d of space %s that make up the whole', async (limit, space) => {
        const filter = space === undefined ? {} : { space };
        const pages = await pagesOf((cursor) =>
          api.apps.list({ ...filter, limit, ...(cursor !== undefined && { cursor }) }),
        );
        expect(pages.flat()).toEqual((await api.apps.list(filter)).items);
        expect(pages.every((items) => items.length <= limit && items.length > 0)).toBe(true);
      });

      test.each([
        ['an unknown member', { state: 'up' }],
        ['a limit of 0', { limit: 0 }],
        ['a cursor of nothing', { limit: 1, cursor: 'x' }],
      ])('refuse %s', async (_, filter) => {
        expect((await refused(api.apps.list(filter as object))).status).toBe(422);
      });
    });

    describe('config vars', () => {
      const app = 'web-shop';

      test('are set, shown and removed, all of the others staying', async () => {
        await spaceWith(['web']);
        const { PORT } = await api.configVars.get({ app });
        expect(PORT).toMatch(/^\d+$/);
        expect(await api.configVars.patch({ app, vars: { A: '1', B: 'ü\n"=' } })).toEqual({
          A: '1',
          B: 'ü\n"=',
          PORT,
        });
        expect(await api.configVars.patch({ app, vars: { A: null, C: '' } })).toEqual({
          B: 'ü\n"=',
          C: '',
          PORT,
        });
        expect(await api.configVars.get({ app })).toEqual({ B: 'ü\n"=', C: '', PORT });
      });

      test('are text, also when numbers and booleans are sent', async () => {
        await spaceWith(['web']);
        const stored = await api.configVars.patch({ app, vars: { N: 1.5, T: true, F: false, Z: 0 } });
        expect(stored).toMatchObject({ N: '1.5', T: 'true', F: 'false', Z: '0' });
      });

      test('are removed by null also when empty; one that is not set is refused', async () => {
        await spaceWith(['web']);
        await api.configVars.patch({ app, vars: { EMPTY: '' } });
        expect(await api.configVars.patch({ app, vars: { EMPTY: null } })).not.toHaveProperty('EMPTY');
        expect(await refused(api.configVars.patch({ app, vars: { EMPTY: null } }))).toMatchObject({
          id: 'not_set',
          status: 409,
        });
      });

      test.each([
        ['PORT', '80', 'reserved_config_var', 409],
        ['AKKERIS_SPACE', 'x', 'reserved_config_var', 409],
        ['PORT', null, 'reserved_config_var', 409],
        ['API_SERVICE_HOST', 'evil', 'shadows_discovery', 409],
        ['WEB_SERVICE_PORT', '1', 'shadows_discovery', 409],
        ['NOT_YET_THERE', null, 'not_set', 409],
        ['has-dash', 'x', 'invalid_config_name', 422],
        ['1ST', 'x', 'invalid_config_name', 422],
        ['', 'x', 'invalid_config_name', 422],
        ['__proto__', 'x', 'invalid_input', 422],
        ['LONG', 'x'.repeat(131_072), 'invalid_config_value', 422],
        ['NUL', 'a\0b', 'invalid_config_value', 422],
        ['OBJECT', {}, 'invalid_input', 422],
        ['LIST', ['x'], 'invalid_input', 422],
      ])('refuse %s = %j with %s, and then change nothing at all', async (name, value, id, status) => {
        await spaceWith(['web']);
        const before = await api.configVars.patch({ app, vars: { KEEP: 'old' } });
        const vars = Object.fromEntries([
          ['KEEP', 'new'],
          ['FRESH', 'x'],
          [name, value as string | null],
        ]);
        expect(await refused(api.configVars.patch({ app, vars }))).toMatchObject({ id, status });
        expect(await api.configVars.get({ app })).toEqual(before);
      });

      test.each([['constructor'], ['toString'], ['hasOwnProperty']])(
        'treat %s as any other name',
        async (name) => {
          await spaceWith(['web']);
          const vars = JSON.parse(`{"${name}": "x"}`) as Record<string, string>;
          const stored = await api.configVars.patch({ app, vars });
          expect(Object.entries(stored)).toContainEqual([name, 'x']);
          expect(Object.entries(await api.configVars.get({ app }))).toContainEqual([name, 'x']);
          expect(
            Object.keys(
              await api.configVars.patch({
                app,
                vars: JSON.parse(`{"${name}": null}`) as Record<string, null>,
              }),
            ),
          ).toEqual(['PORT']);
        },
      );

      test('show what is sensitive as [redacted] under socs, to everybody, and nothing else', async () => {
        await spaceWith(['web'], { name: 'shop', compliance: ['socs'] });
        const vars = { DB_PASSWORD: 'hunter2hunter2', URL: 'https://u:hunter2hunter2@host/x', COLOUR: 'red' };
        const shown = await api.configVars.patch({ app, vars });
        expect(shown).toMatchObject({ DB_PASSWORD: '[redacted]', COLOUR: 'red' });
        expect(JSON.stringify(shown)).not.toContain('hunter2');
        for (const caller of [api, reached.user]) expect(await caller.configVars.get({ app })).toEqual(shown);
        expect(JSON.stringify(await api.audits.list({ size: 100 }))).not.toContain('hunter2');
      });

      test.each([[['socs']], [['prod']], [[]]])(
        'never take [redacted] back, under %j',
        async (compliance) => {
          await spaceWith(['web'], { name: 'shop', compliance });
          await api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2hunter2' } });
          for (const value of ['[redacted]', 'https://u:[redacted]@host']) {
            const refusal = await refused(
              api.configVars.patch({ app, vars: { COLOUR: 'red', DB_PASSWORD: value } }),
            );
            expect(refusal).toMatchObject({ id: 'redacted_value', status: 409 });
          }
          expect(await api.configVars.get({ app })).not.toHaveProperty('COLOUR');
        },
      );

      test('are in clear where there is no socs', async () => {
        await spaceWith(['web'], { name: 'shop', compliance: ['prod'] });
        expect(await api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2hunter2' } })).toMatchObject({
          DB_PASSWORD: 'hunter2hunter2',
        });
      });

      test('are not there for an app that is not', async () => {
        await spaceWith([]);
        expect(await refused(api.configVars.get({ app }))).toMatchObject({ id: 'not_found', status: 404 });
        expect(await refused(api.configVars.patch({ app, vars: {} }))).toMatchObject({
          id: 'not_found',
          status: 404,
        });
        for (const vars of [null, [], 'A=1', 7]) {
          const input = { app, vars } as unknown as { app: string; vars: Record<string, string> };
          expect(await refused(api.configVars.patch(input))).toMatchObject({
            id: 'invalid_input',
            status: 422,
          });
        }
      });
    });

    describe('stacks, regions and organizations', () => {
      test('are listed, and shown by name and by id', async () => {
        const [stack, ...stacks] = await api.stacks.list();
        const [region, ...regions] = await api.regions.list();
        const [organization, ...organizations] = await api.organizations.list();
        expect([stacks, regions, organizations]).toEqual([[], [], []]);
        expect(stack).toMatchObject({
          name: 'local',
          default: true,
          region: { id: region?.id, name: 'local' },
        });
        expect(region).toMatchObject({ name: 'local', private_capable: true });
        expect(organization).toMatchObject({ name: 'main' });
        for (const key of ['local', stack?.id ?? ''])
          expect(await api.stacks.get({ stack: key })).toEqual(stack);
        for (const key of ['local', region?.id ?? ''])
          expect(await api.regions.get({ region: key })).toEqual(region);
        for (const key of ['main', organization?.id ?? '']) {
          expect(await api.organizations.get({ organization: key })).toEqual(organization);
        }
      });

      test('are not found under another name', async () => {
        for (const key of ['nope', NOWHERE]) {
          expect(await refused(api.stacks.get({ stack: key }))).toMatchObject(missing('stack', key));
          expect(await refused(api.regions.get({ region: key }))).toMatchObject(missing('region', key));
          expect(await refused(api.organizations.get({ organization: key }))).toMatchObject(
            missing('organization', key),
          );
        }
      });

      test('take no unknown member', async () => {
        for (const call of [
          api.stacks.get({ stack: 'local', x: 1 } as { stack: string }),
          (api.regions.list as (input: object) => Promise<unknown>)({ x: 1 }),
        ]) {
          expect(await refused(call)).toMatchObject({ id: 'invalid_input', status: 422 });
        }
      });
    });

    describe('audits', () => {
      test('have a record of every change and every refusal, newest first, with who and where', async () => {
        const before = await records();
        await spaceWith(['web']);
        await refused(api.spaces.create({ name: 'shop' }));
        await refused(reached.user.apps.update({ app: 'web-shop', space: 'default' }));
        const events = await api.audits.list({ size: 4 });
        expect(events).toMatchObject([
          { action: 'app.update', app: 'web', space: 'shop', outcome: 'refused', username: 'ursula' },
          { action: 'space.create', space: 'shop', outcome: 'refused' },
          { action: 'app.create', app: 'web', space: 'shop', outcome: 'done' },
          { action: 'space.create', space: 'shop', outcome: 'done' },
        ]);
        expect(await records()).toBe(before + 4);
        expect(events.map(({ seq = 0 }) => seq)).toEqual([4, 3, 2, 1].map((n) => before + n));
      });

      test('are chained, and can be checked', async () => {
        await spaceWith(['web']);
        const [newest] = await api.audits.list({ size: 1 });
        expect(await api.audits.verify()).toEqual({ ok: true, records: newest?.seq, head: newest?.hash });
      });

      test('are the ten newest unless told, and of a space, app or user if asked', async () => {
        await spaceWith(['web'], { name: 'shop' });
        await spaceWith(['web', 'api'], { name: 'bank' });
        for (let i = 0; i < 8; i++)
          await reached.user.spaces.update({ space: 'shop', description: String(i) });
        expect(await api.audits.list()).toHaveLength(10);
        const size = 100;
        const of = async (filter: object) =>
          (await api.audits.list({ size, ...filter })).map(({ action }) => action);
        expect(await of({ space: 'bank' })).toEqual(['app.create', 'app.create', 'space.create']);
        expect(await of({ app: 'web-bank' })).toEqual(['app.create']);
        expect(await of({ app: 'web' })).toEqual(['app.create', 'app.create']);
        expect(await of({ user: 'ursula' })).toEqual(Array.from({ length: 8 }, () => 'space.update'));
        expect(await of({ user: 'nobody' })).toEqual([]);
      });

      test.each([[{ size: 0 }], [{ size: 10_001 }], [{ since: 'yesterday' }]])(
        'refuse %j',
        async (filter) => {
          expect((await refused(api.audits.list(filter as object))).status).toBe(422);
        },
      );

      test('have none of what could never be right', async () => {
        const before = await records();
        await refused(api.spaces.create({ name: '!' }));
        await refused(api.spaces.create({ name: 'shop', x: 1 } as { name: string }));
        expect(await records()).toBe(before);
      });
    });

    describe('idempotency keys', () => {
      const options = { idempotencyKey: 'key-1' };

      test('give the same answer to the same request, with one effect', async () => {
        const space = await api.spaces.create({ name: 'shop', compliance: ['socs'] }, options);
        const made = await records();
        expect(await api.spaces.create({ name: 'shop', compliance: ['socs'] }, options)).toEqual(space);
        await api.spaces.update({ space: 'shop', description: 'changed since' });
        expect(await api.spaces.create({ name: 'shop', compliance: ['socs'] }, options)).toEqual(space);
        expect(await records()).toBe(made + 1);

        const app = await api.apps.create({ name: 'web', space: 'shop' }, { idempotencyKey: 'key-2' });
        expect(await api.apps.create({ space: 'shop', name: 'web' }, { idempotencyKey: 'key-2' })).toEqual(
          app,
        );
        expect((await api.spaces.get({ space: 'shop' })).apps).toBe(1);
      });

      test('give the same refusal too, though it would go well by now', async () => {
        await spaceWith([]);
        const refusal = await refused(api.spaces.create({ name: 'shop' }, options));
        await api.spaces.destroy({ space: 'shop' });
        expect(await refused(api.spaces.create({ name: 'shop' }, options))).toEqual(refusal);
        expect(await spaceNames()).toEqual(['default']);
      });

      test('refuse another request', async () => {
        await api.spaces.create({ name: 'shop' }, options);
        for (const call of [
          api.spaces.create({ name: 'shop', compliance: ['socs'] }, options),
          api.spaces.create({ name: 'other' }, options),
          api.apps.create({ name: 'web', space: 'shop' }, options),
        ]) {
          expect(await refused(call)).toMatchObject({ id: 'idempotency_key_reused', status: 422 });
        }
        expect(await spaceNames()).toEqual(['default', 'shop']);
      });

      test('are of whoever sends them', async () => {
        await api.spaces.create({ name: 'shop' }, options);
        expect((await reached.user.spaces.create({ name: 'other' }, options)).name).toBe('other');
      });

      test('have one effect also when all come at once', async () => {
        const answers = await Promise.all(
          Array.from({ length: 6 }, () => api.spaces.create({ name: 'shop' }, options)),
        );
        expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
        expect(await spaceNames()).toEqual(['default', 'shop']);
      });

      test.each([[''], ['a b'], ['a\nb'], ['ключ'], ['x'.repeat(256)]])(
        'are refused when they are %j',
        async (key) => {
          const refusal = await refused(api.spaces.create({ name: 'shop' }, { idempotencyKey: key }));
          expect(refusal).toMatchObject({ id: 'invalid_idempotency_key', status: 422 });
          expect(await spaceNames()).toEqual(['default']);
        },
      );
    });

    test('has every operation of the table tried: going well, and on something that is not there', () => {
      const operations = Object.entries(endpoints).flatMap(([noun, verbs]) =>
        Object.entries(verbs).map(([verb, endpoint]) => ({ name: `${noun}.${verb}`, endpoint })),
      );
      expect(operations.filter(({ name }) => !seen.has(`${name} ok`)).map(({ name }) => name)).toEqual([]);
      const named = operations.filter(({ endpoint }) => endpoint.path.includes('{'));
      expect(named.filter(({ name }) => !seen.has(`${name} not_found`)).map(({ name }) => name)).toEqual([]);
    });
  });
}

/** The error that a call must end with. */
async function refused(call: Promise<unknown>): Promise<ErrorFacts> {
  const error: unknown = await call.then(
    (result) => new Error(`It should have been refused, but answered ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppsApiError)) throw error;
  const { id, status, message, hint, details } = error;
  expect(message).toMatch(/\S/);
  return { id, status, message, hint, details };
}

function missing(noun: string, name: string): object {
  return { id: 'not_found', status: 404, details: expect.objectContaining({ noun, name }) as unknown };
}

/** All pages of a list, first to last. */
async function pagesOf<Item = Space>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
): Promise<Item[][]> {
  const pages: Item[][] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await read(cursor);
    pages.push(items);
    cursor = next;
  } while (cursor !== undefined);
  return pages;
}
