import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import {
  barriers,
  hasBrowser,
  openPage,
  overflow,
  startConsole,
  type TestConsole,
  THEMES,
  WIDTHS,
} from './browser.js';

/** Every view, by what is on it once it is loaded. */
const VIEWS: readonly (readonly [name: string, address: string, ready: (page: Page) => Promise<unknown>])[] =
  [
    ['the list of spaces', '#/spaces', (page) => page.getByRole('row', { name: /shop/ }).waitFor()],
    ['no space that matches', '#/spaces?q=nothing', (page) => page.getByText('No space matches').waitFor()],
    ['a new space', '#/spaces/new', (page) => page.getByRole('checkbox', { name: 'socs' }).check()],
    ['a space', '#/space/shop', (page) => page.getByRole('group', { name: /Network of/ }).waitFor()],
    ['a space that is not there', '#/space/nowhere', (page) => page.getByRole('alert').waitFor()],
    ['an app', '#/app/web-shop', (page) => page.getByRole('form', { name: 'Process type web' }).waitFor()],
    ['its releases', '#/app/web-shop/releases', (page) => page.getByText('Set LOG_LEVEL').first().waitFor()],
    [
      'its config vars',
      '#/app/web-shop/config',
      (page) => page.getByRole('row', { name: /LOG_LEVEL/ }).waitFor(),
    ],
    ['its logs', '#/app/web-shop/logs', (page) => page.getByText('Nothing logged yet').waitFor()],
    ['its builds', '#/app/web-shop/builds', (page) => page.getByText('No builds yet').waitFor()],
    [
      'a dialog',
      '#/app/web-shop/config',
      async (page) => {
        await page.getByRole('button', { name: 'Add a config var' }).click();
        await page.getByRole('dialog').getByLabel('Name').fill('not a name');
        await page.getByText('is not a name for a config var').waitFor();
      },
    ],
    [
      'the audit log',
      '#/audits',
      (page) =>
        page
          .getByRole('row', { name: /space\.create/ })
          .first()
          .waitFor(),
    ],
    ['the platform', '#/platform', (page) => page.getByRole('row', { name: /root/ }).waitFor()],
    ['a page that is not there', '#/nowhere', (page) => page.getByText('no such page').waitFor()],
  ];

(hasBrowser ? describe : describe.skip)('everybody can use the console', () => {
  let tested: TestConsole;

  beforeAll(async () => {
    tested = await startConsole({
      given: async (api) => {
        await api.apps.create({ name: 'web', space: 'shop' });
        await api.formations.create({ app: 'web-shop', type: 'web', quantity: 1 });
        await api.configVars.patch({ app: 'web-shop', vars: { LOG_LEVEL: 'info', API_KEY: 'sk_live_abc' } });
        await api.spaces.create({ name: 'vault', compliance: ['socs', 'prod', 'internal'] });
      },
    });
  });

  afterAll(() => tested.close());

  describe.each(THEMES)('in the %s theme', (theme) => {
    test.each(WIDTHS)('at %i px: logging in', async (width) => {
      const page = await tested.newPage({ width, theme });
      await page.goto(`${tested.proxy.url}/console/`);
      await page.getByLabel('API token').waitFor();
      expect(await barriers(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
    });

    test.each(WIDTHS)('at %i px: every view', async (width) => {
      const page = await tested.newPage({ width, theme });
      await openPage(tested, page);
      for (const [name, address, ready] of VIEWS) {
        await page.evaluate((hash) => void (location.hash = hash), address);
        await ready(page);
        expect([name, await barriers(page), await overflow(page)]).toEqual([name, [], 0]);
        await page.keyboard.press('Escape');
      }
    });
  });
});
