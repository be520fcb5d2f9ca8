import { describe, expect, test } from '@jest/globals';
import { openLogs } from '../../../src/platform/logs/logs.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function redactionSuite(given: Given): void {
  const app = 'web-shop';
  const inSocs = (): Promise<unknown> => given.spaceWith(['web'], { name: 'shop', compliance: ['socs'] });

  /** Has a dyno say something to a log that knows of no secrets. */
  async function says(text: string): Promise<void> {
    const { id } = await given.api.apps.get({ app });
    const logs = openLogs({ dir: logsFolder(given.dataDir) });
    await logs.write({ app: id, dyno: 'web.1', stream: 'stdout' }, text);
    await logs.close();
  }

  async function shownLines(): Promise<string[]> {
    const lines: string[] = [];
    for await (const { line } of await given.user.logs.ofApp({ app })) lines.push(line);
    return lines;
  }

  const recorded = async (): Promise<string> => JSON.stringify(await given.api.audits.list({ size: 100 }));

  describe('what is redacted', () => {
    test('is more with the words of an administrator and less with exceptions, at once and for everybody', async () => {
      await inSocs();
      await given.api.configVars.patch({ app, vars: { LICENCE: 'abcdef-1', COOKIE_DOMAIN: 'example.com' } });
      expect(await given.user.configVars.get({ app })).toMatchObject({
        LICENCE: 'abcdef-1',
        COOKIE_DOMAIN: '[redacted]',
      });
      const rules = { redact_words: ['licence'], redact_exceptions: ['COOKIE_DOMAIN'] };
      expect(await given.api.platform.configure(rules)).toMatchObject(rules);
      expect(await given.user.platform.settings()).toMatchObject(rules);
      const shown = { LICENCE: '[redacted]', COOKIE_DOMAIN: 'example.com' };
      expect(await given.user.configVars.get({ app })).toMatchObject(shown);
      expect(await given.api.configVars.patch({ app, vars: { COLOUR: 'red' } })).toMatchObject(shown);
      expect(await recorded()).toContain('redact_exceptions');
      await given.api.platform.configure({ redact_words: [], redact_exceptions: [] });
      expect(await given.user.configVars.get({ app })).toMatchObject({ COOKIE_DOMAIN: '[redacted]' });
    });

    test('is what the value tells to be a secret, whatever the exceptions', async () => {
      await inSocs();
      const vars = { AUTH_URL: 'https://u:hunter2hunter2@h/', API_KEY: 'ghp_0123456789abcdefghij0123456789' };
      await given.api.configVars.patch({ app, vars });
      await given.api.platform.configure({ redact_exceptions: Object.keys(vars) });
      expect(await given.api.configVars.get({ app })).toMatchObject({
        AUTH_URL: 'https://u:[redacted]@h/',
        API_KEY: '[redacted]',
      });
    });

    test.each([
      ['a word of one letter', { redact_words: ['x'] }],
      ['an empty word', { redact_words: [''] }],
      ['no word', { redact_words: ['licence key!'] }],
      ['a secret as a word', { redact_words: ['ghp_0123456789abcdefghij012345678901234'] }],
      ['no name', { redact_exceptions: ['COOKIE-DOMAIN'] }],
      ['more than there may be', { redact_words: Array.from({ length: 101 }, (_, n) => `word${n}`) }],
    ])('is not decided by %s', async (_, rules) => {
      const error = await refused(given.api.platform.configure(rules));
      expect(error.status).toBe(422);
      expect(error.message).not.toContain('ghp_');
      expect((await given.api.platform.settings()).redact_words).toEqual([]);
    });

    test('is decided by administrators alone', async () => {
      const error = await refused(given.user.platform.configure({ redact_exceptions: ['DB_PASSWORD'] }));
      expect(error).toMatchObject({ id: 'administrators_only', status: 403 });
      expect((await given.api.platform.settings()).redact_exceptions).toEqual([]);
      expect(await recorded()).toContain('administrators');
    });

    test('is so after a rollback, and in no release', async () => {
      await inSocs();
      await given.built(app);
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-first' } });
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-second' } });
      await given.api.releases.create({ app, release: 'v1' });
      const seen = [
        await given.user.configVars.get({ app }),
        await given.user.releases.list({ app }),
        await given.user.spaces.topology({ space: 'shop' }),
        await recorded(),
      ];
      expect(JSON.stringify(seen)).not.toContain('hunter2');
    });
  });

  describe('what is said and told of an app', () => {
    test('is shown without its secrets, whoever wrote them into it', async () => {
      await inSocs();
      const told = 'hunter2-first';
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: told } });
      await given.built(app);
      const set = { command: `serve ${told}`, healthcheck: `/${told}` };
      await given.api.formations.update({ app, type: 'web', ...set });
      const commit = { repo: 'https://github.com/acme/shop', sha: 'abc01234'.repeat(5) };
      const checksum = await given.uploaded();
      const { number = 0 } = await given.user.builds.create({ app, checksum, ...commit, version: told });
      const said = { description: `found ${told}`, target_url: `https://ci.example/?q=${told}`, name: told };
      const context = `app/${app}`;
      const { secret: token } = await given.api.checks.add({ context, kind: 'token' });
      const report = { app, build: String(number), context, token, state: 'failure', ...said } as const;
      await given.api.builds.report(report);
      await given.api.releaseStatuses.create({
        app,
        release: 'v2',
        context: 'ci/tests',
        state: 'failure',
        ...said,
      });
      const seen = JSON.stringify([
        await given.user.builds.list({ app }),
        await given.user.builds.statuses({ app, build: String(number) }),
        await given.user.releaseStatuses.list({ app, release: 'v2' }),
        await given.user.formations.list({ app }),
        await given.user.apps.list(),
        await given.user.dynos.list({ app }),
        await recorded(),
      ]);
      expect(seen).not.toContain('hunter2');
      for (const left of ['serve [redacted]', 'found [redacted]', '/?q=[redacted]']) {
        expect(seen).toContain(left);
      }
      for (const members of [{ command: 'serve [redacted]' }, { healthcheck: '/[redacted]' }]) {
        expect(await refused(given.api.formations.update({ app, type: 'web', ...members }))).toMatchObject({
          id: 'redacted_value',
        });
      }
    });

    test('is not hidden elsewhere, but for what credentials hold', async () => {
      await given.spaceWith(['web']);
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-first' } });
      const config = { COLOUR: 'ultramarine' };
      const addon = await given.api.addons.create({ plan: 'credentials:general', name: 'pay', config });
      await given.api.addonAttachments.create({ app, addon: addon.id });
      const command = 'serve hunter2-first ultramarine';
      const shown = await given.api.formations.create({ app, type: 'web', command });
      expect(shown.command).toBe('serve hunter2-first [redacted]');
    });
  });

  describe('logs of a socs space', () => {
    test('are shown without what is secret now or was in an earlier release', async () => {
      await inSocs();
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-first' } });
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-second' } });
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: null, LICENCE: 'abcdef-1' } });
      await says('hunter2-first, then hunter2-second; abcdef-1\n');
      expect(await shownLines()).toEqual(['[redacted], then [redacted]; abcdef-1']);
      await given.api.platform.configure({ redact_words: ['licence'] });
      expect(await shownLines()).toEqual(['[redacted], then [redacted]; [redacted]']);
    });

    test('and those of any space without the values of credentials, whatever they are called', async () => {
      await given.spaceWith(['web']);
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-first' } });
      const config = { COLOUR: 'ultramarine' };
      const addon = await given.api.addons.create({ plan: 'credentials:general', name: 'pay', config });
      await given.api.addonAttachments.create({ app, addon: addon.id });
      await says('ultramarine and hunter2-first\n');
      expect(await shownLines()).toEqual(['[redacted] and hunter2-first']);
    });

    test('and no others are', async () => {
      await given.spaceWith(['web'], { name: 'shop', compliance: ['prod'] });
      await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-first' } });
      await says('hunter2-first\n');
      expect(await shownLines()).toEqual(['hunter2-first']);
    });
  });

  test('the audit log has no secret of a socs space, whatever somebody wrote it into', async () => {
    await inSocs();
    await given.api.configVars.patch({ app, vars: { DB_PASSWORD: 'hunter2-first' } });
    await given.api.apps.update({ app, description: 'log in with hunter2-first' });
    await given.built(app);
    await given.api.formations.create({ app, type: 'worker', command: 'work with hunter2-first' });
    const checksum = await given.uploaded();
    const commit = { repo: 'https://github.com/acme/shop', sha: 'abc01234'.repeat(5) };
    await given.api.builds.create({ app, checksum, ...commit, version: 'hunter2-first' });
    const records = await recorded();
    expect(records).not.toContain('hunter2');
    for (const left of ['log in with [redacted]', 'work with [redacted]']) expect(records).toContain(left);
  });
}
