import type { AppsApi } from '../../contract/apps-api.js';
import { AppsApiError } from '../../contract/errors.js';
import type { Installation } from './installation.js';

/** What is known of who answers: whether it is an Akkeris installation, or nothing before the first answer. */
export type IsAkkeris = () => boolean | undefined;

/** Whether an installation may have failed for the way in which it was asked. */
function isOfTheWay(error: unknown): boolean {
  return error instanceof AppsApiError && [404, 422, 501].includes(error.status);
}

/** The ways to ask what may be an Akkeris installation. What it takes to ask one is loaded once it has answered as one. */
export class Ways {
  readonly #plain: AppsApi;
  readonly #at: string;
  readonly #isAkkeris: IsAkkeris;
  #loaded: Promise<Installation> | undefined;

  constructor(plain: AppsApi, at: string, isAkkeris: IsAkkeris) {
    this.#plain = plain;
    this.#at = at;
    this.#isAkkeris = isAkkeris;
  }

  /** Asks, and has an installation make of the outcome, be it a failure, what it should be. */
  async asked<R>(
    ask: () => Promise<R>,
    adapt: (akkeris: Installation, outcome: Promise<R>) => Promise<R>,
  ): Promise<R> {
    const outcome = ask();
    await outcome.catch(() => undefined);
    return this.#isAkkeris() === true ? adapt(await this.#installation(), outcome) : outcome;
  }

  /** Looks what is there before a change, unless it is known that an installation's defects need not be feared. */
  async before<Found, R>(
    look: () => Promise<Found>,
    change: (akkeris: Installation, found: Promise<Found>) => Promise<R>,
    plainly: () => Promise<R>,
  ): Promise<R> {
    if (this.#isAkkeris() === false) return plainly();
    const found = look();
    await found.catch(() => undefined);
    if (this.#isAkkeris() === true) return change(await this.#installation(), found);
    // Who did not even answer that is not asked for more.
    if (this.#isAkkeris() === undefined) await found;
    return plainly();
  }

  /** Asks for something, and an installation in its own way; what is asked changes nothing. */
  async instead<R>(ask: () => Promise<R>, other: (akkeris: Installation) => Promise<R> | R): Promise<R> {
    if (this.#isAkkeris() !== true) {
      const outcome = ask();
      const failure: unknown = await outcome.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (this.#isAkkeris() !== true) return outcome;
      // What it would answer the same in any way, such as that it knows no such token.
      if (failure !== undefined && !isOfTheWay(failure)) throw failure;
    }
    return other(await this.#installation());
  }

  #installation(): Promise<Installation> {
    this.#loaded ??= import('./installation.js').then((it) => new it.Installation(this.#plain, this.#at));
    return this.#loaded;
  }
}
