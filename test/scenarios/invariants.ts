import { expect } from '@jest/globals';
import type { Ended } from './aka.js';

/** What may never be in anything that is piped: control characters but line feed and tab, colours among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** The one form of a failure for programs. */
export interface Failure {
  readonly error: {
    readonly id: string;
    readonly message: string;
    readonly hint?: string;
    readonly exit: number;
  };
}

/** Holds for whatever `aka` did without a terminal: it is told in plain text, and never by a stack trace. */
export function expectClean({ stdout, stderr }: Ended): void {
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(CONTROL);
    expect(text).not.toMatch(/^\s+at .+:\d+/m);
    expect(text).not.toMatch(/\bundefined\b|\[object |\bNaN\b/);
  }
}

/** A failure that a person is told: on standard error, in a sentence; standard output is for results. */
export function expectFailure(ended: Ended, exit: number): void {
  expectClean(ended);
  expect(ended).toMatchObject({ code: exit, signal: null, stdout: '' });
  expect(ended.stderr).toMatch(/^error: \S/m);
}

/** A failure that a program is told: one JSON document on standard output whose exit code is the real one. */
export function expectJsonFailure(ended: Ended, exit: number): Failure['error'] {
  expectClean(ended);
  expect(ended.code).toBe(exit);
  const { error, ...rest } = ended.json<Failure>();
  expect(rest).toEqual({});
  expect(error).toEqual({
    id: expect.stringMatching(/^[a-z][a-z_]*$/),
    message: expect.stringMatching(/\S/),
    ...('hint' in error ? { hint: expect.stringMatching(/\S/) } : {}),
    exit,
  });
  expect(ended.stderr).not.toMatch(/^error:/m);
  return error;
}

/** A result: rows for a person, or one JSON document that is no error; of a stream, one a line. */
export function expectResult(ended: Ended, exit: number, json: boolean, isStream = false): void {
  expectClean(ended);
  expect(ended).toMatchObject({ code: exit, signal: null });
  expect(ended.stderr).not.toMatch(/^error:/m);
  expect(ended.stdout).toMatch(/\S[^]*\n$/);
  if (!json) return;
  const documents = isStream
    ? ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
    : [ended.json<unknown>()];
  for (const document of documents) expect(document).not.toHaveProperty('error');
}
