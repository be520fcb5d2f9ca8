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
