import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { hasBrowser, openPage, startConsole, type TestConsole } from './browser.js';

const spaces = (page: Page): Locator => page.getByRole('heading', { level: 1, name: 'Spaces' });

(hasBrowser ? describe : describe.skip)('the shell of the console', () => {
  let tested: TestConsole;

  beforeAll(async () => {
    tested = await startConsole({ events: true });
  });

  afterAll(() => tested.close());

  test('a login link logs in once, and leaves no code in the address or the history', async () => {
    const page = await tested.newPage();
    const link = `${tested.proxy.url}/console/#login=${tested.proxy.code()}`;
    await page.goto(link);
    await spaces(page).waitFor();
    expect(page.url()).not.toContain('login');
    await page.goBack();
    expect(page.url()).not.toContain('login');

    const other = await tested.newPage();
    await other.goto(link);
    await other.getByText('This login link has expired or was used.').waitFor();
    expect(other.url()).not.toContain('login');
  });

  test('a token logs in; a wrong one is refused, and is not shown', async () => {
    const page = await tested.newPage();
    await page.goto(`${tested.proxy.url}/console/`);
    await page.getByLabel('API token').fill('no-such-token');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('This token opens nothing here.').waitFor();
    expect(await page.getByText('no-such-token').count()).toBe(0);
    await page.getByLabel('API token').fill(tested.tokens.una);
    await page.keyboard.press('Enter');
    await spaces(page).waitFor();
    // What is for administrators is not offered to others.
    expect(await page.getByRole('link', { name: 'Platform' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Create a space' }).count()).toBe(0);
  });

  test('a page stays where it was over a session that ends', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/audits');
    await page.getByRole('heading', { level: 1 }).waitFor();
    tested.proxy.endSessions();
    tested.proxy.emit({ action: 'space.create', space: 'shop', app: null });
    await page.evaluate(() => void (location.hash = '#/spaces'));
    await page.getByLabel('API token').fill(tested.tokens.root);
    await page.keyboard.press('Enter');
    await spaces(page).waitFor();
  });

  test('logging out ends the session', async () => {
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in to the console' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Log in to the console' }).waitFor();
  });

  test('a platform that is gone is said, what was loaded stays, and it comes back by itself', async () => {
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByRole('link', { name: 'shop' }).waitFor();
    tested.proxy.cut(true);
    await page.getByRole('alert').getByText("Can't reach the platform", { exact: true }).waitFor();
    await page.getByRole('link', { name: 'shop' }).waitFor();
    tested.proxy.cut(false);
    await page.getByText("Can't reach the platform", { exact: true }).waitFor({ state: 'detached' });
  });

  test('a change elsewhere is shown without a reload', async () => {
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByText('Live', { exact: true }).waitFor();
    await tested.server.api.spaces.create({ name: 'fresh' });
    tested.proxy.emit({ action: 'space.create', space: 'fresh', app: null });
    await page.getByRole('link', { name: 'fresh' }).waitFor();
  });

  test('the theme that is chosen outlives a reload', async () => {
    const page = await tested.newPage({ theme: 'light' });
    await openPage(tested, page);
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.getByRole('radio', { name: 'Dark theme' }).check({ force: true });
    await page.waitForFunction(
      (before) => getComputedStyle(document.documentElement).backgroundColor !== before,
      light,
    );
    const dark = await ground();
    await page.reload();
    await spaces(page).waitFor();
    expect(await ground()).toBe(dark);
  });

  test('the keyboard alone reaches the content, and a new page has the focus on its heading', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/audits');
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to content' }).press('Enter');
    expect(await page.getByRole('main').evaluate((element) => element === document.activeElement)).toBe(true);
    expect(page.url()).toContain('#/audits');
  });

  test('what the page is sent as text stays text', async () => {
    await tested.server.api.spaces.create({
      name: 'odd',
      description: '<img src=x onerror="document.title=1"><b>bold</b>',
    });
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByText('<b>bold</b>').waitFor();
    expect(await page.locator('main b, main img').count()).toBe(0);
  });

  test('nothing on a page is against its Content-Security-Policy', async () => {
    const page = await tested.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
    });
    await openPage(tested, page);
    await page.getByRole('link', { name: 'shop' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
