import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CHECK_STATES } from '../../src/model/checks.js';
import { type CommitEvent, commitEvent, supersedes } from '../../src/model/github-events.js';

const sha = 'a'.repeat(40);
const repository = { full_name: 'acme/shop', clone_url: 'https://github.com/acme/shop.git' };
const at = '2026-01-02T03:04:05Z';

const status = {
  repository,
  sha,
  context: 'ci',
  state: 'success',
  description: 'well',
  target_url: 'https://ci/1',
  updated_at: at,
};
const run = (more: object) => ({
  repository,
  check_run: {
    head_sha: sha,
    name: 'ci',
    status: 'completed',
    started_at: at,
    html_url: 'https://ci/1',
    ...more,
  },
});
const suite = (more: object) => ({
  repository,
  check_suite: { head_sha: sha, app: { slug: 'actions' }, status: 'completed', updated_at: at, ...more },
});

describe('an event of GitHub', () => {
  test('says how a check of a commit stands', () => {
    expect(commitEvent('status', status)).toEqual({
      repo: repository.clone_url,
      sha,
      check: 'ci',
      state: 'success',
      description: 'well',
      url: 'https://ci/1',
      at: '2026-01-02T03:04:05.000Z',
    });
    expect(commitEvent('check_suite', suite({ conclusion: 'success' }))).toMatchObject({
      check: 'actions',
      state: 'success',
    });
    expect(commitEvent('check_run', run({ status: 'in_progress' }))).toMatchObject({ state: 'pending' });
  });

  test.each([
    ['success', 'success'],
    ['failure', 'failure'],
    ['neutral', 'failure'],
    ['skipped', 'failure'],
    ['cancelled', 'failure'],
    ['timed_out', 'failure'],
    ['action_required', 'failure'],
    ['something_new', 'error'],
    ['constructor', 'error'],
    [null, 'error'],
  ])('that concludes with %s is a %s', (conclusion, state) => {
    expect(commitEvent('check_run', run({ conclusion, completed_at: at }))).toMatchObject({ state });
  });

  test.each<[string, string, unknown]>([
    ['of another kind', 'push', status],
    ['of no kind', '', status],
    ['of no repository', 'status', { ...status, repository: undefined }],
    ['of no commit', 'status', { ...status, sha: 'main' }],
    ['of no state', 'status', { ...status, state: 'well' }],
    ['of no check', 'status', { ...status, context: '' }],
    ['of no time', 'status', { ...status, updated_at: 'now' }],
    ['that is a list', 'status', [status]],
    ['that is nothing', 'status', null],
    ['of another shape', 'check_run', { ...status, check_run: 'ci' }],
  ])('%s says nothing', (_, kind, payload) => {
    expect(commitEvent(kind, payload)).toBeUndefined();
  });

  test('is read or not, whatever is in it', () => {
    const payload = fc.object({
      key: fc.constantFrom('repository', 'clone_url', 'check_run', 'head_sha', 'status', 'at'),
    });
    fc.assert(
      fc.property(fc.constantFrom('status', 'check_run', 'check_suite'), payload, (kind, any) => {
        expect(() => commitEvent(kind, any)).not.toThrow();
      }),
    );
  });
});

type Known = Pick<CommitEvent, 'at' | 'state'>;

/** What holds after some events came in this order. */
function last(events: readonly Known[]): Known | undefined {
  return events.reduce<Known | undefined>(
    (known, next) => (supersedes(next, known) ? next : known),
    undefined,
  );
}

describe('events of one commit', () => {
  const event = fc.record({
    at: fc.constantFrom('2026-01-01', '2026-01-02', '2026-01-03'),
    state: fc.constantFrom(...CHECK_STATES),
  });

  test('come to the same in any order, and however often they come', () => {
    const shuffled = fc
      .array(event, { minLength: 1, maxLength: 8 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
        ),
      );
    fc.assert(fc.property(shuffled, ([events, again]) => expect(last(again)).toEqual(last(events))));
  });
});
