/** What every exit code of `aka` means; the same with `--json`. */
export const EXIT = {
  done: 0,
  /** The answer is no, or a failure that has no code of its own. */
  no: 1,
  usage: 2,
  notAllowed: 3,
  notFound: 4,
  refused: 5,
  unreachable: 6,
  unsupported: 7,
  pending: 8,
  defect: 70,
  /** Of `run`, whose program has all the others. */
  ownFailure: 125,
  noSuchCommand: 127,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** In the words of the help. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [EXIT.no, 'the answer is no (a check failed, two things differ), or a failure not listed here'],
  [EXIT.usage, 'usage: a bad flag, argument or value'],
  [EXIT.notAllowed, 'not logged in, or not allowed'],
  [EXIT.notFound, 'not found'],
  [EXIT.refused, 'conflict, or refused by a policy (exists, immutable, compliance)'],
  [EXIT.unreachable, 'the platform is unreachable, timed out or failed'],
  [EXIT.unsupported, "this platform can't do that"],
  [EXIT.pending, 'still pending when --wait ran out'],
  [EXIT.defect, 'a defect in aka'],
  [EXIT.ownFailure, 'run: the program could not be run; any other code is from the program'],
  [EXIT.noSuchCommand, 'no such command'],
  [EXIT.interrupted, 'interrupted'],
];

/** The exit code for an answer of the Apps API with this status; 0 stands for no answer. */
export function exitForStatus(status: number): ExitCode {
  if (status === 501) return EXIT.unsupported;
  // A full disk, which the platform noticed in time: it goes on working for whoever only reads.
  if (status === 507) return EXIT.no;
  if (status === 0 || status === 408 || status === 429 || status >= 500) return EXIT.unreachable;
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (status === 404) return EXIT.notFound;
  if (status === 409) return EXIT.refused;
  return status === 400 || status === 413 || status === 415 || status === 422 ? EXIT.usage : EXIT.no;
}
