import { describe, expect, test } from '@jest/globals';
import type { AppsApiError } from '../../../src/contract/errors.js';
import { missing, refused, UUID } from './answers.js';
import type { Given } from './given.js';

export function spacesSuite(given: Given): void {
  describe('spaces', () => {
    test('creates one and shows it whole, by name and by id', async () => {
      const created = await given.api.spaces.create({
        name: 'Web-Shop',
        compliance: ['internal', 'socs', 'socs'],
        description: 'Sells things',
        stack: 'local',
      });
      expect(created).toEqual({
        id: expect.stringMatching(UUID),
        name: 'web-shop',
        compliance: ['socs', 'internal'],
        concerns: [expect.objectContaining({ compliance: 'socs' })],
        description: 'Sells things',
        region: { id: expect.stringMatching(UUID), name: 'local' },
        stack: { id: expect.stringMatching(UUID), name: 'local' },
        state: 'allocated',
        apps: 0,
        domain: 'https://[app]-web-shop.internal.local.localhost:8444',
        network: {
          mode: expect.stringMatching(/^(subnet|loopback)$/),
          subnets: [expect.stringMatching(/^[\d.]+\/2[1-4]$/)],
        },
        digests: expect.objectContaining({
          mailed: false,
          period_hours: 168,
          waiting: 0,
          last_sent_at: null,
        }),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        updated_at: created.created_at,
      });
      expect(await given.api.spaces.get({ space: 'web-shop' })).toEqual(created);
      expect(await given.api.spaces.get({ space: 'WEB-shop' })).toEqual(created);
      expect(await given.api.spaces.get({ space: created.id })).toEqual(created);
      expect(await given.spaceNames()).toEqual(['default', 'web-shop']);
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
      expect((await given.api.spaces.create(input)).compliance).toEqual(stored);
      expect((await given.api.spaces.get({ space: 'shop' })).compliance).toEqual(stored);
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
      const before = await given.spaceNames();
      const refusal = await refused(given.api.spaces.create({ name: 'shop', compliance: ['socs', word] }));
      expect(refusal.status).toBe(422);
      expect(refusal.hint).toMatch(/socs, ?prod/);
      expect(await given.spaceNames()).toEqual(before);
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
      expect(await refused(given.api.spaces.create({ name }))).toMatchObject({
        id: 'invalid_space_name',
        status: 422,
      });
    });

    test.each([['prod'], ['kube-system'], ['Akkeris']])('refuses the reserved name %j', async (name) => {
      expect(await refused(given.api.spaces.create({ name }))).toMatchObject({
        id: 'reserved_space_name',
        status: 409,
      });
    });

    test('refuses a name that is taken, whatever its case', async () => {
      await given.spaceWith([]);
      expect(await refused(given.api.spaces.create({ name: 'SHOP' }))).toMatchObject({
        id: 'exists',
        status: 409,
        message: 'Space shop exists already.',
        details: { space: 'shop' },
      });
    });

    test('refuses a stack that is not there', async () => {
      const refusal = await refused(given.api.spaces.create({ name: 'shop', stack: 'locol' }));
      expect(refusal).toMatchObject({ id: 'not_found', status: 404, hint: 'Did you mean local?' });
      expect(await given.spaceNames()).toEqual(['default']);
    });

    test.each([
      ['an unknown member', { name: 'shop', colour: 'red' }, /"colour" is not known/],
      ['a name that is no text', { name: 7 }, /name/],
      ['no name', {}, /name/],
      ['a compliance that is no list', { name: 'shop', compliance: 'socs' }, /compliance/],
      ['a compliance of numbers', { name: 'shop', compliance: [1] }, /compliance/],
      ['a description that is too long', { name: 'shop', description: 'x'.repeat(501) }, /description/],
    ])('refuses %s', async (_, input, message) => {
      const refusal = await refused(given.api.spaces.create(input as { name: string }));
      expect(refusal).toMatchObject({
        id: 'invalid_input',
        status: 422,
        message: expect.stringMatching(message),
      });
      expect(await given.spaceNames()).toEqual(['default']);
    });

    test('creates a name only once, however many ask for it at once', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => given.api.spaces.create({ name: 'shop' })),
      );
      const reasons = outcomes.flatMap((each) =>
        each.status === 'rejected' ? [each.reason as AppsApiError] : [],
      );
      expect(reasons.map(({ id }) => id)).toEqual(Array.from({ length: 7 }, () => 'exists'));
      expect(await given.spaceNames()).toEqual(['default', 'shop']);
    });

    test('changes the description, and nothing else', async () => {
      const created = await given.spaceWith([], { name: 'shop', compliance: ['socs'] });
      const updated = await given.api.spaces.update({
        space: 'shop',
        description: 'Ünïcode "quoted" <b>\u0001',
      });
      expect(updated).toEqual({
        ...created,
        description: 'Ünïcode "quoted" <b>\u0001',
        updated_at: expect.any(String),
      });
      expect(await given.api.spaces.get({ space: created.id })).toEqual(updated);
      expect((await given.api.spaces.update({ space: created.id, description: '' })).description).toBe('');
    });

    test.each([
      ['compliance', ['prod']],
      ['compliance', []],
      ['compliance', ['socs']],
      ['name', 'other'],
      ['stack', 'local'],
    ])('never changes its %s to %j', async (member, value) => {
      const created = await given.spaceWith([], { name: 'shop', compliance: ['socs'] });
      const refusal = await refused(
        given.api.spaces.update({ space: 'shop', description: 'new', [member]: value }),
      );
      expect(refusal).toMatchObject({ id: 'immutable', status: 409, details: { space: 'shop', member } });
      expect(await given.api.spaces.get({ space: 'shop' })).toEqual(created);
    });

    test('refuses an update of what is not there, or with an unknown member', async () => {
      expect(await refused(given.api.spaces.update({ space: 'shop', description: '' }))).toMatchObject(
        missing('space', 'shop'),
      );
      await given.spaceWith([]);
      const input = { space: 'shop', colour: 'red' };
      expect(await refused(given.api.spaces.update(input))).toMatchObject({
        id: 'invalid_input',
        status: 422,
      });
    });

    test('destroys an empty one, and gives its name and addresses back', async () => {
      const created = await given.spaceWith([], { name: 'shop', compliance: ['socs'] });
      expect(await given.api.spaces.destroy({ space: created.id })).toEqual(created);
      expect(await refused(given.api.spaces.get({ space: 'shop' }))).toMatchObject(missing('space', 'shop'));
      const again = await given.spaceWith([]);
      expect(again.id).not.toBe(created.id);
      expect(again.compliance).toEqual([]);
      expect(again.network).toEqual(created.network);
    });

    test('destroys none that has apps, and names them', async () => {
      await given.spaceWith(['web', 'api']);
      expect(await refused(given.api.spaces.destroy({ space: 'shop' }))).toMatchObject({
        id: 'space_in_use',
        status: 409,
        details: { space: 'shop', apps: ['api', 'web'], count: 2 },
      });
      expect((await given.api.spaces.get({ space: 'shop' })).apps).toBe(2);
    });

    test('destroys neither the default one nor one that is not there', async () => {
      expect(await refused(given.api.spaces.destroy({ space: 'default' }))).toMatchObject({
        id: 'default_space',
        status: 409,
      });
      expect(await refused(given.api.spaces.destroy({ space: 'shop' }))).toMatchObject(
        missing('space', 'shop'),
      );
    });

    test.each([['socs'], ['prod']])('lets only administrators destroy one under %s', async (compliance) => {
      await given.spaceWith([], { name: 'shop', compliance: [compliance] });
      expect(await refused(given.user.spaces.destroy({ space: 'shop' }))).toMatchObject({
        id: 'administrators_only',
        status: 403,
      });
      expect(await given.spaceNames()).toContain('shop');
      await given.spaceWith([], { name: 'plain', compliance: ['internal'] });
      expect((await given.user.spaces.destroy({ space: 'plain' })).name).toBe('plain');
    });

    test('proposes the name that was meant', async () => {
      await given.spaceWith([]);
      expect(await refused(given.api.spaces.get({ space: 'shpo' }))).toMatchObject({
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
      expect(await refused(given.api.spaces.get({ space }))).toMatchObject({ id: 'not_found', status: 404 });
      expect(await refused(given.api.spaces.discovery({ space }))).toMatchObject({
        id: 'not_found',
        status: 404,
      });
    });

    test('refuses an empty name', async () => {
      expect(await refused(given.api.spaces.get({ space: '' }))).toMatchObject({ status: 422 });
      expect(await refused(given.api.apps.destroy({ app: '' }))).toMatchObject({ status: 422 });
    });
  });
}
