import { describe, expect, test } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { PlatformEvent } from '../../../src/contract/wire.js';
import { refused } from './answers.js';
import type { Given } from './given.js';

type Filter = Parameters<AppsApi['events']['read']>[0];

/** What there is so far. */
async function all(api: AppsApi, filter: Filter = {}): Promise<PlatformEvent[]> {
  const events: PlatformEvent[] = [];
  for await (const event of await api.events.read({ follow: false, ...filter })) events.push(event);
  return events;
}

/** What each change was, and what it was about. */
const told = (events: readonly PlatformEvent[]) =>
  events.flatMap((each) => (each.event === 'change' ? [[each.action, each.space, each.app]] : []));

export function eventsSuite(given: Given): void {
  describe('events', () => {
    test('begin with where they begin, and are the changes after that', async () => {
      const start = await given.records();
      await given.spaceWith(['web']);
      expect(await all(given.api, { since: start })).toEqual([
        { event: 'hello', seq: start },
        {
          event: 'change',
          seq: start + 1,
          action: 'space.create',
          space: 'shop',
          app: null,
          at: expect.stringMatching(/^\d{4}-.*Z$/),
        },
        expect.objectContaining({ seq: start + 2, action: 'app.create', space: 'shop', app: 'web' }),
      ]);
      expect(await all(given.api)).toEqual([{ event: 'hello', seq: start + 2 }]);
      expect(told(await all(given.api, { since: start + 1 }))).toEqual([['app.create', 'shop', 'web']]);
    });

    test('follow changes until nobody listens, and leave out what was refused', async () => {
      const gone = new AbortController();
      const seen: PlatformEvent[] = [];
      for await (const event of await given.api.events.read({}, gone.signal)) {
        seen.push(event);
        if (event.event === 'hello') {
          await refused(given.api.spaces.destroy({ space: 'nowhere' }));
          await given.api.spaces.create({ name: 'shop' });
        } else gone.abort();
      }
      expect(told(seen)).toEqual([['space.create', 'shop', null]]);
    });

    test('can be left without a signal', async () => {
      for await (const { event } of await given.api.events.read()) {
        expect(event).toBe('hello');
        break;
      }
    });

    test('of somebody with some spaces are those of these spaces, and no others', async () => {
      await given.spaceWith(['web']);
      const guest = await given.guest('gus', ['shop']);
      const since = await given.records();
      await given.spaceWith(['safe'], { name: 'bank' });
      await given.api.apps.create({ name: 'api', space: 'shop' });
      await given.api.platform.configure({ egress: 'sealed' });
      expect(told(await all(guest, { since }))).toEqual([['app.create', 'shop', 'api']]);
      expect(told(await all(given.api, { since }))).toHaveLength(4);
    });

    test('of a space that is destroyed end with it, also if there is another one of its name', async () => {
      await given.spaceWith([]);
      await given.spaceWith([], { name: 'other' });
      const guest = await given.guest('gus', ['shop', 'other']);
      const gone = new AbortController();
      const seen: PlatformEvent[] = [];
      const following = (async () => {
        for await (const event of await guest.events.read({}, gone.signal)) {
          seen.push(event);
          if (event.event === 'change' && event.app === 'last') gone.abort();
        }
      })();
      while (seen.length === 0) await new Promise(setImmediate);
      await given.api.spaces.destroy({ space: 'shop' });
      await given.spaceWith(['secret']);
      await given.api.apps.create({ name: 'last', space: 'other' });
      await following;
      expect(told(seen)).toEqual([
        ['space.destroy', 'shop', null],
        ['app.create', 'other', 'last'],
      ]);
    });

    test('after a number that is not there yet begin with the last change', async () => {
      const last = await given.records();
      expect(await all(given.api, { since: last + 100 })).toEqual([{ event: 'hello', seq: last }]);
      expect((await refused(given.api.events.read({ since: -1 }))).status).toBe(422);
    });
  });
}
