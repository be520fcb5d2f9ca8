import { expect, test } from '@jest/globals';
import { type Origin, type Route, visibleRoute } from '../../../src/platform/router/routes.js';

const route: Route = {
  app: 'console',
  space: '',
  key: 'console',
  internal: false,
  local: true,
  maintenance: false,
  upstreams: [],
};
const port = 8443;

test.each<[string, boolean, Origin]>([
  ['a program of this machine', true, { door: 'public', address: '127.0.0.1', port }],
  ['one that has IPv6', true, { door: 'public', address: '::1', port }],
  ['another machine', false, { door: 'public', address: '192.168.1.7', port }],
  ['nobody in particular', false, { door: 'public', address: '', port }],
  ['a dyno', false, { door: 'dyno', address: '127.0.0.1', port, space: 'shop' }],
  ['the internal listener', false, { door: 'internal', address: '127.0.0.1', port, allowed: true }],
])('what is for this machine is seen by %s: %p', (_, isSeen, origin) => {
  expect(visibleRoute({ find: () => route }, 'console.local.localhost', origin)).toBe(
    isSeen ? route : undefined,
  );
});
