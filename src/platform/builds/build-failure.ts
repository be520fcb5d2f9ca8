/** Why a build made no slug. */
export type FailureReason =
  /** The source can't be built: it is damaged or too large, or nothing says what to do with it. */
  | 'invalid'
  /** A step of it ended badly. */
  | 'failed'
  | 'timed_out'
  | 'stopped'
  /** It wrote too much. */
  | 'too_large';

/** A build that made no slug, for a reason that is not the platform's. Nothing of it is left. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';

  constructor(
    readonly reason: FailureReason,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}
