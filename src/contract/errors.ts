import { Refusal, type RuleError, shown } from '../model/rule.js';

/**
 * The one error of the Apps API, on the wire `{id, message, hint?, details?}` with `status`.
 *
 * `id` is for programs, `message` says what is wrong with which value, `hint` what to do. Neither ever holds a secret.
 */
export class AppsApiError extends Error {
  override readonly name: string = 'AppsApiError';
  readonly id: string;
  /** The HTTP status; 0 if no answer came (id `unreachable` or `timeout`). */
  readonly status: number;
  readonly hint: string | undefined;
  /** Facts for programs, such as the names that are in the way. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(error: ErrorFacts, options?: ErrorOptions) {
    super(error.message, options);
    this.id = error.id;
    this.status = error.status;
    this.hint = error.hint;
    this.details = error.details;
  }
}

/** What an error says. */
export interface ErrorFacts {
  readonly id: string;
  readonly status: number;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** A broken rule of spaces as the API answers it: 409 for what a policy refuses, 422 for what can never be right. */
export function ruleBroken(error: RuleError): AppsApiError {
  const { id, message, hint } = error;
  return new AppsApiError({ id, status: error instanceof Refusal ? 409 : 422, message, hint });
}

/** What a platform answers that can't do a thing at all, as opposed to refusing it: status 501, exit 7. */
export class Unsupported extends AppsApiError {
  override readonly name = 'Unsupported';

  constructor(what: string, hint?: string) {
    super({ id: 'unsupported', status: 501, message: `This platform can't ${what}.`, hint });
  }
}

/**
 * Says that a platform made a change and that its answer can't be read, so that what it made isn't known. That is a warning,
 * no failure: whoever takes it for one makes the change twice.
 */
export class ChangeMade extends AppsApiError {
  override readonly name = 'ChangeMade';

  constructor(what: string, why: string) {
    super({
      id: 'change_made',
      status: 200,
      message: `The change was made (${what}), but ${why}.`,
      hint: "Don't repeat it: look at what is there.",
    });
  }
}

/** Something that isn't there, with the name that was most likely meant. */
export function notFound(noun: string, name: string, suggestion?: string, hint?: string): AppsApiError {
  return new AppsApiError({
    id: 'not_found',
    status: 404,
    message: `There is no ${noun} ${shown(name)}.`,
    hint: suggestion === undefined ? hint : `Did you mean ${suggestion}?`,
    details: { noun, name: shown(name), ...(suggestion !== undefined && { suggestion }) },
  });
}

/** A change that what is there forbids: it exists already, is in use, or is against a policy. */
export function conflict(
  id: string,
  message: string,
  hint?: string,
  details?: Readonly<Record<string, unknown>>,
): AppsApiError {
  return new AppsApiError({ id, status: 409, message, hint, details });
}
