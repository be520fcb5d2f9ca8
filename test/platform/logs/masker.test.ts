import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Masker, maskText } from '../../../src/platform/logs/masker.js';
import { formsOf } from '../../../src/platform/logs/secret-forms.js';
import { SecretSet } from '../../../src/platform/logs/secret-set.js';

/**
 * What is left when every byte that belongs to an occurrence of a secret is taken out, found in the plainest way; and
 * to the start of one, of 6 bytes or more, that the text ends with.
 */
function plainly(secrets: readonly string[], text: Buffer): string {
  const covered = new Uint8Array(text.length);
  for (const form of secrets.flatMap((each) => formsOf(each)).map((each) => Buffer.from(each))) {
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
      covered.fill(1, at, at + form.length);
    }
    for (let size = 6; size < form.length; size++) {
      if (text.subarray(-size).equals(form.subarray(0, size))) covered.fill(1, text.length - size);
    }
  }
  let left = '';
  for (const [at, byte] of text.entries()) {
    if (covered[at] === 0) left += String.fromCharCode(byte);
    else if (covered[at - 1] !== 1) left += '[redacted]';
  }
  return left;
}

/** What comes through, the text cut into pieces of these sizes. */
function inPieces(masker: Masker, text: Buffer, sizes: readonly number[]): string {
  const parts: Buffer[] = [];
  let at = 0;
  for (const size of [...sizes, text.length]) {
    parts.push(masker.take(text.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat([...parts, masker.end()]).toString('latin1');
}

// Of few different characters, so that secrets overlap, nest and repeat, and texts nearly hold them.
const letter = fc.constantFrom('a', 'b', '\n');
const secret = fc.string({ unit: letter, minLength: 6, maxLength: 10 });
const secrets = fc.array(secret, { minLength: 1, maxLength: 5 });
const piece = fc.oneof(secret, fc.string({ unit: fc.constantFrom('a', 'b', '\n', 'c', 'é'), maxLength: 12 }));

describe('secrets in a stream', () => {
  test('are masked as by looking for each everywhere, however the stream is cut', () => {
    const cases = secrets.chain((words) =>
      fc.tuple(
        fc.constant(words),
        fc.array(fc.oneof(piece, fc.constantFrom(...words)), { maxLength: 12 }).map((all) => all.join('')),
        fc.array(fc.nat(9), { maxLength: 40 }),
      ),
    );
    fc.assert(
      fc.property(cases, ([words, said, sizes]) => {
        const text = Buffer.from(said);
        const masked = inPieces(new Masker(new SecretSet(words)), text, sizes);
        expect(masked).toBe(plainly(words, text));
      }),
      { numRuns: 2000 },
    );
  });

  test('are masked at each single place they can be cut', () => {
    const words = ['hunter2-and-more', 'and-more-of-it', 'first line\nsecond', '€uro-sécret'];
    const text = Buffer.from(
      `x${words.join('')}y hunter2-and-more-of-it first line\nsecond line €uro-sécret!`,
    );
    const expected = plainly(words, text);
    expect(expected).not.toMatch(/hunter2|second/);
    const set = new SecretSet(words);
    for (let first = 0; first <= text.length; first++) {
      for (let second = 0; second <= text.length - first; second++) {
        expect(inPieces(new Masker(set), text, [first, second])).toBe(expected);
      }
    }
  });

  test('leave any other bytes as they are, and at once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const masker = new Masker(new SecretSet(['\u{1F511}hunter2hunter2']));
        const passed = Buffer.concat([masker.take(bytes), masker.end()]);
        expect(passed.equals(Buffer.from(bytes))).toBe(true);
      }),
    );
    const masker = new Masker(new SecretSet(['hunter2hunter2']));
    expect(masker.take(Buffer.from('ready> ')).toString()).toBe('ready> ');
    expect(masker.take(Buffer.from('go hunt')).toString()).toBe('go ');
    expect(masker.take(Buffer.from('ing\n')).toString()).toBe('hunting\n');
  });

  test('that go over several lines let the lines through that turn out to be none', () => {
    const masker = new Masker(new SecretSet(['one\ntwo\nthree', 'hunter2hunter2']));
    expect(masker.take(Buffer.from('hunter2hunter2 one\ntwo\nthr')).toString()).toBe('[redacted] ');
    expect(masker.holdsLine).toBe(true);
    expect(masker.releaseLines().toString()).toBe('one\ntwo\nthr');
    expect(masker.holdsLine).toBe(false);
    expect(masker.take(Buffer.from('ee one\ntwo\none\ntwo\nthree')).toString()).toBe(
      'ee one\ntwo\n[redacted]',
    );
  });

  test('that the end cuts off are masked as far as they came', () => {
    const set = new SecretSet(['hunter2-and-more']);
    expect(maskText(set, 'killed at hunter2-an')).toBe('killed at [redacted]');
    expect(maskText(set, 'off to hunt')).toBe('off to hunt');
  });

  test('that change are looked for in what is held back, too', () => {
    const masker = new Masker(new SecretSet(['hunter2 and more']));
    expect(masker.take(Buffer.from('say hunter2 a')).toString()).toBe('say ');
    masker.use(new SecretSet(['hunter2 and more', 'hunter2 at last']));
    expect(masker.take(Buffer.from('t last.')).toString()).toBe('[redacted].');
  });

  test('take time by the length of the text alone, whatever they are', () => {
    const nasty = new SecretSet(Array.from({ length: 50 }, (_, n) => `${'a'.repeat(2000 + n)}b`));
    const text = Buffer.alloc(4_000_000, 'a');
    const masker = new Masker(nasty);
    const started = performance.now();
    for (let at = 0; at < text.length; at += 4096) masker.take(text.subarray(at, at + 4096));
    // Looking for each of them at each place would take hours.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('a secret', () => {
  const known = 'p@ss/wörd "x"\\y?';
  const set = new SecretSet([known]);

  test.each([
    ['as it is', known],
    ['in JSON', JSON.stringify({ a: `<${known}>` })],
    ['in a URL', `https://u:${encodeURIComponent(known)}@h/`],
    ['in base64', Buffer.from(known).toString('base64')],
    ['in a login in base64', `Basic ${Buffer.from(`u:${known}`).toString('base64')}`],
    ['in a longer login in base64', `Basic ${Buffer.from(`us:${known}:`).toString('base64')}`],
    ['in base64 for URLs', Buffer.from(`use:${known}`).toString('base64url')],
  ])('is masked %s', (_, text) => {
    const masked = maskText(set, text);
    expect(masked).toContain('[redacted]');
    expect(masked.length).toBeLessThan(text.length);
  });

  test('taken percent-encoded from a URL is masked as programs use it', () => {
    expect(maskText(new SecretSet(['p%40ssw%C3%B6rd']), 'login p@sswörd')).toBe('login [redacted]');
  });

  test('of several lines is masked line by line, also where it was written on one', () => {
    const key = '-----BEGIN KEY-----\\nMIIabcdef\\nghijklmn\\n-----END KEY-----';
    expect(maskText(new SecretSet([key]), '  MIIabcdef\n  ghijklmn\n')).toBe('  [redacted]\n  [redacted]\n');
  });

  test('of fewer than 6 characters is left, and so is everything where there is none', () => {
    expect(maskText(new SecretSet(['12345']), '12345')).toBe('12345');
    expect(new SecretSet(['12345', '']).isEmpty).toBe(true);
  });
});
