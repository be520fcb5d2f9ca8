import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { redact } from '../../src/model/redaction.js';
import { differences } from './akkeris/compare.js';
import {
  type Difference,
  type Exchange,
  exchanges,
  laterExchanges,
  listed,
  type Vector,
  vectors,
} from './akkeris/exchanges.js';
import { laterPast } from './akkeris/later-past.js';
import { past } from './akkeris/past.js';
import { Replay } from './akkeris/replay.js';
import { differencesPage } from './akkeris/table.js';

/*
 * What clients of Akkeris sent to it, sent to ours. Every way in which an answer differs in status or structure is a line
 * of akkeris/differences.jsonl, or it fails; and so does a line that tells of something that is not so.
 */

/** Exchanges about calls of hooks that were answered, for which nothing runs here: see the tests of hooks. */
const ANSWERED_CALLS = 'hooks-result';

let replay: Replay;
/** Of every exchange, how the answers differ. */
const found = new Map<string, string[]>();
const malformed: string[] = [];

beforeAll(async () => {
  replay = await Replay.open(past);
  await sendAll(exchanges, replay);
  const later = await Replay.open(laterPast);
  try {
    await sendAll(laterExchanges, later);
  } finally {
    await later.close();
  }
});
afterAll(() => replay.close());

async function sendAll(those: readonly Exchange[], to: Replay): Promise<void> {
  for (const exchange of those) {
    if (exchange.name.startsWith(ANSWERED_CALLS)) continue;
    const { name, response } = exchange;
    const answer = await to.send(exchange);
    const theirs = { status: response.status, body: parsed(response.bodyText) };
    const ours = { status: answer.status, body: parsed(answer.text) };
    if (ours.status >= 400 && exchange.request.method !== 'HEAD' && !isError(answer.type, ours.body))
      malformed.push(`${name}: ${answer.text}`);
    if (ours.status < 300 && theirs.status < 300) to.learn(theirs.body, ours.body);
    found.set(name, differences(theirs, ours));
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function isError(type: string | undefined, body: unknown): boolean {
  const { id, message } = (body ?? {}) as Record<string, unknown>;
  const says = [id, message].every((it) => typeof it === 'string' && /\S/.test(it));
  return says && type?.startsWith('application/json') === true;
}

function isAbout(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

const covers = ({ in: names = [], what = [] }: Difference, name: string, difference: string): boolean =>
  what.includes(difference) && names.some((pattern) => isAbout(name, pattern));

test('every answer differs from that of Akkeris only where it is meant to', () => {
  const unlisted = [...found].flatMap(([name, differs]) =>
    differs
      .filter((difference) => !listed.some((line) => covers(line, name, difference)))
      .map((difference) => `${name}: ${difference}`),
  );
  expect(unlisted).toEqual([]);
});

const shows = (name: string, difference: string): boolean => found.get(name)?.includes(difference) === true;
const namedBy = (pattern: string): string[] => [...found.keys()].filter((name) => isAbout(name, pattern));

test('every difference that is listed is one', () => {
  const gone = listed.flatMap(({ of, in: names = [], what = [] }) => [
    ...names
      .filter(
        (pattern) => !namedBy(pattern).some((name) => what.some((difference) => shows(name, difference))),
      )
      .map((pattern) => `${of}: ${pattern}`),
    ...what
      .filter(
        (difference) => names.length > 0 && !names.flatMap(namedBy).some((name) => shows(name, difference)),
      )
      .map((difference) => `${of}: ${difference}`),
  ]);
  expect(gone).toEqual([]);
});

test('docs/akkeris-differences.md tells of them as they are', () => {
  expect(readFileSync('docs/akkeris-differences.md', 'utf8')).toBe(differencesPage(listed));
});

test('every error is JSON that says what is wrong', () => {
  expect(malformed).toEqual([]);
});

test.each(listed.flatMap(({ absent = [] }) => absent))('%s is not there, and that is said', async (line) => {
  const [method = '', path = ''] = line.split(' ');
  const { status, type, text } = await replay.asked(method, path);
  expect([404, 405]).toContain(status);
  expect(isError(type, parsed(text))).toBe(true);
  expect(parsed(text)).toMatchObject({
    id: expect.stringMatching(/^(no_such_endpoint|method_not_allowed)$/),
  });
});

/** How a value is shown otherwise than by the controller. */
function shownOtherwise({ name, value, socs }: Vector): string[] {
  const ours = redact(name, value);
  if (ours === socs) return [];
  return [ours === value ? 'shown' : 'hidden otherwise'];
}

test('what the controller hides is hidden but where it is listed, and so is what is hidden otherwise', () => {
  const other = vectors.flatMap((vector) => shownOtherwise(vector).map((how) => `${vector.name}: ${how}`));
  const told = listed.flatMap(({ vars = [], what = [] }) =>
    vars.flatMap((name) => what.map((how) => `${name}: ${how}`)),
  );
  expect(other.toSorted()).toEqual(told.toSorted());
});
