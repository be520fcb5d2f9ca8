import { describe, expect, test } from '@jest/globals';
import { checkSettings, DEFAULT_SETTINGS, openHosts, type Settings } from '../../src/model/settings.js';

const settings = (changes: Partial<Settings>): Settings => ({ ...DEFAULT_SETTINGS, ...changes });

describe('settings', () => {
  test.each<[why: string, changes: Partial<Settings>]>([
    ['as they are unless told', {}],
    [
      'the same port for internal apps on an address of their own',
      { internal_host: '127.0.0.2', internal_port: 8443 },
    ],
    ['the least quota', { log_bytes: 1024 ** 2 }],
  ])('may be: %s', (_, changes) => {
    checkSettings(settings(changes));
  });

  test.each<[why: string, changes: Partial<Settings>, named: RegExp]>([
    ['http on the port of https', { http_port: 8443 }, /http port can't be 8443/],
    [
      'http on the port of https, with internal apps elsewhere',
      { http_port: 8443, internal_host: '::1' },
      /http port/,
    ],
    ['internal apps on the port of http', { internal_port: 8080 }, /internal port can't be 8080/],
    [
      'all addresses, of which one is taken',
      { router_host: '0.0.0.0', internal_port: 8443 },
      /internal port/,
    ],
    ['an address of all that are taken', { internal_host: '::', internal_port: 8443 }, /internal port/],
    ['port 0', { router_port: 0 }, /router port can't be 0/],
    ['a port above all', { internal_port: 65_536 }, /internal port can't be 65536/],
    ['half a port', { http_port: 80.5 }, /http port can't be 80.5/],
    ['hardly any disk', { slug_bytes: 1024 }, /slug quota can't be 1 KiB/],
    ['more than there is', { log_bytes: Number.POSITIVE_INFINITY }, /log quota/],
  ])('may not be: %s', (_, changes, named) => {
    expect(() => checkSettings(settings(changes))).toThrow(
      expect.objectContaining({ id: 'invalid_setting', message: expect.stringMatching(named) }),
    );
  });

  test('tell what other machines reach', () => {
    expect(openHosts(DEFAULT_SETTINGS)).toEqual([]);
    expect(openHosts(settings({ router_host: '0.0.0.0', internal_host: '127.0.0.9' }))).toEqual([
      'router_host',
    ]);
    expect(openHosts(settings({ internal_host: 'fd00::1' }))).toEqual(['internal_host']);
  });
});
