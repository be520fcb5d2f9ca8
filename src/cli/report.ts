import { redactText } from '../model/redaction.js';
import { printable } from '../model/rule.js';
import { EXIT } from './exit-codes.js';
import { type Failure, failureOf } from './failure.js';
import { styleFor } from './output.js';

export interface Reporting {
  /** One JSON document on standard output instead of text on standard error. */
  readonly json: boolean;
  /** That document on one line, after lines of the result. */
  readonly asLine?: boolean;
  /** Where it was thrown, too. */
  readonly debug: boolean;
}

/** Says what went wrong and sets the exit code of the process. */
export async function report(error: unknown, { json, asLine = false, debug }: Reporting): Promise<Failure> {
  const failure = failureOf(error);
  process.exitCode = failure.exit;
  if (json) {
    process.stdout.write(`${JSON.stringify({ error: failure }, null, asLine ? 0 : 2)}\n`);
  } else {
    const style = await styleFor(process.stderr, process.env);
    const lead = failure.exit === EXIT.interrupted ? '' : `${style.bad('error:')} `;
    process.stderr.write(`${lead}${failure.message}\n`);
    if (failure.hint !== undefined) process.stderr.write(`  ${failure.hint}\n`);
  }
  if (debug && error instanceof Error) {
    process.stderr.write(`${printable(redactText(stackOf(error)))}\n`);
  }
  return failure;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.name}\n${placesOf(error).join('\n')}${cause}`;
}

/** Where an error was thrown. The first lines of its stack repeat the message, which may show what was typed. */
export function placesOf(error: Error): string[] {
  return (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
}
