import { Command, type Config, Flags, type Interfaces } from '@oclif/core';
import type { AppsApi } from '../contract/apps-api.js';
import { ChangeMade } from '../contract/errors.js';
import { printable } from '../model/rule.js';
import { reportingOf } from './argv.js';
import { asTyped, calledFor, calledIn, withAdvice } from './called-as.js';
import { connect, connectToRunning, type Say, targetOf, type Wanted } from './connect.js';
import type { envLines } from './env-lines.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { presentable } from './failure.js';
import { refuseOldHost } from './host-version.js';
import { type Output, outputFor, type Style, styleFor } from './output.js';
import { platformNamed } from './platform-name.js';
import { canAsk, confirmName } from './prompts.js';
import { report } from './report.js';
import { atInterrupt } from './signals.js';
import { isStream, taken } from './streams.js';
import { UsageError, usageFailure } from './usage.js';
import { usageLine } from './usage-line.js';

type Values = Record<string, unknown>;

/** The flags that every command has, as they were typed. */
interface SharedFlags extends Wanted {
  readonly debug?: boolean | undefined;
}

/**
 * What every command shares. `run` returns the result, `render` shows it; under `--json` the result itself is
 * printed and `render` is never called. Nothing else is ever written to standard output.
 */
export abstract class AkaCommand<Result> extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    platform: Flags.string({
      description: 'name of the profile of the platform to use',
      helpValue: 'NAME',
      helpGroup: 'GLOBAL',
    }),
    api: Flags.string({
      description: 'Apps API to use: an http(s) URL, or unix:PATH for a socket',
      helpValue: 'URL',
      helpGroup: 'GLOBAL',
      exclusive: ['platform'],
    }),
    debug: Flags.boolean({ description: 'print details of failures to standard error', helpGroup: 'GLOBAL' }),
    json: Flags.boolean({ description: 'print the result or the error as JSON', helpGroup: 'GLOBAL' }),
  };

  /** Before @oclif/core reads the config of a host whose own version of it is too old to be read. */
  static override run<T extends Command>(
    this: new (
      argv: string[],
      config: Config,
    ) => T,
    argv?: string[],
    options?: Interfaces.LoadOptions,
  ): ReturnType<typeof Command.run<T>> {
    refuseOldHost(options);
    return Command.run.call(this, argv, options) as ReturnType<typeof Command.run<T>>;
  }

  /** The exit code of a command that succeeded in finding its answer; 1 where the answer is no. */
  protected answer: ExitCode = 0;
  /** What commands may know of their surroundings. */
  protected readonly env: NodeJS.ProcessEnv = process.env;
  /** What of its input the command fails for if a platform stored it otherwise: no warning is needed then. */
  protected readonly judges: string | undefined;
  /** Members of the result whose texts say what to type. */
  protected readonly advice: readonly string[] = [];
  #flags: SharedFlags | undefined;
  #api: Promise<AppsApi> | undefined;
  #running: Promise<AppsApi> | undefined;
  /** Whether it was said which platform is changed. */
  #announced = false;
  /** What is being written to standard error, in order. */
  #said: Promise<void> = Promise.resolve();

  abstract override run(): Promise<Result>;

  protected abstract render(result: Result, out: Output): void | Promise<void>;

  /** The platform that this command works on. */
  protected api(): Promise<AppsApi> {
    this.#api ??= connect(this.flags, this.env, this.#sayings);
    return this.#api;
  }

  /** The process that runs its apps. Throws an AppsApiError (503) that says how to start it. */
  protected running(): Promise<AppsApi> {
    this.#running ??= connectToRunning(this.flags, this.env, this.#sayings);
    return this.#running;
  }

  readonly #sayings: Say = {
    platform: (name) => this.#changes(name),
    warn: (message, storedOtherwise) => {
      if (storedOtherwise === undefined || storedOtherwise !== this.judges) this.caution(message);
    },
    debug: (message) => {
      if (this.flags.debug) this.#say((style) => style.faint(`debug: ${presentable(message)}`));
    },
  };

  /** Says which platform is about to be changed, for what changes it in another way than through {@link api}. */
  protected async announce(): Promise<void> {
    const name = platformNamed(await targetOf(this.flags, this.env));
    if (name !== undefined) await this.#changes(name);
  }

  /** As {@link confirmName} does, where whoever is asked sees which platform it is about. */
  protected async confirm(name: string, flag: string | undefined, consequence: string): Promise<void> {
    if (flag === undefined && canAsk()) await this.announce();
    await confirmName(name, flag, consequence);
  }

  /** Once for all that the command changes, and before any of it. */
  #changes(platform: string): Promise<void> {
    if (!this.#announced) this.#say(() => presentable(`Platform: ${platform}`));
    this.#announced = true;
    return this.#said;
  }

  /** Those that every command has. Throws before {@link parse} has been called. */
  protected get flags(): SharedFlags {
    if (this.#flags === undefined) throw new Error(`${this.id} uses its flags before it has parsed them`);
    return this.#flags;
  }

  protected override async parse<Flags extends Values, BaseFlags extends Values, Args extends Values>(
    options?: Interfaces.Input<Flags, BaseFlags, Args>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<Flags, BaseFlags, Args>> {
    const parsed = await this.#parsed(options, argv);
    this.#flags = parsed.flags as SharedFlags;
    calledFor(this.flags);
    // Of words that are there twice, @oclif/core moves one to the place of the other.
    return { ...parsed, argv: parsed.raw.flatMap(({ type, input }) => (type === 'arg' ? [input] : [])) };
  }

  /** Parses the words as they are or, where they don't fit, with each in the place it was probably meant for. */
  async #parsed<Flags extends Values, BaseFlags extends Values, Args extends Values>(
    options: Interfaces.Input<Flags, BaseFlags, Args> | undefined,
    argv: string[] | undefined,
  ): Promise<Interfaces.ParserOutput<Flags, BaseFlags, Args>> {
    const { id = '', ctor } = this;
    const shape = { id, args: ctor.args, flags: { ...ctor.baseFlags, ...ctor.flags } };
    const typed = argv ?? this.argv;
    try {
      const parsed = await super.parse(options, typed);
      if (!mayBeApp(parsed)) return parsed;
      const { optionalAsApp } = await import('./input/place-words.js');
      const meant = optionalAsApp(parsed.raw, shape);
      return meant === undefined ? parsed : await super.parse(options, meant);
    } catch (error) {
      const { placedWords } = await import('./input/place-words.js');
      const meant = placedWords(error, typed, shape);
      if (meant !== undefined) {
        try {
          return await super.parse(options, meant);
        } catch {
          // The first error is about what was typed.
        }
      }
      const failure = usageFailure(error, usageLine({ ...shape, usage: ctor.usage }));
      throw failure === undefined ? error : new UsageError(failure, { cause: error });
    }
  }

  /** Writes the result to standard output; under `--json`, what comes bit by bit is a line each. */
  protected async show(given: Result): Promise<void> {
    const result = isStream(given) ? given : withAdvice(given, this.advice);
    if (!this.jsonEnabled()) return await this.render(result, await outputFor(process.stdout, this.env));
    if (!isStream(result)) {
      // The same to whoever reads JSON; in the texts of a server there may be what moves the cursor of a terminal.
      process.stdout.write(`${printable(JSON.stringify(result ?? null, null, 2))}\n`);
      return;
    }
    for await (const item of result) {
      process.stdout.write(`${printable(JSON.stringify(item))}\n`);
      await taken(process.stdout);
    }
  }

  /** What ends a result that comes bit by bit at Ctrl-C: in order, and with the exit code of that. */
  protected untilInterrupted(): AbortSignal {
    const end = new AbortController();
    atInterrupt(() => {
      this.answer = EXIT.interrupted;
      end.abort();
    });
    return end.signal;
  }

  /** What a command is doing while it runs, for a person: always shown, on standard error. */
  protected progress(message: string): void {
    this.#say(() => asTyped(presentable(message)));
  }

  /** A line of a program's output, on standard error. Only the platform masks it, as it does in every log. */
  protected said(line: string): void {
    this.#say((style) => `${style.faint('|')} ${style.program(line)}`);
  }

  /** Lines for a program, as they are; says what had to be left out. */
  protected printLines(out: Output, { lines, leftOut }: ReturnType<typeof envLines>): void {
    for (const line of lines) out.raw(line);
    if (leftOut > 0) this.caution(`${leftOut} left out: their names are not those of environment variables.`);
  }

  /** A warning: always shown, on standard error. */
  protected caution(message: string): void {
    this.#say((style) => `${style.caution('warning:')} ${asTyped(presentable(message))}`);
  }

  /** What to do next, for a person: shown on standard error where that is a terminal. */
  protected hint(message: string): void {
    if (process.stderr.isTTY && !this.jsonEnabled())
      this.#say((style) => style.faint(asTyped(presentable(message))));
  }

  /** What ends a command whose change was made, but not told of: a warning, since nobody is to make it again. */
  async #warnOf({ id, message, hint }: ChangeMade): Promise<void> {
    this.caution(`${message} ${hint}`);
    await this.#said;
    if (!this.jsonEnabled()) return;
    process.stdout.write(
      `${JSON.stringify({ warning: { id, message: presentable(message), hint } }, null, 2)}\n`,
    );
  }

  #say(line: (style: Style) => string): void {
    this.#said = this.#said.then(async () => {
      process.stderr.write(`${line(await styleFor(process.stderr, this.env))}\n`);
    });
  }

  /**
   * @oclif/core would print nothing for a falsy result, answer every failure with 1 or 2, and show argv, secrets
   * included, in what it prints of one under `--json`.
   */
  protected override async _run<T>(): Promise<T> {
    calledIn(this.config);
    let result: Result | undefined;
    try {
      result = await this.run();
      await this.#said;
      await this.show(result);
      await this.#said;
      if (this.answer !== 0) process.exitCode = this.answer;
    } catch (error) {
      await this.#said;
      if (error instanceof ChangeMade) return (await this.#warnOf(error)) as T;
      await report(error, { ...reportingOf(this.argv), json: this.jsonEnabled(), asLine: isStream(result) });
    } finally {
      for (const api of [this.#api, this.#running]) await (await api?.catch(() => undefined))?.close();
    }
    return result as T;
  }
}

/** Whether no app is named, and an argument has the place of one. */
function mayBeApp({ flags, args }: { readonly flags: Values; readonly args: Values }): boolean {
  return (
    'app' in flags === false &&
    Object.values(args).some((arg) => typeof arg === 'string' && arg.includes('-'))
  );
}
