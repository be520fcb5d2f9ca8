import { describe, expect, test } from '@jest/globals';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function configVarsSuite(given: Given): void {
  describe('config vars', () => {
    const app = 'web-shop';

    test('are set, shown and removed, all of the others staying', async () => {
      await given.spaceWith(['web']);
      const { PORT } = await given.api.configVars.get({ app });
      expect(PORT).toMatch(/^\d+$/);
      expect(await given.api.configVars.patch({ app, vars: { A: '1', B: 'ü\n"=' } })).toEqual({
        A: '1',
        B: 'ü\n"=',
        PORT,
      });
      expect(await given.api.configVars.patch({ app, vars: { A: null, C: '' } })).toEqual({
        B: 'ü\n"=',
        C: '',
        PORT,
      });
      expect(await given.api.configVars.get({ app })).toEqual({ B: 'ü\n"=', C: '', PORT });
    });

    test('are text, also when numbers and booleans are sent', async () => {
      await given.spaceWith(['web']);
      const stored = await given.api.configVars.patch({ app, vars: { N: 1.5, T: true, F: false, Z: 0 } });
      expect(stored).toMatchObject({ N: '1.5', T: 'true', F: 'false', Z: '0' });
    });

    test('are removed by null also when empty; one that is not set is refused', async () => {
      await given.spaceWith(['web']);
      await given.api.configVars.patch({ app, vars: { EMPTY: '' } });
      expect(await given.api.configVars.patch({ app, vars: { EMPTY: null } })).not.toHaveProperty('EMPTY');
      expect(await refused(given.api.configVars.patch({ app, vars: { EMPTY: null } }))).toMatchObject({
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
      await given.spaceWith(['web']);
      const before = await given.api.configVars.patch({ app, vars: { KEEP: 'old' } });
      const vars = Object.fromEntries([
        ['KEEP', 'new'],
        ['FRESH', 'x'],
        [name, value as string | null],
      ]);
      expect(await refused(given.api.configVars.patch({ app, vars }))).toMatchObject({ id, status });
      expect(await given.api.configVars.get({ app })).toEqual(before);
    });

    test.each([['constructor'], ['toString'], ['hasOwnProperty']])(
      'treat %s as any other name',
      async (name) => {
        await given.spaceWith(['web']);
        const vars = JSON.parse(`{"${name}": "x"}`) as Record<string, string>;
        const stored = await given.api.configVars.patch({ app, vars });
        expect(Object.entries(stored)).toContainEqual([name, 'x']);
        expect(Object.entries(await given.api.configVars.get({ app }))).toContainEqual([name, 'x']);
        expect(
          Object.keys(
            await given.api.configVars.patch({
              app,
              vars: JSON.parse(`{"${name}": null}`) as Record<string, null>,
            }),
          ),
        ).toEqual(['PORT']);
      },
    );

    test('show what is sensitive as [redacted] under socs, to everybody, and nothing else', async () => {
      await given.spaceWith(['web'], { name: 'shop', compliance: ['socs'] });
      const vars = { DB_PASSWORD: 'hunter2hunter2', URL: 'https://u:hunter2hunter2@host/x', COLOUR: 'red' };
      const shown = await given.api.configVars.patch({ app, vars });
      expect(shown).toMatchObject({ DB_PASSWORD: '[redacted]', COLOUR: 'red' });
      expect(JSON.stringify(shown)).not.toContain('hunter2');
      for (const caller of [given.api, given.user])
        expect(await caller.configVars.get({ app })).toEqual(shown);
      expect(JSON.stringify(await given.api.audits.list({ size: 100 }))).not.toContain('hunter2');
    });

    test.each([[['socs']], [['prod']], [[]]])('never take [redacted] back, under %j', async (compliance) => {
      await given.spaceWith(['web'], { name: 'shop', compliance });
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2hunter2' } });
      for (const value of ['[redacted]', 'https://u:[redacted]@host']) {
        const refusal = await refused(
          given.api.configVars.patch({ app, vars: { COLOUR: 'red', DB_PASSWORD: value } }),
        );
        expect(refusal).toMatchObject({ id: 'redacted_value', status: 409 });
      }
      expect(await given.api.configVars.get({ app })).not.toHaveProperty('COLOUR');
    });

    test('are in clear where there is no socs', async () => {
      await given.spaceWith(['web'], { name: 'shop', compliance: ['prod'] });
      expect(
        await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2hunter2' } }),
      ).toMatchObject({
        DB_PASSWORD: 'hunter2hunter2',
      });
    });

    test('are not there for an app that is not', async () => {
      await given.spaceWith([]);
      expect(await refused(given.api.configVars.get({ app }))).toMatchObject({
        id: 'not_found',
        status: 404,
      });
      expect(await refused(given.api.configVars.patch({ app, vars: {} }))).toMatchObject({
        id: 'not_found',
        status: 404,
      });
      for (const vars of [null, [], 'A=1', 7]) {
        const input = { app, vars } as unknown as { app: string; vars: Record<string, string> };
        expect(await refused(given.api.configVars.patch(input))).toMatchObject({
          id: 'invalid_input',
          status: 422,
        });
      }
    });
  });
}
