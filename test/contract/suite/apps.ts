import { describe, expect, test } from '@jest/globals';
import { missing, refused, UUID } from './answers.js';
import type { Given } from './given.js';

export function appsSuite(given: Given): void {
  describe('apps', () => {
    test('creates one and shows it whole, by key and by id', async () => {
      const space = await given.spaceWith([], { name: 'shop', compliance: ['prod', 'socs'] });
      const created = await given.api.apps.create({
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
      expect(await given.api.apps.get({ app: 'WEB-shop' })).toEqual(created);
      expect(await given.api.apps.get({ app: created.id })).toEqual(created);
      expect((await given.api.apps.list()).items).toEqual([created]);
      expect((await given.api.spaces.get({ space: 'shop' })).apps).toBe(1);
    });

    test('leaves the space out of the domain in default, and only there', async () => {
      expect((await given.api.apps.create({ name: 'web', space: 'default' })).web_url).toBe(
        'https://web.local.localhost:8443',
      );
      await given.spaceWith([], { name: 'default2' });
      expect((await given.api.apps.create({ name: 'web', space: 'default2' })).web_url).toBe(
        'https://web-default2.local.localhost:8443',
      );
    });

    test('refuses one that is there, or whose space or organization is not', async () => {
      await given.spaceWith(['web']);
      expect(await refused(given.api.apps.create({ name: 'WEB', space: 'shop' }))).toMatchObject({
        id: 'exists',
        status: 409,
      });
      expect(await refused(given.api.apps.create({ name: 'web', space: 'shpo' }))).toMatchObject(
        missing('space', 'shpo'),
      );
      expect(await refused(given.api.apps.create({ name: 'api', space: 'shop', org: 'mian' }))).toMatchObject(
        missing('organization', 'mian'),
      );
      expect((await given.api.spaces.get({ space: 'shop' })).apps).toBe(1);
    });

    test.each([[''], ['my-app'], ['1web'], ['we_b'], ['wéb'], ['a'.repeat(59)]])(
      'refuses name %j',
      async (name) => {
        await given.spaceWith([]);
        expect(await refused(given.api.apps.create({ name, space: 'shop' }))).toMatchObject({
          id: 'invalid_app_name',
          status: 422,
        });
      },
    );

    test('allows a name that fills the label, and says how much is left', async () => {
      await given.spaceWith([]);
      expect((await given.api.apps.create({ name: 'a'.repeat(58), space: 'shop' })).name).toHaveLength(63);
      const refusal = await refused(given.api.apps.create({ name: 'b'.repeat(59), space: 'shop' }));
      expect(refusal.hint).toContain('58 characters are left');
    });

    test.each([
      ['an unknown member', { name: 'web', space: 'shop', colour: 'red' }],
      ['no space', { name: 'web' }],
      ['a name that is no text', { name: ['web'], space: 'shop' }],
    ])('refuses %s', async (_, input) => {
      await given.spaceWith([]);
      const refusal = await refused(given.api.apps.create(input as { name: string; space: string }));
      expect(refusal).toMatchObject({ id: 'invalid_input', status: 422 });
      expect((await given.api.apps.list()).items).toEqual([]);
    });

    test('changes description, labels and maintenance', async () => {
      await given.spaceWith(['web']);
      const before = await given.api.apps.get({ app: 'web-shop' });
      const after = await given.api.apps.update({
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
      expect(await given.api.apps.update({ app: before.id, labels: '' })).toMatchObject({
        description: 'd',
        labels: '',
      });
    });

    test('neither renames one nor moves it; its present name and space are no change', async () => {
      await given.spaceWith(['web']);
      await given.api.spaces.create({ name: 'other' });
      const before = await given.api.apps.get({ app: 'web-shop' });
      for (const change of [{ name: 'api' }, { space: 'other' }, { name: 'web-other' }]) {
        const refusal = await refused(
          given.api.apps.update({ app: 'web-shop', description: 'x', ...change }),
        );
        expect(refusal).toMatchObject({ id: 'immutable', status: 409 });
      }
      expect(await given.api.apps.get({ app: 'web-shop' })).toEqual(before);
      expect(
        await given.api.apps.update({ app: 'web-shop', name: 'web', space: 'shop', description: 'x' }),
      ).toMatchObject({
        name: 'web-shop',
        description: 'x',
      });
    });

    test('destroys one with its config vars, and only it', async () => {
      await given.spaceWith(['web', 'api']);
      const { id } = await given.api.apps.get({ app: 'web-shop' });
      await given.api.configVars.patch({ app: 'web-shop', vars: { A: '1' } });
      expect(await given.api.apps.destroy({ app: 'web-shop' })).toEqual({
        id,
        name: 'web-shop',
        org: 'main',
        result: 'successful',
      });
      expect(await refused(given.api.apps.get({ app: id }))).toMatchObject(missing('app', id));
      expect((await given.api.apps.list()).items.map(({ name }) => name)).toEqual(['api-shop']);
      await given.api.apps.create({ name: 'web', space: 'shop' });
      expect(await given.api.configVars.get({ app: 'web-shop' })).not.toHaveProperty('A');
    });

    test.each([['socs'], ['prod']])('lets only administrators destroy one under %s', async (compliance) => {
      await given.spaceWith(['web'], { name: 'shop', compliance: [compliance] });
      const refusal = await refused(given.user.apps.destroy({ app: 'web-shop' }));
      expect(refusal).toMatchObject({ id: 'administrators_only', status: 403 });
      expect((await given.api.apps.get({ app: 'web-shop' })).simple_name).toBe('web');
    });

    test('proposes the app that was meant', async () => {
      await given.spaceWith(['web']);
      for (const [asked, hint] of [
        ['wbe-shop', 'web-shop'],
        ['web-shpo', 'web-shop'],
      ] as const) {
        expect((await refused(given.api.apps.get({ app: asked }))).hint).toBe(`Did you mean ${hint}?`);
      }
    });

    test('are not found under their simple name, nor changed or destroyed', async () => {
      await given.spaceWith(['web']);
      for (const call of [
        given.api.apps.get({ app: 'web' }),
        given.api.apps.update({ app: 'web', description: '' }),
        given.api.apps.destroy({ app: 'web' }),
      ]) {
        expect(await refused(call)).toMatchObject(missing('app', 'web'));
      }
      expect(
        (await refused(given.api.apps.update({ app: 'web-shop', colour: 'red' } as { app: string }))).status,
      ).toBe(422);
    });
  });
}
