import { describe, expect, test } from '@jest/globals';
import { redactText } from '../../../src/model/redaction.js';
import { refused } from './answers.js';
import type { Given } from './given.js';

export function tokensSuite(given: Given): void {
  describe('tokens', () => {
    test('are made with a secret that is shown once, listed without it, and revoked', async () => {
      await given.spaceWith([], { name: 'shop' });
      await given.spaceWith([], { name: 'bank' });
      const made = await given.api.tokens.create({
        name: 'CI',
        role: 'user',
        spaces: ['shop', 'bank', 'shop'],
      });
      expect(made).toMatchObject({
        name: 'ci',
        role: 'user',
        spaces: ['bank', 'shop'],
        created_by: expect.any(String),
        expires_at: null,
        expired: false,
        used_at: null,
      });
      // 256 bits, and known for a secret wherever it turns up.
      expect(made.secret).toMatch(/^aka_[\w-]{43}$/);
      const { secret, ...shown } = made;
      expect(await given.api.tokens.list()).toEqual([shown]);
      expect(await given.api.tokens.revoke({ token: 'CI' })).toEqual(shown);
      expect(await given.api.tokens.list()).toEqual([]);
      const another = await given.api.tokens.create({ name: 'ci', role: 'admin' });
      expect(another.spaces).toEqual([]);
      expect(another.secret).not.toBe(secret);
    });

    test('are in the audit log, without their secrets', async () => {
      await given.spaceWith([]);
      const { secret } = await given.api.tokens.create({ name: 'ci', role: 'user', spaces: ['shop'] });
      await given.api.tokens.revoke({ token: 'ci' });
      const events = await given.api.audits.list({ size: 2 });
      expect(events).toMatchObject([
        { action: 'token.revoke', outcome: 'done' },
        { action: 'token.create', outcome: 'done' },
      ]);
      expect(JSON.parse(events[1]?.info ?? '')).toMatchObject({
        details: { token: 'ci', role: 'user', spaces: ['shop'] },
      });
      expect(JSON.stringify(events)).not.toContain(secret.slice(4));
    });

    test('lose a space that is destroyed, and are not given another one of its name', async () => {
      await given.spaceWith([]);
      const guest = await given.guest('ci', ['shop']);
      await given.api.tokens.create({ name: 'cd', role: 'user', spaces: ['shop'] });
      await given.api.spaces.destroy({ space: 'shop' });
      await given.spaceWith([]);
      expect((await given.api.tokens.list()).find(({ name }) => name === 'cd')).toMatchObject({ spaces: [] });
      expect(await guest.account.get()).toMatchObject({ name: 'ci', elevated_access: false });
    });

    test('end when they are told to', async () => {
      const before = Date.now();
      const { expires_at } = await given.api.tokens.create({ name: 'ci', role: 'admin', expires_in: 3600 });
      const seconds = (Date.parse(expires_at ?? '') - before) / 1000;
      expect(seconds).toBeGreaterThanOrEqual(3600);
      expect(seconds).toBeLessThan(3660);
    });

    test('of a repeated request are made once, and the secret is not given again', async () => {
      const options = { idempotencyKey: 'the-same' };
      await given.api.tokens.create({ name: 'ci', role: 'admin' }, options);
      expect(await refused(given.api.tokens.create({ name: 'ci', role: 'admin' }, options))).toMatchObject({
        id: 'shown_once',
        status: 409,
      });
      expect(await given.api.tokens.list()).toHaveLength(1);
    });

    test('that are not there are said to be so with a command that is not taken for a secret', async () => {
      const { hint } = await refused(given.api.tokens.revoke({ token: 'zzzz' }));
      expect(hint).toBe('All that there are: aka platform:tokens');
      expect(redactText(hint ?? '')).toBe(hint);
    });

    test.each([
      [{ name: 'c', role: 'admin' }, 422, 'invalid_token_name'],
      [{ name: 'c i', role: 'admin' }, 422, 'invalid_token_name'],
      [{ name: 'aka', role: 'admin' }, 409, 'reserved_token_name'],
      [{ name: 'ci', role: 'root' }, 422, 'invalid_input'],
      [{ name: 'ci', role: 'user' }, 422, 'spaces_missing'],
      [{ name: 'ci', role: 'user', spaces: [] }, 422, 'spaces_missing'],
      [{ name: 'ci', role: 'user', spaces: ['nope'] }, 404, 'not_found'],
      [{ name: 'ci', role: 'admin', spaces: ['default'] }, 422, 'needless_spaces'],
      [{ name: 'ci', role: 'admin', expires_in: 1 }, 422, 'invalid_input'],
      [{ name: 'taken', role: 'admin' }, 409, 'exists'],
    ] as const)('refuse %j', async (input, status, id) => {
      await given.api.tokens.create({ name: 'taken', role: 'admin' });
      const call = given.api.tokens.create(input as Parameters<typeof given.api.tokens.create>[0]);
      expect(await refused(call)).toMatchObject({ status, id });
      expect(await given.api.tokens.list()).toHaveLength(1);
    });
  });
}
