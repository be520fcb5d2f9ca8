import { holdsRedacted, REDACTED } from './redaction.js';
import { quote, Refusal, RuleError } from './rule.js';

/** The process type that gets the traffic of its app. */
export const WEB = 'web';

/** The port a web dyno answers on, unless its formation says another. */
export const DEFAULT_PORT = 5000;

export const QUANTITY_MAX = 32;
const TYPE_MAX = 30;
const COMMAND_MAX = 4096;
const HEALTHCHECK_MAX = 512;
/** The seconds a dyno may take to end after SIGTERM, before SIGKILL. */
export const GRACE = { min: 1, max: 60, default: 10 } as const;
const PORT = { min: 1024, max: 65_535 } as const;

/** What one-off dynos are called, with a number. */
export const ONE_OFF = 'run';

/** The process type of a Procfile that runs once for each release, before its dynos start. It can't be scaled. */
export const RELEASE = 'release';

/** Whether dynos of a type run once: nothing takes their place when they end. */
export function isOneOff(type: string): boolean {
  return type === ONE_OFF || type === RELEASE;
}

/** Names that dynos have which are no process type of a formation: one-off dynos, and what logs call the platform's own. */
const TAKEN: readonly string[] = [ONE_OFF, 'build', 'router', 'platform'];

/** Whether the platform itself uses a name for dynos, so that it can't be a process type. */
export function isTaken(type: string): boolean {
  return TAKEN.includes(type);
}

/** A process type as Akkeris allows it: lower-case letters and digits. Throws a {@link RuleError}. */
export function parseProcessType(text: string): string {
  const type = text.toLowerCase();
  if (!/^[a-z][a-z0-9]*$/.test(type) || type.length > TYPE_MAX) {
    throw new RuleError(
      'invalid_process_type',
      `${quote(text)} is not a process type.`,
      `It begins with a letter, has letters and digits only, and at most ${TYPE_MAX} of them: web, worker, clock.`,
    );
  }
  if (type === RELEASE) throw notScaled();
  if (isTaken(type)) {
    throw new RuleError(
      'invalid_process_type',
      `A process type can't be called ${type}: the platform uses that name itself.`,
      'Choose another one, such as worker.',
    );
  }
  return type;
}

/** The error for scaling or configuring the release command. */
export function notScaled(): RuleError {
  return new RuleError(
    'release_not_scaled',
    'The release command is not a process type with dynos: it runs once for each release.',
    'Change it in the Procfile and deploy. It gets the size of web.',
  );
}

/** How many dynos of a type there are to be. Throws a {@link RuleError}. */
export function checkQuantity(quantity: number): void {
  if (Number.isInteger(quantity) && quantity >= 0 && quantity <= QUANTITY_MAX) return;
  throw new RuleError(
    'invalid_quantity',
    `${quantity} is not a number of dynos.`,
    `A process type has 0 to ${QUANTITY_MAX} of them.`,
  );
}

/** The port a dyno listens on. Throws a {@link RuleError}. */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= PORT.min && port <= PORT.max) return;
  throw new RuleError(
    'invalid_port',
    `${port} is not a port a dyno can listen on.`,
    `It is ${PORT.min} to ${PORT.max}; ${DEFAULT_PORT} unless told.`,
  );
}

/** The seconds a dyno may take to end. Throws a {@link RuleError}. */
export function checkGrace(seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= GRACE.min && seconds <= GRACE.max) return;
  throw new RuleError(
    'invalid_grace',
    `${seconds} is not a grace time for dynos.`,
    `It is ${GRACE.min} to ${GRACE.max} seconds (default ${GRACE.default}).`,
  );
}

/** The path of the request that tells whether a web dyno is well. Throws a {@link RuleError}. */
export function checkHealthcheck(path: string): void {
  checkWhole('health check', path);
  if (/^\/[\x21-\x7e]*$/.test(path) && path.length <= HEALTHCHECK_MAX) return;
  throw new RuleError(
    'invalid_healthcheck',
    `${quote(path)} is not a path to ask a dyno for.`,
    'It begins with a slash and has no blanks, such as /healthz.',
  );
}

/** The command line of a process, for a shell. Throws a {@link RuleError}; never shows it, for it may hold a secret. */
export function checkCommand(command: string): void {
  checkWhole('command', command);
  if (command.trim() !== '' && command.length <= COMMAND_MAX && !command.includes('\0')) return;
  throw new RuleError(
    'invalid_command',
    `A command is a line for the shell, not empty, without NUL, and at most ${COMMAND_MAX} characters.`,
    'Put anything longer into a script of the app.',
  );
}

/** Throws a {@link Refusal} for what was read where secrets are hidden: it would take the place of what is there. */
function checkWhole(what: string, text: string): void {
  if (!holdsRedacted(text)) return;
  throw new Refusal(
    'redacted_value',
    `A ${what} can't hold ${REDACTED}: that is what is shown in place of a secret.`,
    'Write it as it is meant, or leave it as it is.',
  );
}

/** A dyno's name within its app: its type and a number from 1, such as `web.1`. */
export function dynoName(type: string, number: number): string {
  return `${type}.${number}`;
}
