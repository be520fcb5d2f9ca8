import { describe, expect, test } from '@jest/globals';
import { staysInside } from '../../src/model/links.js';

function inside(links: Record<string, string>, path: string): boolean {
  return staysInside(path, new Map(Object.entries(links)));
}

describe('a link stays inside of its tree', () => {
  test.each([
    [{ a: 'b' }, 'a'],
    [{ 'sub/a': '../b' }, 'sub/a'],
    [{ 'sub/a': './x/../../b//c/' }, 'sub/a'],
    [{ 'sub/a': '..' }, 'sub/a'],
    [{ 'sub/up': '..', a: 'sub/up/b' }, 'a'],
  ])('%j', (links, path) => {
    expect(inside(links, path)).toBe(true);
  });

  test.each([
    [{ a: '..' }, 'a'],
    [{ a: '/etc/passwd' }, 'a'],
    [{ 'sub/a': '../../b' }, 'sub/a'],
    [{ 'sub/up': '..', a: 'sub/up/../b' }, 'a'],
    [{ b: '/', a: 'b' }, 'a'],
    [{ a: 'b', b: 'a' }, 'a'],
    [{ a: 'a' }, 'a'],
  ])('or it does not: %j', (links, path) => {
    expect(inside(links, path)).toBe(false);
  });
});
