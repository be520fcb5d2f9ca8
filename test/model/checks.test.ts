import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  isFullCommit,
  parseContext,
  parseReason,
  parseReporterName,
  reporterNameFor,
  repositoryOf,
  requiredContexts,
} from '../../src/model/checks.js';
import { Refusal, RuleError } from '../../src/model/rule.js';

const SHA = 'a'.repeat(40);

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const host = fc.tuple(label, label).map((labels) => labels.join('.'));
const segment = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._+-]{0,10}[A-Za-z0-9_]$/);
const notGit = segment.filter((name) => !/\.git$/i.test(name));
const path = fc
  .tuple(fc.array(segment, { maxLength: 2 }), notGit)
  .map(([front, last]) => [...front, last].join('/'));
const port = fc.constantFrom('', ':22', ':8443');
const tail = fc.constantFrom('', '.git', '/', '.git/');

describe('the name of a repository', () => {
  test('is the same however its address is written', () => {
    fc.assert(
      fc.property(host, path, port, tail, (at, to, number, end) => {
        const written = [
          `https://${at}${number}/${to}${end}`,
          `http://ann@${at}${number}/${to}${end}`,
          `HTTPS://${at.toUpperCase()}/${to}${end}`,
          `ssh://git@${at}${number}/${to}${end}`,
          `git+ssh://git@${at}${number}/${to}${end}`,
          `git://${at}/${to}${end}`,
          `git@${at}:${to}${end}`,
          `${at}:${to}${end}`,
          `${at}/${to}${end}`,
          `  https://${at}/${to}${end}\n`,
        ];
        expect(new Set(written.map(repositoryOf))).toEqual(new Set([`${at}/${to}`]));
      }),
    );
  });

  test('names itself', () => {
    fc.assert(
      fc.property(host, path, tail, (at, to, end) => {
        const once = repositoryOf(`https://${at}/${to}${end}`);
        expect(repositoryOf(once)).toBe(once);
      }),
    );
  });

  test('has the case of its host, but where that makes no difference there', () => {
    expect(repositoryOf('git@GitHub.com:Acme/Shop.git')).toBe('github.com/acme/shop');
    expect(repositoryOf('https://git.Example.com/Acme/Shop')).toBe('git.example.com/Acme/Shop');
  });

  test.each([
    '',
    '/srv/git/shop',
    './shop',
    '../shop.git',
    'C:\\shop',
    'file:///srv/git/shop',
    'ftp://example.com/shop',
    'https://example.com',
    'https://example.com/',
    'https://example.com/.git',
    'https://example.com/a/../b',
    'https://example.com/%2e%2e/b',
    'https://example.com/a//b',
    'https://example.com/a b',
    'https://example.com/a?token=1',
    'https://example.com/a#b',
    'https:///a/b',
    'git@:a/b',
    'https://exa mple.com/a',
    'https://example.com/a\u0000b',
    'https://example.com/ä',
  ])('is not in %j', (address) => {
    expect(() => repositoryOf(address)).toThrow(RuleError);
  });

  test.each([
    'https://ann:hunter2@example.com/a/b',
    'ann:hunter2@example.com:a/b',
    'ssh://ann:hunter2@h.com/a',
  ])('is not taken from %s, and its password is not repeated', (address) => {
    const attempt = (): string => repositoryOf(address);
    expect(attempt).toThrow(expect.objectContaining({ id: 'secret_in_address' }));
    expect(attempt).not.toThrow(/hunter2/);
  });

  test('is found or refused for any text, at once', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500, unit: 'binary' }), (text) => {
        try {
          expect(repositoryOf(text)).toMatch(/^[a-z0-9.-]+\/[A-Za-z0-9._+/-]+$/);
        } catch (error) {
          if (!(error instanceof RuleError)) throw error;
        }
      }),
    );
    for (const text of [
      `a.b/${'.git/'.repeat(100_000)}x`,
      `${'a.'.repeat(100_000)}/x`,
      ':'.repeat(100_000),
    ]) {
      const start = performance.now();
      expect(() => repositoryOf(text)).toThrow();
      expect(performance.now() - start).toBeLessThan(1000);
    }
  });
});

describe('the checks of a build', () => {
  test('are one of its repository, one of its app, and one of each pipeline', () => {
    expect(
      requiredContexts({
        repo: 'git@github.com:Acme/Shop.git',
        sha: SHA,
        app: 'web-vault',
        pipelines: ['shop', 'all'],
      }),
    ).toEqual(['source/github.com/acme/shop', 'app/web-vault', 'pipeline/shop', 'pipeline/all']);
  });

  test.each([
    [{ sha: SHA }, 'source_not_named'],
    [{ repo: '', sha: SHA }, 'source_not_named'],
    [{ repo: 'github.com/acme/shop' }, 'source_not_named'],
    [{ repo: 'github.com/acme/shop', sha: 'abcdef0' }, 'commit_not_whole'],
    [{ repo: 'github.com/acme/shop', sha: `${SHA}a` }, 'commit_not_whole'],
  ])('can not be told of %j: %s', (source, id) => {
    const attempt = (): string[] => requiredContexts({ ...source, app: 'web-vault', pipelines: [] });
    expect(attempt).toThrow(Refusal);
    expect(attempt).toThrow(expect.objectContaining({ id }));
  });

  test.each([
    ['source/https://github.com/Acme/Shop.git', 'source/github.com/acme/shop'],
    ['source/git@github.com:acme/shop', 'source/github.com/acme/shop'],
    ['source/github.com/acme/shop', 'source/github.com/acme/shop'],
    ['App/Web-Vault', 'app/web-vault'],
    ['pipeline/Shop', 'pipeline/shop'],
  ])('are named by %s', (typed, context) => {
    expect(parseContext(typed)).toBe(context);
    expect(parseContext(context)).toBe(context);
  });

  test.each([
    '',
    'app',
    'app/',
    'app/web',
    '/web',
    'web-vault',
    'ci/tests',
    'pipeline/x',
    'source/shop',
    `app/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`,
    `source/github.com/${'a'.repeat(255)}`,
  ])('are not named by %j', (typed) => {
    expect(() => parseContext(typed)).toThrow(RuleError);
  });

  test('are of a commit that is named in full', () => {
    expect([SHA, 'F'.repeat(64)].every(isFullCommit)).toBe(true);
    expect(['', 'HEAD', 'a'.repeat(39), 'a'.repeat(50), `${SHA}\n`, 'g'.repeat(40)].some(isFullCommit)).toBe(
      false,
    );
  });
});

describe('reporters', () => {
  test('have a name, also where none is given', () => {
    fc.assert(
      fc.property(host, path, fc.constantFrom('token', 'webhook', 'user'), (at, to, kind) => {
        const name = reporterNameFor(`source/${at}/${to}`, kind);
        expect(parseReporterName(name)).toBe(name);
      }),
    );
    expect(reporterNameFor('app/web-vault', 'token')).toBe('web-vault-token');
    for (const bad of ['', 'a', '-a', 'a-', 'a--b', 'a b', 'a'.repeat(41)]) {
      expect(() => parseReporterName(bad)).toThrow(RuleError);
    }
  });

  test('are overruled for a reason', () => {
    expect(parseReason('  it is down ')).toBe('it is down');
    expect(() => parseReason(' \n ')).toThrow(RuleError);
  });
});
