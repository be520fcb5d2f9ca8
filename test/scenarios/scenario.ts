import { expect, test } from '@jest/globals';
import { User } from './aka.js';

/** How long a scenario may take, in milliseconds: a bound that only a hanging one meets. */
const BOUND = process.env.AKA_TEST_FULL === undefined ? 240_000 : 600_000;

/** Makes one more user, who is gone when the scenario is. */
export type Newcomer = () => User;

/**
 * A test with a new user in it. When it fails, it prints what its users ran and what came of it, and leaves their
 * folders where they are.
 */
export function scenario(
  name: string,
  act: (user: User, newcomer: Newcomer) => Promise<void>,
  bound = BOUND,
): void {
  test(name, () => play(act), bound);
}

async function play(act: (user: User, newcomer: Newcomer) => Promise<void>): Promise<void> {
  const users: User[] = [];
  const newcomer = (): User => {
    const user = new User();
    users.push(user);
    return user;
  };
  try {
    await act(newcomer(), newcomer);
  } catch (error) {
    for (const { home, transcript } of users) {
      process.stderr.write(
        `\n--- ${expect.getState().currentTestName}, in ${home}\n${transcript.join('\n')}\n`,
      );
    }
    throw error;
  }
  for (const user of users) user.remove();
}

/** The same scenario for every row of a table, each named by its first cell. */
scenario.each = <Row extends readonly unknown[]>(
  rows: readonly (readonly [name: string, ...row: Row])[],
  act: (user: User, ...row: Row) => Promise<void>,
): void => {
  for (const [name, ...row] of rows) scenario(name, (user) => act(user, ...row));
};

/** A scenario that this machine can't play: says so, and is counted as skipped. */
scenario.skip = (name: string, _act: (user: User, newcomer: Newcomer) => Promise<void>): void => {
  process.stderr.write(`NOT TESTED on this machine: ${name}\n`);
  test.skip(name, () => {});
};
