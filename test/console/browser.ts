import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { startServer, type TestServer } from '../platform/server/serving.js';
import { type ConsoleProxy, type ProxyOptions, startProxy } from './proxy.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const PAGES = join(import.meta.dirname, '..', '..', 'dist', 'console');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const program = process.env.AKA_TEST_CHROMIUM ?? CHROMIUM.find((file) => existsSync(file));

/** Whether tests in a browser run: where they are asked for, since they take minutes and a Chromium. */
export const hasBrowser = process.env.AKA_TEST_BROWSER === '1';

// A browser takes its time on a busy machine. Nothing here waits for time to pass.
jest.setTimeout(5 * 60_000);

/** The sizes of windows that pages are looked at in: a phone, a tablet and a desk. */
export const WIDTHS = [360, 768, 1440] as const;
export const THEMES = ['light', 'dark'] as const;

export interface TestConsole {
  readonly server: TestServer;
  readonly proxy: ConsoleProxy;
  /** The token of an administrator named root, and of a user named una for space shop. */
  readonly tokens: { readonly root: string; readonly una: string };
  /** A page in a browser without cookies, at a width. */
  newPage(options?: { width?: number; theme?: 'light' | 'dark' }): Promise<Page>;
  close(): Promise<void>;
}

export interface TestConsoleOptions extends Pick<ProxyOptions, 'events' | 'answer'> {
  /** Operations that take the place of the platform's own. */
  readonly change?: (api: AppsApi) => Partial<AppsApi>;
  /** Makes what pages show, before they are opened. */
  readonly given?: (api: AppsApi) => Promise<unknown>;
}

/** A platform with its console, and a browser. */
export async function startConsole({
  change,
  given,
  ...options
}: TestConsoleOptions = {}): Promise<TestConsole> {
  if (program === undefined)
    throw new Error('No Chromium: apt-get install chromium, or set AKA_TEST_CHROMIUM.');
  const server = await startServer({}, change);
  await server.api.spaces.create({
    name: 'shop',
    compliance: ['prod'],
    description: 'Storefront and its API',
  });
  await given?.(server.api);
  const root = await server.api.tokens.create({ name: 'root', role: 'admin' });
  const una = await server.api.tokens.create({ name: 'una', role: 'user', spaces: ['shop'] });
  const proxy = await startProxy({
    ...options,
    api: `http://127.0.0.1:${server.tcp.port}`,
    pages: PAGES,
    token: root.secret,
  });
  const browser: Browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  const contexts: BrowserContext[] = [];
  return {
    server,
    proxy,
    tokens: { root: root.secret, una: una.secret },
    async newPage({ width = 1440, theme = 'light' } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        reducedMotion: 'reduce',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      return page;
    },
    async close() {
      await browser.close();
      await proxy.close();
      await server.close();
    },
  };
}

/** Opens a page of the console, logged in as the administrator. */
export async function openPage(testConsole: TestConsole, page: Page, address = ''): Promise<void> {
  await page.goto(`${testConsole.proxy.url}/console/#login=${testConsole.proxy.code()}`);
  await page.getByRole('heading', { level: 1, name: 'Spaces' }).waitFor();
  if (address !== '') await page.evaluate((hash) => void (location.hash = hash), address);
}

/** What is in the way of people on a page, one line a fault, by the rules of WCAG 2.2 AA. */
export async function barriers(page: Page): Promise<string[]> {
  // Evaluated, as the page's policy lets no script in but its own.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html}`),
  );
}

/** By how many pixels a page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
}
