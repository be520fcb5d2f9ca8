import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { EXIT } from './exit-codes.js';
import { CommandError, usage } from './failure.js';
import { canAsk } from './prompts.js';
import { atInterrupt } from './signals.js';

/** Signals that would end this process and leave the file. */
const ENDING = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Has a text edited in the editor of the user and returns it as it is then. The file has mode 0600 in a folder of its own
 * with mode 0700, and both are removed whatever happens, with what the editor put beside it. Throws a CommandError if
 * there is no editor, or it fails.
 */
export async function edited(text: string, name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const editor = editorIn(env);
  const { XDG_RUNTIME_DIR: runtime } = env;
  // In memory where the system has such a folder: the text may hold secrets.
  const folder = mkdtempSync(
    join(runtime !== undefined && isAbsolute(runtime) ? runtime : tmpdir(), 'aka-edit-'),
  );
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const leave = (signal: NodeJS.Signals): void => {
    remove();
    process.exit(128 + constants.signals[signal]);
  };
  process.once('exit', remove);
  for (const signal of ENDING) process.once(signal, leave);
  // Ctrl-C is for the editor, which has the terminal, however often it comes.
  atInterrupt(() => undefined);
  process.on('SIGINT', ignore);
  try {
    const file = join(folder, name);
    chmodSync(folder, 0o700);
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    await run(editor, file, env);
    return readFileSync(file, 'utf8');
  } finally {
    remove();
    process.off('exit', remove);
    process.off('SIGINT', ignore);
    for (const signal of ENDING) process.off(signal, leave);
  }
}

function ignore(): void {}

function editorIn(env: NodeJS.ProcessEnv): string {
  const named = env.VISUAL || env.EDITOR;
  if (named) return named;
  if (canAsk()) return 'vi';
  throw usage(
    'No editor is named, and there is no terminal.',
    'Set EDITOR, or use: aka config:set NAME=VALUE',
  );
}

/** The editor may have arguments, so a shell starts it. */
async function run(editor: string, file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], {
    env,
    // Standard output is for the result.
    stdio: ['inherit', process.stdout.isTTY ? 'inherit' : 2, 'inherit'],
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (code === 0) return;
  throw new CommandError({
    id: 'editor_failed',
    message: `The editor ended with ${signal ?? `code ${code}`}. Nothing was changed.`,
    hint: 'Choose another one with EDITOR.',
    exit: EXIT.no,
  });
}
