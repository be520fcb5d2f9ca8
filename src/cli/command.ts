import { Command, Flags } from '@oclif/core';
import type { AppsApi } from '../contract/apps-api.js';
import { connect } from './connect.js';
import type { ExitCode } from './exit-codes.js';
import { presentable } from './failure.js';
import { type Output, outputFor, type Style, styleFor } from './output.js';
import { report } from './report.js';

/**
 * What every command shares. `run` returns the result, `render` shows it; under `--json` the result itself is
 * printed and `render` is never called. Nothing else is ever written to standard output.
 */
export abstract class AkaCommand<Result> extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    platform: Flags.string({
      description: 'platform to use, by the name of its profile',
      helpGroup: 'GLOBAL',
    }),
    api: Flags.string({
      description: 'Apps API to use: an http(s) URL, or unix:PATH for a socket',
      helpGroup: 'GLOBAL',
      exclusive: ['platform'],
    }),
    debug: Flags.boolean({ description: 'say more about failures on standard error', helpGroup: 'GLOBAL' }),
  };

  /** The exit code of a command that succeeded in finding its answer; 1 where the answer is no. */
  protected answer: ExitCode = 0;
  #api: Promise<AppsApi> | undefined;
  /** What is being written to standard error, in order. */
  #said: Promise<void> = Promise.resolve();

  abstract override run(): Promise<Result>;

  protected abstract render(result: Result, out: Output): void | Promise<void>;

  /** The platform that this command works on. */
  protected api(): Promise<AppsApi> {
    this.#api ??= this.parse(this.ctor).then(({ flags }) =>
      connect({ platform: flags.platform, api: flags.api }, process.env, {
        warn: (message) => this.caution(message),
        debug: (message) => {
          if (flags.debug) this.#say((style) => style.faint(`debug: ${presentable(message)}`));
        },
      }),
    );
    return this.#api;
  }

  /** A warning: always shown, on standard error. */
  protected caution(message: string): void {
    this.#say((style) => `${style.caution('warning:')} ${presentable(message)}`);
  }

  /** What to do next, for a person: shown on standard error where that is a terminal. */
  protected hint(message: string): void {
    if (process.stderr.isTTY && !this.jsonEnabled()) this.#say((style) => style.faint(message));
  }

  #say(line: (style: Style) => string): void {
    this.#said = this.#said.then(async () => {
      process.stderr.write(`${line(await styleFor(process.stderr, process.env))}\n`);
    });
  }

  protected override async _run<T>(): Promise<T> {
    let result: Result | undefined;
    try {
      result = await this.run();
      await this.#said;
      if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(result ?? null, null, 2)}\n`);
      else await this.render(result, await outputFor(process.stdout, process.env));
      await this.#said;
      if (this.answer !== 0) process.exitCode = this.answer;
    } catch (error) {
      await this.#said;
      await report(error, { json: this.jsonEnabled(), debug: this.argv.includes('--debug') });
    } finally {
      await (await this.#api?.catch(() => undefined))?.close();
    }
    return result as T;
  }
}
