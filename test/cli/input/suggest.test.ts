import { describe, expect, test } from '@jest/globals';
import { suggestCommands } from '../../../src/cli/input/suggest.js';
import { COMMANDS } from '../../scenarios/manifest.js';

const IDS = COMMANDS.map(({ id }) => id);

describe('what is suggested for a mistyped command', () => {
  test.each([
    ['spaces:craete', ['spaces:create']],
    ['sapces', ['spaces']],
    ['sapces:info', ['spaces:info']],
    ['spaces:topo', ['spaces:topology']],
    ['ps:destory', ['ps:destroy']],
    ['auth:logn', ['auth:login']],
    ['auth:logot', ['auth:logout']],
    ['apps:logs', ['logs']],
    ['rollback', ['releases:rollback']],
    ['stop', ['builds:stop', 'platform:stop']],
  ])('%s', (typed, wanted) => {
    expect(suggestCommands(typed, IDS)).toEqual(wanted);
  });

  test.each([
    'spaces:delete',
    'spaces:dest',
    'platform:restart',
    'platform:reset',
    'credentials:unattach',
    'config:reset',
    'releases:list',
    'nonsense',
    'x',
    '',
  ])('%s: nothing', (typed) => {
    expect(suggestCommands(typed, IDS)).toEqual([]);
  });

  test('no verb is suggested for its opposite', () => {
    for (const [verb, opposite] of [
      ['create', 'destroy'],
      ['attach', 'detach'],
      ['enable', 'disable'],
      ['set', 'unset'],
      ['start', 'stop'],
      ['add', 'remove'],
      ['backup', 'restore'],
    ] as const) {
      for (const [typed, other] of [
        [verb, opposite],
        [opposite, verb],
      ] as const) {
        const ids = [`topic:${other}`, 'topic:info'];
        expect({ typed, near: suggestCommands(`topic:${typed}`, ids) }).toEqual({ typed, near: [] });
      }
    }
  });
});
