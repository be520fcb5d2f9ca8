import { describe, expect, test } from '@jest/globals';
import { runsWhole } from '../long-tests.js';
import type { Ended, Surroundings, User } from './aka.js';
import { expectClean, expectFailure, expectJsonFailure, expectResult } from './invariants.js';
import { COMMANDS } from './manifest.js';
import { type Case, MATRIX, type Outcome } from './matrix.js';
import { scenario } from './scenario.js';
import { settle } from './world.js';

/** Every way for every outcome is thousands of processes: by default, for every fourth command that succeeds. */
const EVERY_STREAM = runsWhole('fuzz');
const SHARE = 4;

const CASES = Object.entries(MATRIX)
  .flatMap(([id, row]) =>
    Object.entries(row).flatMap(([outcome, given]) =>
      'none' in given ? [] : [{ id, outcome: outcome as Outcome, given }],
    ),
  )
  .map((each, index) => ({
    ...each,
    hasStreams: EVERY_STREAM || (each.outcome === 'ok' && index % SHARE === 0),
  }));

test('the matrix has a row for every command, and no other', () => {
  expect(Object.keys(MATRIX).sort()).toEqual(COMMANDS.map(({ id }) => id).sort());
});

describe.each(CASES)('$id, $outcome', ({ given, hasStreams }) => {
  const streams = hasStreams ? ([undefined, 'stdin', 'stdout'] as const) : [undefined];
  scenario(`exits ${given.exit}, whatever its streams, with and without --json`, async (_, newcomer) => {
    const inEveryWay = [false, true].flatMap((json) =>
      streams.map(async (closed) => {
        const user = newcomer();
        await settle(user);
        expectOutcome(await runCase(user, given, json, closed), given, json, closed);
      }),
    );
    await Promise.all(inEveryWay);
  });
});

function runCase(
  user: User,
  { argv, stdin }: Case,
  json: boolean,
  closed: Surroundings['closed'],
): Promise<Ended> {
  return user.run(json ? [...argv, '--json'] : argv, {
    closed,
    ...(stdin === undefined || closed === 'stdin' ? {} : { stdin }),
  });
}

function expectOutcome(
  ended: Ended,
  { exit, answers, lines }: Case,
  json: boolean,
  closed: Surroundings['closed'],
): void {
  if (closed === 'stdout') {
    expectClean(ended);
    expect(ended).toMatchObject({ code: exit, signal: null });
  } else if (exit === 0 || answers === true) expectResult(ended, exit, json, lines);
  else if (json) expectJsonFailure(ended, exit);
  else expectFailure(ended, exit);
}
