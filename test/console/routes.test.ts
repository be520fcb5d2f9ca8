import { describe, expect, test } from '@jest/globals';
import { loginCode, parseRoute, to } from '../../src/console/shell/routes.js';

describe('addresses of pages', () => {
  test.each([
    [to.spaces(), { page: 'spaces' }],
    [to.createSpace(), { page: 'createSpace' }],
    [to.space('shop'), { page: 'space', space: 'shop' }],
    // A space may be called as the page that creates one.
    [to.space('new'), { page: 'space', space: 'new' }],
    [to.space('a/b?c#d'), { page: 'space', space: 'a/b?c#d' }],
    [to.app('web-shop'), { page: 'app', app: 'web-shop', tab: 'overview' }],
    [to.app('web-shop', 'builds', '3'), { page: 'app', app: 'web-shop', tab: 'builds', item: '3' }],
    [to.audits(), { page: 'audits' }],
    [to.platform(), { page: 'platform' }],
    ['', { page: 'spaces' }],
    ['#/nowhere', { page: 'missing' }],
    ['#/app/web-shop/nothing', { page: 'missing' }],
    ['#/space/%E0%A4%A', { page: 'space', space: '%E0%A4%A' }],
  ])('%s', (address, page) => {
    expect(parseRoute(address)).toMatchObject(page);
  });

  test('hold a filter', () => {
    const route = parseRoute(to.audits({ space: 'shop', user: '', action: 'a&b' }));
    expect(route.page === 'audits' && Object.fromEntries(route.query)).toEqual({
      space: 'shop',
      action: 'a&b',
    });
  });
});

test('a login link has its code in the fragment, and no page has', () => {
  expect(loginCode('#login=Ab-1_2')).toBe('Ab-1_2');
  expect(loginCode('#/spaces?login=Ab')).toBeUndefined();
  expect(loginCode('#login=')).toBeUndefined();
});
