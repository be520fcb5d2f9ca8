import type { Formation } from '../contract/wire.js';
import { given } from '../model/given.js';
import { usage } from './failure.js';

/** What one word of `ps:scale` asks for. */
export interface ScaleWord {
  readonly type: string;
  /** `=` sets the number of dynos; `+` and `-` change it by that many. */
  readonly by: '=' | '+' | '-';
  readonly number: number;
  readonly size: string | undefined;
}

/** A change of one process type, as the batch of the Apps API takes it. */
export interface ScaleChange {
  readonly type: string;
  readonly quantity: number;
  readonly size?: string;
}

/**
 * Parses words such as `web=2`, `worker+1`, `worker-1` and `web=2:gp2`; a number alone is for web. Throws a CommandError
 * for any other word, and for a type that is named twice.
 */
export function parseScale(words: readonly string[]): ScaleWord[] {
  const parsed = words.map(parseWord);
  const twice = parsed.find(({ type }, index) => parsed.findIndex((each) => each.type === type) !== index);
  if (twice !== undefined)
    throw usage(`${twice.type} is named twice.`, 'Name each process type once: web=2 worker=1');
  return parsed;
}

function parseWord(word: string, index: number): ScaleWord {
  const [, type = 'web', by = '=', number, size] =
    /^(?:([a-z][a-z0-9]*)([=+-]))?(\d{1,6})(?::([\w-]+))?$/i.exec(word) ?? [];
  if (number === undefined) {
    throw usage(
      `Word ${index + 1} is not of the form TYPE=NUMBER.`,
      'For example: aka ps:scale web=2 worker+1 -a APP-SPACE',
    );
  }
  return { type: type.toLowerCase(), by: by as ScaleWord['by'], number: Number(number), size };
}

/** The changes that words ask for, given what there is. Throws a CommandError for fewer than 0 dynos. */
export function scaleChanges(words: readonly ScaleWord[], formations: readonly Formation[]): ScaleChange[] {
  return words.map(({ type, by, number, size }) => {
    // The platform refuses a type that isn't there.
    const now = formations.find((each) => each.type === type)?.quantity ?? 0;
    const quantity = by === '=' ? number : by === '+' ? now + number : now - number;
    if (quantity < 0) {
      throw usage(
        `${type} has a quantity of ${now}, so it can't be reduced by ${number}.`,
        `To stop all of them: ${type}=0`,
      );
    }
    return { type, quantity, ...given({ size }) };
  });
}
