import { describe, expect, test } from '@jest/globals';
import type { LogLines } from '../../../src/contract/apps-api.js';
import type { LogStream } from '../../../src/contract/logs.js';
import type { LogLine } from '../../../src/contract/wire.js';
import { openLogs } from '../../../src/platform/logs/logs.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import { missing, NOWHERE, refused } from './answers.js';
import type { Given } from './given.js';

/** All that a log has; of one that is followed, what comes before it ends. */
async function whole(lines: Promise<LogLines>): Promise<LogLine[]> {
  const all: LogLine[] = [];
  for await (const line of await lines) all.push(line);
  return all;
}

const textsOf = (lines: readonly LogLine[]): string[] => lines.map(({ line }) => line);

export function logsSuite(given: Given): void {
  const app = 'web-shop';

  /** Writes as the daemon does, and waits until it is on disk. */
  async function says(key: string, dyno: string, text: string, stream: LogStream = 'stdout'): Promise<void> {
    const { id } = await given.api.apps.get({ app: key });
    const logs = openLogs({ dir: logsFolder(given.dataDir) });
    await logs.write({ app: id, dyno, stream }, text);
    await logs.close();
  }

  describe('logs', () => {
    test('are the last lines of an app, in their order, whoever printed them', async () => {
      await given.spaceWith(['web']);
      expect(await whole(given.user.logs.ofApp({ app }))).toEqual([]);
      await says(app, 'web.1', 'one\ntwo\n');
      await says(app, 'worker.1', 'thr\u001b[2Jee\n', 'stderr');
      const lines = await whole(given.user.logs.ofApp({ app }));
      expect(lines).toEqual([
        { app, at: expect.stringMatching(/^\d{4}-.*Z$/), dyno: 'web.1', line: 'one', stream: 'stdout' },
        { app, at: expect.any(String), dyno: 'web.1', line: 'two', stream: 'stdout' },
        { app, at: expect.any(String), dyno: 'worker.1', line: 'thr\u001b[2Jee', stream: 'stderr' },
      ]);
      expect(textsOf(await whole(given.api.logs.ofApp({ app, lines: 1 })))).toEqual(['thr\u001b[2Jee']);
      expect(textsOf(await whole(given.api.logs.ofApp({ app, dyno: 'web' })))).toEqual(['one', 'two']);
      expect(textsOf(await whole(given.api.logs.ofApp({ app, lines: 0 })))).toEqual([]);
    });

    test('of a space are those of its apps, by time', async () => {
      await given.spaceWith(['web', 'api']);
      await given.api.apps.create({ name: 'other', space: 'default' });
      await says(app, 'web.1', 'first\n');
      await says('other-default', 'web.1', 'elsewhere\n');
      await says('api-shop', 'web.1', 'second\n');
      const lines = await whole(given.api.logs.ofSpace({ space: 'shop' }));
      expect(lines.map(({ app: key, line }) => [key, line])).toEqual([
        [app, 'first'],
        ['api-shop', 'second'],
      ]);
    });

    test('that are followed go on until nobody listens', async () => {
      await given.spaceWith(['web']);
      await says(app, 'web.1', 'before\n');
      const gone = new AbortController();
      const seen: string[] = [];
      for await (const { line } of await given.api.logs.ofApp({ app, follow: true }, gone.signal)) {
        seen.push(line);
        if (seen.length === 3) gone.abort();
        else await says(app, 'web.1', `after ${seen.length}\n`);
      }
      expect(seen).toEqual(['before', 'after 1', 'after 2']);
    });

    test('that are followed end with their app or space, with what was printed last', async () => {
      await given.spaceWith(['web']);
      await says(app, 'web.1', 'one\n');
      const ofSpace = whole(given.api.logs.ofSpace({ space: 'shop', follow: true }));
      const seen: string[] = [];
      for await (const { line } of await given.api.logs.ofApp({ app, follow: true })) {
        seen.push(line);
        if (seen.length > 1) continue;
        await says(app, 'web.1', 'two\n');
        await given.api.apps.destroy({ app });
      }
      expect(seen[0]).toBe('one');
      await given.api.spaces.destroy({ space: 'shop' });
      expect(textsOf(await ofSpace)).toContain('one');
    });

    test('that are followed can be left without a signal', async () => {
      await given.spaceWith(['web']);
      await says(app, 'web.1', 'one\ntwo\n');
      for await (const { line } of await given.api.logs.ofApp({ app, follow: true })) {
        expect(line).toBe('one');
        break;
      }
    });

    test('of a build are what it printed, and end with it', async () => {
      await given.spaceWith(['web']);
      const checksum = await given.uploaded();
      await given.api.builds.create({ app, checksum });
      await says(app, 'build.1', 'installing\n', 'build');
      await says(app, 'build.11', 'of another\n', 'build');
      await says(app, 'web.1', 'listening\n');
      expect(textsOf(await whole(given.user.logs.ofBuild({ app, build: '1' })))).toEqual(['installing']);
      const seen: string[] = [];
      for await (const { line } of await given.api.logs.ofBuild({ app, build: '1', follow: true })) {
        seen.push(line);
        if (seen.length === 1) await says(app, 'build.1', 'building\n', 'build');
        else await given.api.builds.stop({ app, build: '1' });
      }
      expect(seen).toEqual(['installing', 'building']);
      expect(textsOf(await whole(given.api.logs.ofBuild({ app, build: '1', follow: true })))).toEqual(seen);
    });

    test('are of what is there, and so many', async () => {
      await given.spaceWith(['web']);
      const { logs } = given.api;
      expect(await refused(logs.ofApp({ app: NOWHERE }))).toMatchObject(missing('app', NOWHERE));
      expect(await refused(logs.ofSpace({ space: NOWHERE }))).toMatchObject(missing('space', NOWHERE));
      expect(await refused(logs.ofBuild({ app, build: '7' }))).toMatchObject({
        id: 'not_found',
        status: 404,
      });
      for (const lines of [-1, 1.5, 10_001]) {
        expect(await refused(logs.ofApp({ app, lines }))).toMatchObject({ id: 'invalid_input', status: 422 });
      }
    });
  });
}
