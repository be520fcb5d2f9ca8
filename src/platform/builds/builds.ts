import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { byteSize } from '../../model/byte-size.js';
import { errorCode } from '../../model/error-code.js';
import { RANKS } from '../../model/ranks.js';
import { RuleError } from '../../model/rule.js';
import { BUILD_SPACE } from '../engine/open.js';
import { privateFolder } from '../files/private-files.js';
import { removeTree } from '../files/remove-tree.js';
import { discard, newDraft } from '../files/trash.js';
import type { SecretSet } from '../logs/secret-set.js';
import type { BuildProgramLimits, BuildRunner } from './build-engine.js';
import { BuildFailure } from './build-failure.js';
import { BuildLog, type LineSink } from './build-log.js';
import { buildPath, hasTool, passedOn } from './build-settings.js';
import { Caches } from './caches.js';
import { type BuildStep, detect, processTypesOf, surroundingsOf } from './detect.js';
import { diskBytes } from './disk-usage.js';
import { watchDisk } from './disk-watch.js';
import type { UnpackLimits } from './landing.js';
import { COREPACK, nodeWarnings } from './node-project.js';
import { relocateScripts } from './relocate.js';
import type { Slug, Slugs } from './slugs.js';
import { addStaticServer, STATIC_COMMAND } from './static-server.js';
import { giveTree, isRealFolder } from './tree.js';
import { UNPACK_LIMITS, unpack } from './unpack.js';

export interface BuildLimits {
  readonly timeoutMs: number;
  /** On disk while it is built: the app's files, what they are made with, and what was downloaded. */
  readonly diskBytes: number;
  /** Of what is told of its output. */
  readonly logBytes: number;
  readonly unpacked: UnpackLimits;
  readonly program: BuildProgramLimits;
}

export const BUILD_LIMITS: BuildLimits = {
  timeoutMs: 30 * 60 * 1000,
  diskBytes: 4 * 1024 ** 3,
  logBytes: 8 * 1024 ** 2,
  unpacked: UNPACK_LIMITS,
  program: { memory: 4 * 1024 ** 3, pids: 2048, scratch: 512 * 1024 ** 2, ...RANKS.build },
};

export interface BuildInput {
  /** 1 to 40 of `A-Za-z0-9-`: of this build. */
  readonly id: string;
  /** 1 to 40 of `A-Za-z0-9-`: of the app, whatever it is called; what it downloads is kept under it. */
  readonly app: string;
  /** The file of its source, a tar.gz or zip. */
  readonly source: string;
  /** The app's config vars. */
  readonly config: Readonly<Record<string, string>>;
  /** What its log must not say. */
  readonly secrets: SecretSet;
  /** Empty texts where nothing is known. */
  readonly git: { readonly sha: string; readonly branch: string; readonly repo: string };
  readonly engine: BuildRunner;
  readonly log: LineSink;
  readonly signal?: AbortSignal;
}

export interface BuildsOptions {
  /** A private folder of its own, on the same file system as the slugs. */
  readonly folder: string;
  readonly slugs: Slugs;
  /**
   * The platform's environment, over what `installerSettings` finds in files: builds get what
   * `build-settings.ts` lists of it.
   */
  readonly env?: NodeJS.ProcessEnv;
  readonly limits?: BuildLimits;
}

/** In the app's folder while it is built, since a build can write nowhere else that is not in memory. */
const OWN = '.aka-build';
const IN_SANDBOX = '/app';
const NAME = /^[A-Za-z0-9-]{1,40}$/;
const STOP_GRACE_MS = 2000;
const LATE_MS = 3000;
/** 1980, before which a zip can't tell the time: what Python compiles then doesn't depend on when. */
const EPOCH = '315532800';

/** Builds, as many at a time as are asked for: from a source to a slug. */
export class Builds {
  private constructor(
    private readonly options: BuildsOptions,
    readonly caches: Caches,
  ) {}

  /** Makes the folder if need be. */
  static async open(options: BuildsOptions): Promise<Builds> {
    privateFolder(options.folder);
    return new Builds(options, await Caches.open(join(options.folder, 'caches')));
  }

  /**
   * Builds a source. Throws a {@link BuildFailure} if it makes no slug for reasons of its own, or was stopped by the
   * signal; the log says so too. Anything else that is thrown is the platform's trouble. Either way nothing is left; after
   * a stop, what is left is trash.
   */
  async run(input: BuildInput): Promise<Slug> {
    for (const name of [input.id, input.app]) {
      if (!NAME.test(name)) throw new TypeError('The name of a build or app is malformed.');
    }
    const limits = this.options.limits ?? BUILD_LIMITS;
    const draft = newDraft(this.options.folder);
    const log = new BuildLog(input.log, limits.logBytes, input.secrets);
    const stop = new Stop(input.signal, limits.timeoutMs);
    try {
      await mkdir(draft, { mode: 0o700 });
      return await new OneBuild(input, this.options, limits, this.caches, draft, log, stop).run();
    } catch (error) {
      const failure = stop.failure ?? asFailure(error);
      if (failure === undefined) throw error;
      await log.end();
      await input.log(`Failed: ${failure.message}`);
      if (failure.hint !== undefined) await input.log(failure.hint);
      throw failure;
    } finally {
      stop.release();
      await discard(draft, this.options.folder, input.signal);
    }
  }
}

class OneBuild {
  private readonly app: string;
  /** What programs of the build know the app's folder as. */
  private readonly root: string;

  constructor(
    private readonly input: BuildInput,
    private readonly options: BuildsOptions,
    private readonly limits: BuildLimits,
    private readonly caches: Caches,
    private readonly draft: string,
    private readonly log: BuildLog,
    private readonly stop: Stop,
  ) {
    this.app = join(draft, 'app');
    this.root = input.engine.facts.mode === 'subnet' ? IN_SANDBOX : this.app;
  }

  async run(): Promise<Slug> {
    const { input, app, log, stop } = this;
    await unpack(input.source, app, { limits: this.limits.unpacked, signal: stop.signal });
    const own = join(app, OWN);
    await removeTree(own);
    const steps = await detect(app, hasTool);
    for (const warning of await nodeWarnings(app)) await log.line(`Warning: ${warning}`);
    if (steps.length === 0) await log.line('Nothing has to be built.');
    else await this.perform(steps, own);
    const processTypes = await processTypesOf(app);
    if (processTypes['web'] === STATIC_COMMAND) await addStaticServer(app);
    await relocateScripts(app, this.root);
    stop.signal.throwIfAborted();
    const facts = { processTypes, ...(await surroundingsOf(app)) };
    const slug = await this.options.slugs.keep(app, facts, stop.signal);
    await log.line(`Process types: ${Object.keys(processTypes).join(', ')}`);
    await log.line(`The slug has ${byteSize(slug.bytes)}.`);
    await log.end();
    return slug;
  }

  private async perform(steps: readonly BuildStep[], own: string): Promise<void> {
    const { app, caches, input, limits, stop } = this;
    const { notIsolated } = input.engine;
    if (notIsolated !== undefined)
      await this.log.line(`Warning: this build can reach this machine's network: ${notIsolated}.`);
    await mkdir(own, { mode: 0o755 });
    for (const name of ['home', 'tmp']) await mkdir(join(own, name), { mode: 0o755 });
    await caches.take(input.app, join(own, 'cache'));
    const env = await this.environment(own);
    const owner = input.engine.ownerOf(BUILD_SPACE);
    if (owner !== undefined) await giveTree(app, owner);
    const unwatch = watchDisk(app, limits.diskBytes, (error) =>
      stop.because((error && asFailure(error)) ?? tooLarge(limits.diskBytes)),
    );
    try {
      for (const [index, step] of steps.entries()) await this.step(step, index, env);
    } finally {
      unwatch();
    }
    const { signal } = stop;
    const bytes = await diskBytes(app, { signal, strict: true, open: true });
    if (bytes > limits.diskBytes) throw tooLarge(limits.diskBytes);
    const taken = join(this.draft, 'own');
    await rename(own, taken).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
    if (await isRealFolder(taken)) await caches.give(input.app, join(taken, 'cache'), signal);
  }

  private async step(
    { title, command, env }: BuildStep,
    index: number,
    common: Record<string, string>,
  ): Promise<void> {
    const { input, limits, log, stop } = this;
    stop.signal.throwIfAborted();
    await log.line(`-----> ${title}`);
    await log.line(`       ${command}`);
    const id = `build-${input.id}-${index}`;
    const stopping = (): void => void input.engine.stop(id, STOP_GRACE_MS).catch(() => undefined);
    stop.signal.addEventListener('abort', stopping);
    try {
      const program = await input.engine.run({
        id,
        space: BUILD_SPACE,
        address: 200,
        program: {
          // Where there is no sandbox, the engine has its own idea of a home.
          argv: ['/bin/sh', '-c', `export HOME="$BUILD_HOME"; unset BUILD_HOME\n${command}`],
          env: { ...env, ...common },
        },
        slug: this.app,
        inPlace: true,
        limits: limits.program,
        hosts: input.engine.network.hosts,
      });
      // It may have been stopped before there was something to stop.
      if (stop.signal.aborted) stopping();
      program.stdin.on('error', () => undefined).end();
      const told = Promise.all([log.follow(program.stdout), log.follow(program.stderr)]);
      const { code, signal, overMemory } = await program.exit;
      // What ran away from where there is no sandbox may hold on to the output.
      const late = setTimeout(() => {
        program.stdout.destroy();
        program.stderr.destroy();
      }, LATE_MS);
      await told;
      clearTimeout(late);
      stop.signal.throwIfAborted();
      if (code === 0) return;
      const { memory = 0 } = limits.program;
      const how = overMemory
        ? `took more than ${byteSize(memory)} of memory`
        : `ended with ${signal ?? code}`;
      throw new BuildFailure('failed', `"${title}" ${how}.`);
    } finally {
      stop.signal.removeEventListener('abort', stopping);
      await input.engine.stop(id, 0);
    }
  }

  /** A program's whole environment. What is the platform's comes last: a config var can't move it elsewhere. */
  private async environment(own: string): Promise<Record<string, string>> {
    const { config, git } = this.input;
    const at = `${this.root}/${OWN}`;
    const passed = await passedOn(this.options.env ?? {}, join(own, 'certificates'), `${at}/certificates`);
    return {
      LANG: 'C.UTF-8',
      CI: 'true',
      // Its log is no terminal; some programs only look at CI.
      NO_COLOR: '1',
      ...passed,
      ...config,
      ...this.input.engine.network.env,
      AKKERIS_GIT_SHA1: git.sha,
      AKKERIS_GIT_BRANCH: git.branch,
      AKKERIS_GIT_REPO: git.repo,
      PATH: `${this.root}/${COREPACK}/bin:${buildPath()}`,
      BUILD_HOME: `${at}/home`,
      TMPDIR: `${at}/tmp`,
      XDG_CACHE_HOME: `${at}/cache`,
      NPM_CONFIG_CACHE: `${at}/cache/npm`,
      NPM_CONFIG_UPDATE_NOTIFIER: 'false',
      YARN_CACHE_FOLDER: `${at}/cache/yarn`,
      // Dynos need what it downloads.
      COREPACK_HOME: `${this.root}/${COREPACK}`,
      COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
      // The version it was made with, rather than another one every week.
      COREPACK_DEFAULT_TO_LATEST: '0',
      PIP_CACHE_DIR: `${at}/cache/pip`,
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
      PYTHONUNBUFFERED: '1',
      SOURCE_DATE_EPOCH: EPOCH,
    };
  }
}

/** What ends a build before it is done, and why. */
class Stop {
  readonly signal: AbortSignal;
  failure: BuildFailure | undefined;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly stopped = (): void => this.because(new BuildFailure('stopped', 'The build was stopped.'));

  constructor(
    private readonly outer: AbortSignal | undefined,
    timeoutMs: number,
  ) {
    this.signal = this.controller.signal;
    this.timer = setTimeout(() => {
      this.because(new BuildFailure('timed_out', `The build took longer than ${timeoutMs / 1000} s.`));
    }, timeoutMs);
    if (outer?.aborted) this.stopped();
    else outer?.addEventListener('abort', this.stopped);
  }

  /** The first reason stays. */
  because(failure: BuildFailure): void {
    this.failure ??= failure;
    this.controller.abort(this.failure);
  }

  release(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.stopped);
  }
}

function asFailure(error: unknown): BuildFailure | undefined {
  if (error instanceof BuildFailure) return error;
  if (error instanceof RuleError) return new BuildFailure('invalid', error.message, error.hint);
}

function tooLarge(limit: number): BuildFailure {
  return new BuildFailure('too_large', `The build wrote more than ${byteSize(limit)}.`);
}
