import { Flags } from '@oclif/core';
import type { GitFacts } from '../client/source/git.js';
import type { AppsApi } from '../contract/apps-api.js';
import type { Build, Release } from '../contract/wire.js';
import { byteSize } from '../model/byte-size.js';
import { given } from '../model/given.js';
import { buildFacts, buildName } from './build-view.js';
import { checkCheckout, isChecked, isCommit } from './checkout.js';
import { AkaCommand } from './command.js';
import { untilReleased } from './dynos-up.js';
import { EXIT } from './exit-codes.js';
import { CommandError, usage } from './failure.js';
import { appFlag, appNamed, argument } from './flags.js';
import { looksLikeApp } from './input/app-word.js';
import { metered } from './meter.js';
import { checkRuns } from './needs-running.js';
import type { Output } from './output.js';
import { endedBy } from './reason.js';
import { concernTexts } from './space-view.js';
import {
  buildRefused,
  isRefused,
  missingChecks,
  missingText,
  showChecks,
  unfinishedChecks,
} from './status-view.js';
import { secondsOf, Waiting, waitFlag, withSeconds } from './waiting.js';

/** A build that was asked for; if it was waited for, with the release it made, and where its app answers if it does. */
export type Deployed = Build & { readonly web_url?: string; readonly released?: Release };

/** Builds an app from what a user names, and releases it. */
export abstract class DeployCommand extends AkaCommand<Deployed> {
  static override description =
    `Uploads the files git tracks, including uncommitted changes. Outside git, uploads everything not in .gitignore. A .slugignore excludes more files. The platform downloads URLs; --checksum is required.

The Procfile defines the process types. Without one, the start script of package.json becomes type web. A release line runs before the new dynos start; if it fails, the release fails.

Waits until the new dynos are up, and fails if they don't come up. The old dynos run until then. Build output goes to standard error.

In a socs space the build waits for its status checks. It needs a repository and a commit, which a clean git checkout supplies. To see pending checks: <%= config.bin %> builds:info

Same as <%= config.bin %> builds:create. Next: ps, logs, releases:rollback, ps:scale.`;
  static override args = {
    source: argument.optional('folder, .tar.gz or .zip file, or https URL (default the current folder)'),
  };
  static override flags = {
    app: appFlag,
    checksum: Flags.string({
      description: 'SHA-256 of an archive; required for a URL',
      helpValue: 'sha256:DIGITS',
    }),
    sha: Flags.string({ description: 'commit (default from git)', helpValue: 'COMMIT' }),
    branch: Flags.string({ description: 'branch (default from git)', helpValue: 'BRANCH' }),
    repo: Flags.string({ description: 'repository (default from git)', helpValue: 'URL' }),
    version: Flags.string({ description: 'version label', helpValue: 'TEXT' }),
    wait: waitFlag,
    'no-wait': Flags.boolean({ description: 'queue the build without waiting' }),
  };

  async run(): Promise<Deployed> {
    const { args, flags } = await this.parse(DeployCommand, withSeconds(this.argv));
    if (flags.wait !== undefined && flags['no-wait'])
      throw usage('--wait and --no-wait contradict each other.');
    const seconds = secondsOf(flags.wait);
    const { source: typed } = args;
    // A folder may be called so, and what runs is not replaced by a guess.
    if (flags.app === undefined && typed !== undefined && looksLikeApp(typed))
      throw usage('No app is named.', `Did you mean: aka ${this.id} -a ${typed}?`, 'app_missing');
    const named = appNamed(flags.app);
    const api = await this.api();
    const app = await api.apps.get({ app: named });
    if (!flags['no-wait'])
      await checkRuns(api, 'nothing would build it', ', or leave it queued with --no-wait');
    const { sha, branch, repo, version } = flags;
    const source = await this.#source(api, args.source ?? '.', flags.checksum, (git) => {
      if (isChecked(app)) checkCheckout(git, sha);
    });
    const build = await api.builds.create({
      app: app.name,
      ...source,
      ...given({ sha: wholeCommit(source.sha, sha), branch, repo, version }),
    });
    if (isRefused(build)) throw buildRefused(build);
    if (missingChecks(build).length > 0) {
      this.progress(`Build ${buildName(build)} of ${app.name} waits for ${missingText(build)}`);
    }
    if (flags['no-wait']) {
      // One that waits for its checks prints nothing yet.
      const show = missingChecks(build).length > 0 ? 'builds:info' : 'builds:output -t';
      this.hint(`See what becomes of it: aka ${show} ${buildName(build)} -a ${app.name}`);
      return build;
    }
    const followed = await this.#follow(api, build, seconds);
    const formation = await api.formations.list({ app: app.name });
    for (const { concerns } of formation) for (const text of concernTexts(concerns)) this.caution(text);
    return formation.some(({ type }) => type === 'web') ? { ...followed, web_url: app.web_url } : followed;
  }

  protected render({ web_url: url, released, ...build }: Deployed, out: Output): void {
    if (released === undefined) {
      out.facts(buildFacts(build, out.style));
      return showChecks(out, build);
    }
    out.facts([
      ['Build', `${buildName(build)} of ${build.app.name}`],
      ['Release', `v${released.version}`],
      ...(url === undefined ? [] : ([['Domain', url]] as const)),
    ]);
    if (url === undefined) out.note(`It serves no web. See what it prints: aka logs -t -a ${build.app.name}`);
  }

  /** What a build is made of, uploaded if it is here. */
  async #source(
    api: AppsApi,
    named: string,
    checksum: string | undefined,
    check: (git: GitFacts) => void,
  ): Promise<{ checksum: string; url?: string; sha?: string; branch?: string; repo?: string }> {
    const { packSource } = await import('../client/source/source.js');
    const source = await packSource(named, { checksum });
    if (source.kind === 'url') return { checksum: `sha256:${source.digest}`, url: source.url };
    for (const warning of source.warnings) this.caution(warning);
    // Before anything is sent.
    const git = source.kind === 'folder' ? await this.#git(named, check) : {};
    const { contents } = source;
    if (contents !== undefined) {
      const { entries, bytes } = contents;
      this.progress(`Uploading ${entries} ${entries === 1 ? 'file' : 'files'}, ${byteSize(bytes)}`);
    }
    const sent = await api.sources.upload(metered(source.stream, 'Uploaded', source.bytes));
    this.progress(`Uploaded ${byteSize(sent.bytes)}`);
    return { ...git, checksum: sent.checksum };
  }

  /** What git says of a folder, in the words of a build. */
  async #git(
    folder: string,
    check: (git: GitFacts) => void,
  ): Promise<{ sha?: string; branch?: string; repo?: string }> {
    const { gitFacts } = await import('../client/source/git.js');
    const git = await gitFacts(folder);
    check(git);
    const { sha, branch, repo, differs } = git;
    const isOther = differs !== '';
    if (isOther)
      this.caution(`Files differ from commit ${sha.slice(0, 10)}: what is in the folder is built.`);
    // What differs is no such commit: it is not said to be one, now or when it is promoted.
    return given({
      sha: isOther ? undefined : sha || undefined,
      branch: branch || undefined,
      repo: repo || undefined,
    });
  }

  /** Waits for the checks of a build, and says what is missing whenever that changes. */
  async #untilPassed(api: AppsApi, build: Build, waiting: Waiting): Promise<void> {
    const key = { app: build.app.name, build: build.id };
    if (missingChecks(build).length === 0) return;
    waiting.now(unfinishedChecks(build));
    let said = missingText(build);
    await waiting.until(async () => {
      const it = await api.builds.get(key);
      if (it.status === 'failed') throw ended(it);
      const missing = missingText(it);
      if (missing === '') return it;
      if (missing !== said) this.progress(`It still waits for ${missing}`);
      said = missing;
      waiting.now(unfinishedChecks(it));
      return undefined;
    });
  }

  /** Shows what a build prints, and answers it with its release. Throws a CommandError if either comes to nothing. */
  async #follow(api: AppsApi, build: Build, seconds: number): Promise<Deployed> {
    const number = buildName(build);
    const key = { app: build.app.name, build: build.id };
    const { app } = key;
    const goesOn = {
      says: `Build ${number} of ${app} goes on.`,
      hint: `See it: aka builds:output ${number} -t -a ${app}; stop it: aka builds:stop ${number} -a ${app}`,
    };
    const waiting = new Waiting(seconds, goesOn);
    try {
      await this.#untilPassed(api, build, waiting);
      waiting.now(goesOn);
      this.progress(`Building ${app}, build ${number}`);
      const lines = await api.logs.ofBuild({ ...key, follow: true }, waiting.signal);
      for await (const { line } of lines) this.said(line);
      const built = await waiting.until(async () => {
        const it = await api.builds.get(key);
        return it.status === 'queued' || it.status === 'pending' ? undefined : it;
      });
      if (built.status === 'failed') throw ended(built);
      if (built.release == null) {
        this.caution(`Build ${number} of ${app} succeeded, and no release was made of it.`);
        return built;
      }
      const release = built.release.id;
      this.progress(`Releasing ${app}`);
      waiting.now({
        says: `Build ${number} of ${app} is done, and its release goes on.`,
        hint: `See what becomes of it: aka releases -a ${app}`,
      });
      return { ...built, released: await untilReleased(api, { app, release }, waiting) };
    } finally {
      waiting.over();
    }
  }
}

/** The commit that was typed, whole if it is the one that is checked out: others report of it by that name. */
function wholeCommit(here: string | undefined, typed: string | undefined): string | undefined {
  return here !== undefined && typed !== undefined && isCommit(here, typed) ? here : typed;
}

/** The error of a build that came to nothing. */
function ended(build: Build): CommandError {
  return isRefused(build) ? buildRefused(build) : buildFailed(build);
}

function buildFailed(build: Build): CommandError {
  const name = buildName(build);
  return new CommandError({
    id: 'build_failed',
    message: `Build ${name} of ${build.app.name} failed: ${endedBy(build.reason)}`,
    hint: `All it printed: aka builds:output ${name} -a ${build.app.name}`,
    exit: EXIT.no,
  });
}
