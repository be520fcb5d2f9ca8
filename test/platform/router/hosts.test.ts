import { expect, test } from '@jest/globals';
import { hostLines, type NamedApp, withHostLines } from '../../../src/platform/router/hosts.js';

const at = { stack: 'local', base: 'localhost' };
const APPS: NamedApp[] = [
  { app: 'web', space: { name: 'shop', compliance: [] }, at },
  { app: 'api', space: { name: 'default', compliance: ['prod'] }, at },
  { app: 'vault', space: { name: 'safe', compliance: ['internal'] }, at },
];

test('host names lead to the listener that their apps are on', () => {
  expect(hostLines(APPS, { public: '0.0.0.0', internal: '10.0.0.1' })).toEqual([
    '10.0.0.1 vault-safe.internal.local.localhost',
    '127.0.0.1 api.local.localhost',
    '127.0.0.1 web-shop.local.localhost',
  ]);
  expect(hostLines(APPS, { public: '::', internal: null })).toEqual([
    '::1 api.local.localhost',
    '::1 web-shop.local.localhost',
  ]);
});

test('a hosts file gets our block once, keeps all the rest, and loses it again', () => {
  const own = '127.0.0.1 localhost\n# mine\n10.1.1.1 other\n';
  const once = withHostLines(own, ['127.0.0.1 a.local.localhost']);
  expect(once).toContain(own);
  expect(withHostLines(once, ['127.0.0.1 a.local.localhost'])).toBe(once);
  const other = withHostLines(`${once}10.2.2.2 later\n`, ['127.0.0.1 b.local.localhost']);
  expect(other).not.toContain(' a.local');
  expect(other).toContain('10.2.2.2 later\n');
  expect(withHostLines(once, [])).toBe(own);
  expect(withHostLines('', [])).toBe('');
  expect(() => withHostLines(once.replace('# END aka\n', ''), [])).toThrow(/END aka/);
});
