import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogLine } from '../../src/contract/wire.js';
import { hasBrowser, openPage, startConsole, type TestConsole } from './browser.js';

(hasBrowser ? describe : describe.skip)('an app in the console', () => {
  let tested: TestConsole;
  /** Takes the lines of the log that a page reads. */
  let open: (log: PassThrough) => void;
  const log = new Promise<PassThrough>((resolve) => {
    open = resolve;
  });
  const write = async (dyno: string, line: string): Promise<void> => {
    (await log).write({ at: new Date().toISOString(), app: 'web-shop', dyno, stream: 'stdout', line });
  };

  beforeAll(async () => {
    tested = await startConsole({
      events: true,
      change: (api) => ({
        logs: {
          ...api.logs,
          ofApp: async (_, signal) => {
            const lines = new PassThrough({ objectMode: true });
            open(lines);
            return linesUntil(signal, lines);
          },
        },
      }),
      given: async (api) => {
        await api.apps.create({ name: 'web', space: 'shop' });
        await api.apps.create({ name: 'blank', space: 'shop' });
        await api.formations.create({ app: 'web-shop', type: 'web', quantity: 1 });
        await api.spaces.create({ name: 'vault', compliance: ['socs'] });
        await api.apps.create({ name: 'pay', space: 'vault' });
        await api.configVars.patch({ app: 'pay-vault', vars: { API_KEY: 'sk_live_abc', LOG_LEVEL: 'info' } });
      },
    });
  });

  afterAll(() => tested.close());

  test('config vars are added, changed and unset; a wrong name is said before it is sent', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/app/web-shop/config');
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Add a config var' }).click();
    await dialog.getByLabel('Name').fill('PORT');
    await dialog.getByText(/set by the platform/).waitFor();
    await dialog.getByLabel('Name').fill('DATABASE_URL');
    await dialog.getByLabel('Value').fill('postgres://shop:hunter2@db/shop');
    await dialog.getByRole('button', { name: 'Add' }).click();
    const row = page.getByRole('row', { name: /DATABASE_URL/ });
    await row.getByText('postgres://shop:[redacted]@db/shop').waitFor();
    await row.getByRole('button', { name: 'Show the value of DATABASE_URL' }).click();
    await row.getByText('postgres://shop:hunter2@db/shop').waitFor();
    await row.getByRole('button', { name: 'Change DATABASE_URL' }).click();
    await dialog.getByLabel('Value').fill('sqlite');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await row.getByText('sqlite').waitFor();
    await row.getByRole('button', { name: 'Unset DATABASE_URL' }).click();
    await dialog.getByRole('button', { name: 'Unset' }).click();
    await row.waitFor({ state: 'detached' });
    expect(await tested.server.api.configVars.get({ app: 'web-shop' })).not.toHaveProperty('DATABASE_URL');
  });

  test('a redacted value is never written back', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/app/pay-vault/config');
    const row = page.getByRole('row', { name: /API_KEY/ });
    await row.getByText('[redacted]').waitFor();
    expect(await row.getByRole('button', { name: /Show/ }).count()).toBe(0);
    await row.getByRole('button', { name: 'Change API_KEY' }).click();
    expect(await page.getByRole('dialog').getByLabel('Value').inputValue()).toBe('');
    await page.getByRole('dialog').getByLabel('Value').fill('[redacted]');
    await page
      .getByRole('dialog')
      .getByText(/in place of a secret/)
      .waitFor();
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Change' }).isDisabled()).toBe(true);
  });

  test('a process type is scaled and resized', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/app/web-shop');
    const form = page.getByRole('form', { name: 'Process type web' });
    await form.getByRole('button', { name: 'One web dyno more' }).click();
    await form.getByLabel('Size of web dynos').selectOption('gp2-prod');
    await form.getByRole('button', { name: 'Apply' }).click();
    await page.waitForFunction(
      () => document.querySelector<HTMLButtonElement>('.type-form [type=submit]')?.disabled,
    );
    expect(await tested.server.api.formations.get({ app: 'web-shop', type: 'web' })).toMatchObject({
      quantity: 2,
      size: 'gp2-prod',
    });
    // Somebody else scales it, too.
    await tested.server.api.formations.update({ app: 'web-shop', type: 'web', quantity: 5 });
    tested.proxy.emit({ action: 'formation.change', space: 'shop', app: 'web' });
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('.stepper input')?.value === '5',
    );
    await form.getByLabel('Number of web dynos').fill('99');
    await form.getByRole('button', { name: 'Apply' }).click();
    await form.getByText('99 is not a number of dynos.').waitFor();
  });

  test('the log is shown as it is written, searched, and paused without losing lines', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/app/web-shop/logs');
    await page.getByRole('main').getByText('Live', { exact: true }).waitFor();
    await write('web.1', '\u001b[32mlistening\u001b[0m on 5000');
    const shown = page.getByRole('region', { name: 'Log of web-shop' });
    await shown.getByText('listening on 5000').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await write('worker.1', 'job <b>done</b>');
    await page.getByRole('button', { name: 'Resume (1 new)' }).waitFor();
    expect(await shown.getByText('job').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume (1 new)' }).click();
    await shown.getByText('job <b>done</b>').waitFor();
    await page.getByLabel('Search the log').fill('job');
    await page.getByText('1 of 2 lines').waitFor();
    await page.getByLabel('Search the log').fill('');
    await page.getByLabel('Source of lines').selectOption('web');
    await page.getByText('1 of 2 lines').waitFor();
    expect(await shown.getByText('job').count()).toBe(0);
  });

  test('an archive is uploaded and built', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/app/web-shop/builds');
    expect(await page.getByRole('button', { name: 'Deploy' }).isDisabled()).toBe(true);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'source.tar.gz', mimeType: 'application/gzip', buffer: await archive() });
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByRole('heading', { name: 'Build 1' }).waitFor();
    const [build] = await tested.server.api.builds.list({ app: 'web-shop' });
    expect(build).toMatchObject({ number: 1, status: 'queued' });
  });

  test('a build of a socs space is not sent without repository and commit', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/app/pay-vault/builds');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'source.tar.gz', mimeType: 'application/gzip', buffer: await archive() });
    expect(await page.getByRole('button', { name: 'Deploy' }).isDisabled()).toBe(true);
    await page.getByLabel('Repository').fill('https://github.com/acme/pay');
    await page.getByLabel('Commit').fill('b1ae88e1a512dc70f5df40bde9824a9ea9379bd7');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByText('waiting for checks').waitFor();
    await page.getByRole('list', { name: 'Checks' }).getByText('source/github.com/acme/pay').waitFor();
  });

  test('what nobody deployed says how to', async () => {
    const page = await tested.newPage();
    await openPage(tested, page, '#/app/blank-shop/releases');
    await page.getByText('No releases yet').waitFor();
  });
});

/** The lines that somebody writes, until a signal ends them. */
async function* linesUntil(signal: AbortSignal | undefined, writer: PassThrough): AsyncGenerator<LogLine> {
  signal?.addEventListener('abort', () => writer.end());
  for await (const line of writer) yield line as LogLine;
}

/** A tar.gz with a file. */
async function archive(): Promise<Buffer> {
  const { create } = await import('tar');
  const folder = join(import.meta.dirname, '..', '..', 'examples', 'shop', 'api');
  const chunks: Buffer[] = [];
  for await (const chunk of create({ gzip: true, cwd: folder }, ['.']))
    chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
