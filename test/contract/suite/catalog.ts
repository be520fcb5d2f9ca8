import { describe, expect, test } from '@jest/globals';
import { missing, NOWHERE, refused } from './answers.js';
import type { Given } from './given.js';

export function catalogSuite(given: Given): void {
  describe('stacks, regions and organizations', () => {
    test('are listed, and shown by name and by id', async () => {
      const [stack, ...stacks] = await given.api.stacks.list();
      const [region, ...regions] = await given.api.regions.list();
      const [organization, ...organizations] = await given.api.organizations.list();
      expect([stacks, regions, organizations]).toEqual([[], [], []]);
      expect(stack).toMatchObject({
        name: 'local',
        default: true,
        region: { id: region?.id, name: 'local' },
      });
      expect(region).toMatchObject({ name: 'local', private_capable: true });
      expect(organization).toMatchObject({ name: 'main' });
      for (const key of ['local', stack?.id ?? ''])
        expect(await given.api.stacks.get({ stack: key })).toEqual(stack);
      for (const key of ['local', region?.id ?? ''])
        expect(await given.api.regions.get({ region: key })).toEqual(region);
      for (const key of ['main', organization?.id ?? '']) {
        expect(await given.api.organizations.get({ organization: key })).toEqual(organization);
      }
    });

    test('are not found under another name', async () => {
      for (const key of ['nope', NOWHERE]) {
        expect(await refused(given.api.stacks.get({ stack: key }))).toMatchObject(missing('stack', key));
        expect(await refused(given.api.regions.get({ region: key }))).toMatchObject(missing('region', key));
        expect(await refused(given.api.organizations.get({ organization: key }))).toMatchObject(
          missing('organization', key),
        );
      }
    });

    test('are decided by administrators', async () => {
      const north = { name: 'North', description: 'A rack', country: 'Germany', locale: 'berlin' };
      const region = await given.api.regions.create(north);
      expect(region).toMatchObject({
        ...north,
        name: 'north',
        private_capable: false,
        high_availability: false,
        provider: { name: 'aka', region: 'north', availability_zones: ['north'] },
      });
      const stack = await given.api.stacks.create({ name: 'next', region: { id: region.id }, state: 'beta' });
      expect(stack).toMatchObject({
        name: 'next',
        state: 'beta',
        default: false,
        region: { id: region.id, name: 'north' },
      });
      await given.api.spaces.create({ name: 'shop', stack: 'next' });
      const { web_url: url } = await given.api.apps.create({ name: 'web', space: 'shop' });
      expect(url).toBe('https://web-shop.next.localhost:8443');
      for (const [compliance, id] of [
        ['prod', 'prod_on_beta'],
        ['internal', 'internal_not_capable'],
      ] as const) {
        const space = { name: 'bank', stack: 'next', compliance: [compliance] };
        expect(await refused(given.api.spaces.create(space))).toMatchObject({ id, status: 409 });
      }
      await given.api.stacks.update({ stack: 'next', state: 'deprecated' });
      expect(await refused(given.api.spaces.create({ name: 'bank', stack: 'next' }))).toMatchObject({
        id: 'deprecated_stack',
        status: 409,
      });
      await given.api.regions.update({ region: 'north', private_capable: true, description: 'Two racks' });
      expect(await given.api.regions.get({ region: 'north' })).toMatchObject({
        description: 'Two racks',
        country: 'Germany',
        private_capable: true,
      });
    });

    test('of which exactly one is the default', async () => {
      await given.api.stacks.create({ name: 'next', region: { id: 'local' }, default: true });
      const defaults = async () =>
        (await given.api.stacks.list()).filter((stack) => stack.default).map(({ name }) => name);
      expect(await defaults()).toEqual(['next']);
      expect((await given.api.spaces.create({ name: 'shop' })).stack.name).toBe('next');
      for (const call of [
        given.api.stacks.update({ stack: 'next', default: false }),
        given.api.stacks.destroy({ stack: 'next' }),
      ]) {
        expect(await refused(call)).toMatchObject({ id: 'default_stack', status: 409 });
      }
      expect(
        await refused(
          given.api.stacks.create({
            name: 'old',
            region: { id: 'local' },
            state: 'deprecated',
            default: true,
          }),
        ),
      ).toMatchObject({ id: 'deprecated_default' });
      expect(await refused(given.api.stacks.update({ stack: 'next', state: 'deprecated' }))).toMatchObject({
        id: 'deprecated_default',
      });
      await given.api.stacks.update({ stack: 'local', default: true });
      expect(await defaults()).toEqual(['local']);
    });

    test('stay while they are needed, and name what needs them', async () => {
      await given.api.regions.create({
        name: 'north',
        description: '',
        country: '',
        locale: '',
        private_capable: true,
      });
      await given.api.stacks.create({ name: 'next', region: { id: 'north' } });
      for (const name of ['shop', 'bank']) {
        await given.api.spaces.create({ name, stack: 'next', compliance: ['internal'] });
      }
      expect(await refused(given.api.stacks.destroy({ stack: 'next' }))).toMatchObject({
        id: 'stack_in_use',
        status: 409,
        details: { spaces: ['bank', 'shop'], count: 2 },
      });
      expect(
        await refused(given.api.regions.update({ region: 'north', private_capable: false })),
      ).toMatchObject({
        id: 'region_in_use',
        details: { spaces: ['bank', 'shop'] },
      });
      expect(await refused(given.api.regions.destroy({ region: 'north' }))).toMatchObject({
        id: 'region_in_use',
        details: { stacks: ['next'] },
      });
      for (const space of ['shop', 'bank']) await given.api.spaces.destroy({ space });
      await given.api.stacks.destroy({ stack: 'next' });
      await given.api.regions.destroy({ region: 'north' });
      expect((await given.api.regions.list()).map(({ name }) => name)).toEqual(['local']);
    });

    test.each([
      ['another of that name', { name: 'LOCAL' }, 'exists', 409],
      ['a dot in its name', { name: 'a.b' }, 'invalid_stack_name', 422],
      ['a name that domains have', { name: 'internal' }, 'reserved_stack_name', 409],
      ['a region that is not there', { name: 'next', region: { id: 'nope' } }, 'not_found', 404],
      ['no region', { name: 'next', region: undefined }, 'region_missing', 422],
    ])('with %s are refused', async (_, stack, id, status) => {
      const input = { region: { id: 'local' }, ...stack };
      expect(await refused(given.api.stacks.create(input))).toMatchObject({ id, status });
      expect(await given.api.stacks.list()).toHaveLength(1);
    });

    test('of which name and place never change, and none is highly available', async () => {
      for (const call of [
        given.api.stacks.update({ stack: 'local', name: 'other' }),
        given.api.stacks.update({ stack: 'local', region: { id: 'local' } }),
        given.api.regions.update({ region: 'local', name: 'other' }),
      ]) {
        expect(await refused(call)).toMatchObject({ id: 'immutable', status: 409 });
      }
      const highlyAvailable = { region: 'local', high_availability: true };
      expect(await given.api.regions.update(highlyAvailable)).toMatchObject({ high_availability: false });
      expect(
        await refused(given.api.regions.create({ name: 'north', country: '', locale: '' })),
      ).toMatchObject({
        id: 'region_incomplete',
        status: 422,
      });
    });

    test('take no unknown member', async () => {
      for (const call of [
        given.api.stacks.get({ stack: 'local', x: 1 } as { stack: string }),
        (given.api.regions.list as (input: object) => Promise<unknown>)({ x: 1 }),
      ]) {
        expect(await refused(call)).toMatchObject({ id: 'invalid_input', status: 422 });
      }
    });
  });
}
