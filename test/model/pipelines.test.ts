import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  checkContext,
  isForward,
  parsePipelineName,
  parseRequired,
  parseStage,
  REQUIRED_MAX,
  STAGES,
  type Stage,
  stageAfter,
} from '../../src/model/pipelines.js';
import { RuleError } from '../../src/model/rule.js';
import { anyText, CONTROL } from './arbitraries.js';

const stages = fc.constantFrom<Stage>(...STAGES);
const contexts = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/\\+-]{0,254}$/);

/** What a rule says of its input; the error it throws must be fit to be shown. */
function verdictOf<R>(rule: () => R): R | undefined {
  try {
    return rule();
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    expect(`${error.message}${error.hint ?? ''}`).not.toMatch(CONTROL);
    return undefined;
  }
}

describe('stages', () => {
  test('have an order: forward is not back, nor where it is, and goes on', () => {
    fc.assert(
      fc.property(stages, stages, stages, (a, b, c) => {
        expect([isForward(a, b), isForward(b, a), a === b].filter(Boolean)).toHaveLength(1);
        if (isForward(a, b) && isForward(b, c)) expect(isForward(a, c)).toBe(true);
      }),
    );
  });

  test('come one after the other, from the first to the last', () => {
    fc.assert(
      fc.property(stages, stages, (a, b) => {
        const next = stageAfter(a);
        if (next === undefined) expect(isForward(a, b)).toBe(false);
        // Nothing is between a stage and the next.
        else expect(isForward(a, b)).toBe(b === next || isForward(next, b));
      }),
    );
    const walked: Stage[] = [];
    for (let at: Stage | undefined = STAGES[0]; at !== undefined; at = stageAfter(at)) walked.push(at);
    expect(walked).toEqual(['review', 'development', 'staging', 'production']);
  });

  test('are known in any case, and by nothing else', () => {
    fc.assert(
      fc.property(stages, fc.func(fc.boolean()), (stage, isUpper) => {
        const typed = Array.from(stage, (char, at) => (isUpper(at) ? char.toUpperCase() : char)).join('');
        expect(parseStage(typed)).toBe(stage);
      }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        expect(verdictOf(() => parseStage(text))).toBeUndefined();
      }),
    );
    expect(() => parseStage('prodution')).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/Did you mean production\?$/) }),
    );
  });
});

describe('names of pipelines', () => {
  test('are those that Akkeris allows, folded', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{2,29}$/), (name) => {
        expect(parsePipelineName(name)).toBe(name.toLowerCase());
      }),
    );
  });

  test('are never anything else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = verdictOf(() => parsePipelineName(text));
        if (name !== undefined) {
          expect(name).toMatch(/^[a-z][a-z0-9-]{2,29}$/);
          expect(text.toLowerCase()).toBe(name);
          // The Kelvin sign folds to a letter, and is none.
          expect(text).toMatch(/^[ -~]+$/);
        }
      }),
    );
  });
});

describe('required contexts', () => {
  test('are kept each once, in the order given', () => {
    fc.assert(
      fc.property(fc.array(contexts, { maxLength: REQUIRED_MAX }), (given) => {
        const required = parseRequired([...given, ...given], 'staging');
        expect(required).toEqual([...new Set(given)]);
      }),
    );
  });

  test('are none at the first stage, and not without end', () => {
    expect(parseRequired([], 'review')).toEqual([]);
    expect(() => parseRequired(['ci/tests'], 'review')).toThrow(RuleError);
    const many = Array.from({ length: REQUIRED_MAX + 1 }, (_, n) => `ci/${n}`);
    expect(() => parseRequired(many, 'staging')).toThrow(RuleError);
  });

  test('hold nothing that a terminal, a header or a path could be fooled with', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (verdictOf(() => checkContext(text) ?? true) === undefined) return;
        expect(text).toMatch(/^[!-~]{1,255}$/);
      }),
    );
  });
});
