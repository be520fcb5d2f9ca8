import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { printable, quote, shown } from '../../src/model/rule.js';
import { anyText, CONTROL } from './arbitraries.js';

const text = fc.oneof(
  anyText,
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme' }),
);

describe('a value in a message', () => {
  test('never has a control character, a line end or half a character', () => {
    fc.assert(
      fc.property(text, fc.nat(100), (value, limit) => {
        expect(quote(value, limit)).not.toMatch(CONTROL);
        expect(shown(value, limit)).not.toMatch(CONTROL);
        expect(quote(value, limit)).toBe(`"${shown(value, limit)}"`);
      }),
      { numRuns: 800 },
    );
    for (let code = 0; code < 0x1_00_00; code++)
      expect(quote(String.fromCharCode(code))).not.toMatch(CONTROL);
  });

  test('is the value as JSON, so that nothing of it is lost and a quote can not end it', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(JSON.parse(quote(value, Number.POSITIVE_INFINITY))).toBe(value);
      }),
    );
    expect(quote('\u001b[2J')).toBe(String.raw`"\u001b[2J"`);
    expect(quote('web')).toBe('"web"');
    expect(shown('web-shop')).toBe('web-shop');
  });

  test('is cut, and says so', () => {
    fc.assert(
      fc.property(text, fc.nat(100), (value, limit) => {
        const cut = JSON.parse(quote(value, limit)) as string;
        if (value.length <= limit) return expect(cut).toBe(value);
        expect(cut).toBe(`${value.slice(0, limit)}...`);
      }),
    );
  });
});

describe('printable text', () => {
  test('keeps line feeds and tabs, escapes what moves the cursor or turns text round, and leaves the rest', () => {
    fc.assert(
      fc.property(text, (value) => {
        const shownText = printable(value);
        expect(shownText.replace(/[\n\t]/g, '')).not.toMatch(CONTROL);
        expect(printable(shownText)).toBe(shownText);
        if (!CONTROL.test(value.replace(/[\n\t]/g, '')) && !/[\u061c\u200e\u200f\ufeff]/.test(value))
          expect(shownText).toBe(value);
      }),
      { numRuns: 800 },
    );
    expect(printable('a\tb\nc\rd\u0085\u202e')).toBe(String.raw`a	b
c\u000dd\u0085\u202e`);
  });
});
