import { printable } from '../model/rule.js';
import { type CommandError, interrupted, usage } from './failure.js';

type Ask = ReturnType<typeof import('inquirer').createPromptModule>;

/** Whether there is somebody to ask: both ends of the conversation are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks questions with inquirer, on standard error: standard output is for results. Ctrl-C interrupts the command,
 * and the end of input is a refusal, never a yes. After Ctrl-Z and fg it asks again.
 */
export async function ask<Answer>(questions: (prompt: Ask) => Promise<Answer>): Promise<Answer> {
  const { createPromptModule } = await import('inquirer');
  const ended = new AbortController();
  process.stdin.once('end', () => ended.abort());
  for (;;) {
    const resumed = new AbortController();
    // Readline, which has paused its input by then, would neither show the question nor read on.
    const askAgain = (): void => void setImmediate(() => resumed.abort());
    process.once('SIGCONT', askAgain);
    const signal = AbortSignal.any([ended.signal, resumed.signal]);
    try {
      return await questions(createPromptModule({ output: process.stderr, signal }));
    } catch (error) {
      if (!(error instanceof Error) || !/^(Exit|Abort)PromptError$/.test(error.name)) throw error;
      // Readline is closed by Ctrl-C and by Ctrl-D; inquirer names the signal if there was one.
      if (error.message.includes('SIGINT')) throw interrupted();
      if (!resumed.signal.aborted || ended.signal.aborted) throw inputEnded();
    } finally {
      process.off('SIGCONT', askAgain);
    }
  }
}

function inputEnded(): CommandError {
  return usage('The input ended before the question was answered. Nothing was done.');
}

/**
 * Has something irreversible confirmed by its name: with the flag, or by typing it at a terminal. Throws if it is
 * not, naming the flag where nobody can be asked.
 */
export async function confirmName(
  name: string,
  flag: string | undefined,
  consequence: string,
): Promise<void> {
  if (flag === undefined && canAsk()) {
    const { typed } = await ask((prompt) =>
      prompt<{ typed: string }>([
        { type: 'input', name: 'typed', message: printable(`${consequence} Type ${name} to go on:`) },
      ]),
    );
    if (typed.trim().toLowerCase() === name.toLowerCase()) return;
    throw usage('The name was not confirmed. Nothing was done.', undefined, 'not_confirmed');
  }
  if (flag?.toLowerCase() === name.toLowerCase()) return;
  throw usage(
    flag === undefined
      ? `${consequence} It must be confirmed.`
      : `--confirm does not name ${name}. Nothing was done.`,
    `If that is what you want: --confirm ${name}`,
    'not_confirmed',
  );
}
