import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Masker } from '../../../src/platform/logs/masker.js';
import { SecretSet } from '../../../src/platform/logs/secret-set.js';

type Encode = (secret: string) => string;

/** What programs in JavaScript print. */
const JAVASCRIPT: readonly (readonly [name: string, encode: Encode])[] = [
  ['the text itself', (secret) => secret],
  ['encodeURIComponent', encodeURIComponent],
  [
    'encodeURIComponent in lower case',
    (secret) => encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  ],
  ['encodeURI', encodeURI],
  ['a form', (secret) => new URLSearchParams({ a: secret }).toString().slice(2)],
  ['JSON', (secret) => JSON.stringify(secret).slice(1, -1)],
  ['JSON in JSON', (secret) => JSON.stringify(JSON.stringify({ a: secret })).slice(10, -4)],
  ['JSON with slashes escaped', (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
  ['hex', (secret) => Buffer.from(secret).toString('hex')],
  ['hex in capitals', (secret) => Buffer.from(secret).toString('hex').toUpperCase()],
  ['a URL', (secret) => new URL(`http://x/?a=${encodeURIComponent(secret)}`).search.slice(3)],
];

/** What programs in Python print, in the order of {@link PYTHON}. */
const PYTHON_NAMES = ['quote', 'quote of all', 'quote_plus', 'json.dumps', 'html.escape', 'shlex.quote'];
const PYTHON = `
import html, json, shlex, sys, urllib.parse as url
encode = lambda s: [url.quote(s), url.quote(s, safe=''), url.quote_plus(s), json.dumps(s)[1:-1], html.escape(s),
  shlex.quote(s)[1:-1] if shlex.quote(s) != s else s]
print(json.dumps([encode(s) for s in json.load(sys.stdin)]))
`;

const SECRETS = [
  'correct horse!battery(staple)',
  'it\'s <b>"quoted"</b> & more',
  'pässwörd/mit+Umlaut=x',
  `long-${'0123456789abcdef'.repeat(9)}-end`,
  ...fc
    .sample(fc.string({ minLength: 8, maxLength: 24 }), { seed: 11, numRuns: 60 })
    .filter((text) => text.trim().length > 7),
];

/** What is left of an encoded secret, the stream cut in two at a place. */
function masked(secrets: SecretSet, text: string, cut: number): string {
  const masker = new Masker(secrets);
  const bytes = Buffer.from(`see ${text} here`);
  const parts = [masker.take(bytes.subarray(0, cut)), masker.take(bytes.subarray(cut)), masker.end()];
  return Buffer.concat(parts).toString();
}

function expectMasked(name: string, secret: string, text: string): void {
  const secrets = new SecretSet([secret]);
  for (let cut = 0; cut <= Buffer.byteLength(text) + 5; cut += 1) {
    const left = masked(secrets, text, cut);
    expect({ name, secret, text, cut, left }).toMatchObject({ left: 'see [redacted] here' });
  }
}

test.each(JAVASCRIPT)('%s: a secret is masked wherever a write ends', (name, encode) => {
  for (const secret of SECRETS) expectMasked(name, secret, encode(secret));
});

test("Python's encodings: a secret is masked wherever a write ends", () => {
  const printed = execFileSync('python3', ['-c', PYTHON], {
    input: JSON.stringify(SECRETS),
    encoding: 'utf8',
  });
  for (const [at, forms] of (JSON.parse(printed) as string[][]).entries())
    for (const [which, text] of forms.entries())
      expectMasked(PYTHON_NAMES[which] ?? '', SECRETS[at] ?? '', text);
});

/** Wrapped into lines. */
function lines(text: string, width: number): string {
  return text.replace(new RegExp(`.{${width}}`, 'g'), '$&\n');
}

test('wrapped base64: no line of it is left, wherever a write ends', () => {
  for (const secret of SECRETS) {
    const text = Buffer.from(secret).toString('base64');
    const secrets = new SecretSet([secret]);
    for (const width of [64, 76])
      for (let cut = 0; cut <= text.length; cut += 1) {
        const left = masked(secrets, lines(text, width), cut).replaceAll('[redacted]', '');
        // A few characters at the end of a line stand for bits of two lines.
        expect({ secret, cut, width, left }).toMatchObject({ left: expect.not.stringMatching(/[\w+/]{6}/) });
      }
  }
});

test('wrapped base64 of a text with a secret in it: nothing of the secret is left, wherever a line ends', () => {
  const short = SECRETS.filter(({ length }) => length < 100).slice(0, 30);
  for (const [index, secret] of short.entries()) {
    const secrets = new SecretSet([secret]);
    for (let before = 0; before <= 80; before += 1) {
      const [text, from, to] = amid(secret, before, 40);
      const width = [64, 76][index % 2] ?? 64;
      const hidden = masked(secrets, lines(text, width), (before * 7) % text.length).replaceAll('\n', '');
      for (let at = from; at + 6 <= to; at += 1) {
        const piece = text.slice(at, at + 6);
        expect({ secret, before, text, hidden, piece }).toMatchObject({
          hidden: expect.not.stringContaining(piece),
        });
      }
    }
  }
});

/** Base64 of a text that has a secret after `before` bytes, and where the characters are that are of the secret alone. */
function amid(secret: string, before: number, after: number): [text: string, from: number, to: number] {
  const bytes = Buffer.concat([
    createHash('shake256', { outputLength: before }).update(secret).digest(),
    Buffer.from(secret),
    createHash('shake256', { outputLength: after }).update(`after ${secret}`).digest(),
  ]);
  const end = before + Buffer.byteLength(secret);
  return [bytes.toString('base64'), Math.ceil((before * 8) / 6), Math.floor((end * 8) / 6)];
}

test('the memory for very many secrets with special characters stays within bounds', () => {
  const many = Array.from({ length: 1000 }, (_, n) => `${n} ${"é'/&\\".repeat(20)}`);
  // Each has about a hundred states of its own in the common forms; in all of them it would have thousands.
  expect(new SecretSet(many).size).toBeLessThan(6 * 1024 * 1024);
});
