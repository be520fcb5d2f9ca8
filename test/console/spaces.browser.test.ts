import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Space } from '../../src/contract/wire.js';
import { hasBrowser, openPage, startConsole, type TestConsole } from './browser.js';

const NOW = '2026-01-01T00:00:00.000Z';

function spaceNumber(index: number): Space {
  const local = { id: '1', name: 'local' };
  return {
    id: `id${index}`,
    name: `space-${index}`,
    compliance: index % 3 === 0 ? ['prod'] : [],
    region: local,
    stack: local,
    state: 'allocated',
    apps: 0,
    created_at: NOW,
    updated_at: NOW,
  };
}

(hasBrowser ? describe : describe.skip)('spaces in the console', () => {
  let tested: TestConsole;
  /** Requests that the platform is not asked. */
  let answer: ((method: string, path: string) => { status: number; body: unknown } | undefined) | undefined;

  beforeAll(async () => {
    tested = await startConsole({
      events: true,
      answer: (method, path) => answer?.(method, path),
      given: async (api) => {
        await api.apps.create({ name: 'web', space: 'shop' });
        await api.spaces.create({ name: 'vault', compliance: ['socs'], description: 'Payments' });
      },
    });
  });

  afterAll(() => tested.close());

  test('a space is created with what was chosen, which is said to be permanent', async () => {
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByRole('link', { name: 'Create a space' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Bad_Name');
    await page.getByText('only letters, digits and dashes are allowed').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('shop');
    await page.getByText('There is a space shop already.').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('ledger');
    await page.getByRole('checkbox', { name: 'internal' }).check();
    await page.getByRole('checkbox', { name: 'socs' }).check();
    await page.getByText('This is permanent').waitFor();
    await page.getByText('https://[app]-ledger.internal.local.localhost').waitFor();
    await page.getByRole('button', { name: 'Copy aka command' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'aka spaces:create ledger --compliance socs,internal',
    );
    await page.getByRole('button', { name: 'Create the space' }).click();
    await page.getByRole('heading', { level: 1, name: 'ledger' }).waitFor();
    expect(await tested.server.api.spaces.get({ space: 'ledger' })).toMatchObject({
      compliance: ['socs', 'internal'],
    });
  });

  test('a space whose response was lost is created once, by trying again', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/spaces/new');
    await page.getByLabel('Name', { exact: true }).fill('once');
    const keys: string[] = [];
    await page.route('**/spaces', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      keys.push(route.request().headers()['idempotency-key'] ?? '');
      if (keys.length > 1) return route.continue();
      await route.fetch();
      await route.abort();
    });
    await page.getByRole('button', { name: 'Create the space' }).click();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { level: 1, name: 'once' }).waitFor();
    expect(keys[1]).toBe(keys[0]);
  });

  test('a space is created with the keyboard alone', async () => {
    const page = await tested.newPage();
    await openPage(tested, page);
    /** Tabs on until what has the focus is called so. */
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let steps = 0; steps < 40; steps += 1) {
        await page.keyboard.press('Tab');
        const found = await page.evaluate(() => {
          const element = document.activeElement as HTMLInputElement | null;
          return element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
        });
        if (name.test(found)) return;
      }
      throw new Error(`Nothing that is called ${name} was reached.`);
    };
    await tabTo(/^Create a space$/);
    await page.keyboard.press('Enter');
    await page.getByLabel('Name', { exact: true }).waitFor();
    await tabTo(/^Name$/);
    await page.keyboard.type('typed');
    await tabTo(/^prod/);
    await page.keyboard.press('Space');
    await tabTo(/^Create the space$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'typed' }).waitFor();
    expect(await tested.server.api.spaces.get({ space: 'typed' })).toMatchObject({ compliance: ['prod'] });
  });

  test('a user is told who creates spaces, and sees only theirs', async () => {
    const page = await tested.newPage();
    await page.goto(`${tested.proxy.url}/console/`);
    await page.getByLabel('API token').fill(tested.tokens.una);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'shop' }).waitFor();
    expect(await page.getByRole('link', { name: 'vault' }).count()).toBe(0);
    await page.evaluate(() => void (location.hash = '#/spaces/new'));
    await page.getByText('Only administrators create spaces').waitFor();
    expect(await page.getByRole('button', { name: 'Create the space' }).isDisabled()).toBe(true);
  });

  test('a space shows its network, and its apps with domain and discovery vars', async () => {
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByRole('link', { name: 'shop' }).click();
    const network = page.getByRole('group', { name: 'Network of space shop' });
    await network.getByRole('link', { name: /web/ }).waitFor();
    await network.getByText('Anyone').waitFor();
    const row = page.getByRole('row', { name: /web-shop/ });
    await row.getByText('WEB_SERVICE_HOST=').waitFor();
    await row.getByRole('link', { name: /web-shop\.local\.localhost/ }).waitFor();
    // Nothing runs apps here, which a check has to say.
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByRole('alert').waitFor();
  });

  test('an app is created in a space; Escape leaves the dialog, and the focus goes back', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/space/shop');
    const open = page.getByRole('button', { name: 'Create an app' });
    await open.click();
    await page.getByRole('dialog').getByLabel('Name').fill('no-dash');
    await page
      .getByRole('dialog')
      .getByText(/only letters and digits are allowed/)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await open.evaluate((element) => element === document.activeElement)).toBe(true);
    await open.click();
    await page.getByRole('dialog').getByLabel('Name').fill('api');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/app\/api-shop$/);
    expect(await tested.server.api.apps.get({ app: 'api-shop' })).toMatchObject({ simple_name: 'api' });
  });

  test('a space that is not there is said to be missing', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/space/shopp');
    await page.getByRole('alert').getByText('There is no space shopp.').waitFor();
    await page.getByText('Did you mean shop?').waitFor();
  });

  test('a platform that failed for a moment is asked again', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/audits');
    let failures = 0;
    answer = (method, path) =>
      path.startsWith('/spaces/vault/topology') && (failures += 1) < 2
        ? { status: 503, body: { id: 'unavailable', message: 'The platform is starting.' } }
        : undefined;
    await page.evaluate(() => void (location.hash = '#/space/vault'));
    await page.getByRole('alert').getByText('The platform is starting.').waitFor();
    await page.getByRole('group', { name: 'Network of space vault' }).waitFor();
    answer = undefined;
  });

  test('a thousand spaces are searched while typing, fluently', async () => {
    const spaces = Array.from({ length: 1000 }, (_, index) => spaceNumber(index));
    answer = (method, path) =>
      method === 'GET' && path === '/spaces' ? { status: 200, body: spaces } : undefined;
    const page = await tested.newPage();
    await openPage(tested, page);
    await page.getByText('1–50 of 1,000').waitFor();
    expect(await page.getByRole('row').count()).toBe(51);
    const search = page.getByLabel('Search spaces');
    /** How long it takes from a key to what it changes, in milliseconds: the median, as others use the machine. */
    const typical = await search.evaluate(async (input: HTMLInputElement) => {
      const times: number[] = [];
      for (const text of ['s', 'sp', 'space', 'space-9', 'space-99', 'space-999']) {
        const start = performance.now();
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[times.length / 2] ?? 0;
    });
    await page.getByRole('link', { name: 'space-999', exact: true }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    expect(typical).toBeLessThan(1000);
    expect(await page.locator('*').count()).toBeLessThan(500);
    await search.fill('');
    await page.getByRole('radio', { name: 'prod' }).check({ force: true });
    await page.getByText('1–50 of 334').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('51–100 of 334').waitFor();
    expect(page.url()).toContain('page=2');
    answer = undefined;
  });
});
