import { describe, expect, test } from '@jest/globals';
import { Args, Flags, Parser } from '@oclif/core';
import type { Failure } from '../../src/cli/failure.js';
import { usageFailure } from '../../src/cli/usage.js';

const SECRET = 'hunter2hunter2';

/** A command that has a flag of every kind. */
const COMMAND = {
  strict: true,
  args: { name: Args.string({ required: true }) },
  flags: {
    compliance: Flags.string({ char: 'c', multiple: true, multipleNonGreedy: true, delimiter: ',' }),
    format: Flags.string({ options: ['env', 'json'] }),
    size: Flags.integer({ min: 1, max: 10 }),
    quiet: Flags.boolean({ exclusive: ['format'] }),
    app: Flags.string({ required: true }),
    overrule: Flags.boolean({ dependsOn: ['reason', 'by'] }),
    reason: Flags.string(),
    by: Flags.string(),
  },
} as const;

/** What is said of words that are typed after that command. */
async function failureOf(words: string): Promise<Failure | undefined> {
  return Parser.parse(words.split(' '), COMMAND).then(
    () => undefined,
    (error: unknown) => usageFailure(error),
  );
}

describe('a mistake in what was typed', () => {
  const mistakes: [words: string, message: string, hint?: string][] = [
    [`web -a ${SECRET}`, 'There is no flag -a here.'],
    [`web --app x --formt=${SECRET}`, 'There is no flag --formt here.', 'Did you mean --format?'],
    [`web --app x --${SECRET}`, 'A flag is not known here.'],
    // Two edits of a short name make another one.
    ['web --app x --soze 3', 'There is no flag --soze here.', 'Did you mean --size?'],
    ['web --app x --sole 3', 'There is no flag --sole here.'],
    ['web --app x --zzzzzzzz', 'There is no flag --zzzzzzzz here.'],
    [`web --app x ${SECRET}`, 'One argument too many.'],
    [`web --app x ${SECRET} more`, '2 arguments too many.'],
    [
      'web --app x -c prod socs',
      'Compliances are separated by commas, not by blanks.',
      'Write them as one word: --compliance socs,prod',
    ],
    [
      '-c prod SOCS,internal web --app x',
      'Compliances are separated by commas, not by blanks.',
      'Write them as one word: --compliance socs,prod',
    ],
    ['--app x', 'NAME is missing.'],
    ['web', '--app is missing.'],
    [`web --app x --format ${SECRET}`, '--format must be one of: env, json.'],
    ['web --app x --format', '--format expects one of these values: env, json.'],
    ['web --app', '--app expects a value.'],
    [`web --app x --app ${SECRET}`, '--app can only be specified once.'],
    [`web --app x --size ${SECRET}`, '--size expects an integer.'],
    ['web --app x --size 0', '--size expects an integer greater than or equal to 1.'],
    ['web --app x --size 11', '--size expects an integer less than or equal to 10.'],
    ['web --app x --quiet --format env', "--format and --quiet can't be used together."],
    ['web --app x --overrule', '--overrule needs --reason and --by.'],
  ];

  test.each(mistakes)('%s', async (words, message, hint = 'See its usage with --help.') => {
    const failure = await failureOf(words);
    expect(failure).toEqual({ id: 'usage', message, hint, exit: 2 });
    expect(JSON.stringify(failure)).not.toContain(SECRET);
  });
});

test('a flag that is missing is named without the bold that it has at a terminal', () => {
  const error = Object.assign(new Error('Missing required flag \u001b[1m--level\u001b[22m'), { oclif: {} });
  expect(usageFailure(error)?.message).toBe('--level is missing.');
});

/** The way out that a command with a usage line names. */
async function hintOf(words: string, input: object, line: string): Promise<string | undefined> {
  return Parser.parse(words.split(' '), input as typeof COMMAND).then(
    () => undefined,
    (error: unknown) => usageFailure(error, line)?.hint,
  );
}

test('the way out is the usage line, -- for the flags of a program, or the name to confirm', async () => {
  const destroy = {
    strict: true,
    args: { name: Args.string() },
    flags: { app: Flags.string(), confirm: Flags.string() },
  };
  expect(await hintOf('a b', destroy, 'aka x [NAME]')).toBe('Usage: aka x [NAME]');
  expect(await hintOf('shop --yes', destroy, 'aka x')).toBe('To skip the prompt: --confirm shop');
  expect(await hintOf('--app web-shop -y', destroy, 'aka x')).toBe('To skip the prompt: --confirm web-shop');
  expect(await hintOf('--force', destroy, 'aka x')).toBe('To skip the prompt: --confirm NAME');
  const run = { strict: false, args: {}, flags: { app: Flags.string() } };
  expect(await hintOf('ls -c', run, 'aka run -- COMMAND')).toBe(
    'Put -- before the program and its flags: aka run -- COMMAND',
  );
});

test('what was typed well is no mistake', async () => {
  expect(await failureOf('web --app x -c prod,socs --size 3')).toBeUndefined();
});

test('an error of anything else is not made one of usage', () => {
  for (const error of [new Error('no luck'), 'text', undefined]) expect(usageFailure(error)).toBeUndefined();
});
