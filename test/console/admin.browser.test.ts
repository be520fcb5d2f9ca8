import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasBrowser, openPage, startConsole, type TestConsole } from './browser.js';

(hasBrowser ? describe : describe.skip)('the platform in the console', () => {
  let tested: TestConsole;

  beforeAll(async () => {
    tested = await startConsole({ given: async (api) => api.apps.create({ name: 'web', space: 'shop' }) });
  });

  afterAll(() => tested.close());

  test('audit records are filtered, and the filter is in the address', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/audits');
    await page
      .getByRole('row', { name: /token\.create/ })
      .first()
      .waitFor();
    await page.getByLabel('Space', { exact: true }).fill('shop');
    await page.getByLabel('Action').fill('app');
    await page
      .getByRole('row', { name: /token\.create/ })
      .first()
      .waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /app\.create.*web-shop/ }).waitFor();
    expect(page.url()).toContain('space=shop');
    await page.reload();
    await page.getByRole('row', { name: /app\.create.*web-shop/ }).waitFor();
    expect(await page.getByLabel('Space', { exact: true }).inputValue()).toBe('shop');
    await page.getByLabel('Action').fill('nothing like it');
    await page.getByText('No audit record matches').waitFor();
  });

  test('the chain is verified, also against a head that was kept elsewhere', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/audits');
    await page.getByRole('button', { name: 'Verify' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Verify' }).click();
    await dialog.getByText(/All \d+ records are complete/).waitFor();
    await dialog.getByLabel(/Head kept elsewhere/).fill('abc');
    await dialog.getByText('A head has 64 hexadecimal digits.').waitFor();
    await dialog.getByLabel(/Head kept elsewhere/).fill('0'.repeat(64));
    await dialog.getByRole('button', { name: 'Verify' }).click();
    await dialog.getByText(/It does not have that head/).waitFor();
  });

  test('a token is created, shown once, works, and is revoked', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/platform');
    await page.getByRole('button', { name: 'Create a token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('ci');
    await dialog.getByLabel('Spaces').fill('shop');
    await dialog.getByRole('button', { name: 'Create the token' }).click();
    await page.getByText('Token ci is created').waitFor();
    await page.getByRole('button', { name: 'Copy API token' }).click();
    const secret = await page.evaluate(() => navigator.clipboard.readText());
    const account = () =>
      fetch(`http://127.0.0.1:${tested.server.tcp.port}/account`, {
        headers: { Authorization: `Bearer ${secret}` },
      });
    expect((await account()).status).toBe(200);
    await page.getByRole('button', { name: 'Done' }).click();
    expect(await page.getByText(secret).count()).toBe(0);
    await page.getByRole('button', { name: 'Revoke ci' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('rowheader', { name: 'ci' }).waitFor({ state: 'detached' });
    expect((await account()).status).toBe(401);
  });

  test('a setting is changed; what it can not be is said with the rule', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/platform');
    await page.getByRole('button', { name: 'Change Public port (https)' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Public port (https)').fill('8080');
    await dialog.getByRole('button', { name: 'Change' }).click();
    await dialog.getByText(/the router listens there for something else/).waitFor();
    await dialog.getByLabel('Public port (https)').fill('9443');
    await dialog.getByRole('button', { name: 'Change' }).click();
    await page.getByText('takes effect at the next start').waitFor();
    expect(await tested.server.api.platform.settings()).toMatchObject({ router_port: 9443 });
  });

  test('where the platform has no feed of changes, pages load again every 5 s', async () => {
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByText('Updates every 5 s').waitFor();
    await tested.server.api.spaces.create({ name: 'later' });
    await page.getByRole('link', { name: 'later' }).waitFor();
  });

  test('users are told that the platform is for administrators', async () => {
    const page = await tested.newPage();
    await page.goto(`${tested.proxy.url}/console/#/platform`);
    await page.getByLabel('API token').fill(tested.tokens.una);
    await page.keyboard.press('Enter');
    await page.getByText('For administrators only').waitFor();
  });
});
