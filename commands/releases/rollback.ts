import { Flags } from '@oclif/core';
import { releaseFacts } from '../../src/cli/build-view.js';
import { AkaCommand } from '../../src/cli/command.js';
import { untilReleased } from '../../src/cli/dynos-up.js';
import { lastGoodRelease } from '../../src/cli/earlier-release.js';
import { appFlag, appNamed, argument } from '../../src/cli/flags.js';
import { checkRuns } from '../../src/cli/needs-running.js';
import type { Output } from '../../src/cli/output.js';
import { secondsOf, Waiting, waitFlag, withSeconds } from '../../src/cli/waiting.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import type { Release } from '../../src/contract/wire.js';
import { given } from '../../src/model/given.js';

export default class ReleasesRollback extends AkaCommand<Release> {
  static override summary = 'roll back to an earlier release';
  static override description =
    'Creates a new release of the earlier slug with the current config vars. The old dynos run until the new ones are up.';
  static override examples = [
    '<%= config.bin %> releases:rollback -a web-demo',
    '<%= config.bin %> releases:rollback v2 -a web-demo',
    '<%= config.bin %> releases:rollback v2 -a web-demo --wait',
  ];
  static override args = {
    release: argument.optional(
      'version of the release, as v3 or 3 (default the last successful release with another slug)',
    ),
  };
  static override flags = {
    app: appFlag,
    description: Flags.string({ char: 'd', description: 'reason for the rollback', helpValue: 'TEXT' }),
    wait: waitFlag,
  };

  async run(): Promise<Release> {
    const { args, flags } = await this.parse(ReleasesRollback, withSeconds(this.argv));
    const app = appNamed(flags.app);
    const seconds = secondsOf(flags.wait);
    const api = await this.api();
    if (flags.wait !== undefined) await checkRuns(api, 'nothing would release it', ', or leave out --wait');
    const { description } = flags;
    const version = args.release ?? (await this.#lastGood(api, app));
    const release = await api.releases.create({ app, release: version, ...given({ description }) });
    if (flags.wait === undefined) return release;
    const made = `v${release.version}`;
    const waiting = new Waiting(seconds, {
      says: `Release ${made} of ${release.app.name} goes on.`,
      hint: `See what becomes of it: aka releases:info ${made} -a ${release.app.name}`,
    });
    try {
      return await untilReleased(api, { app: release.app.name, release: release.id }, waiting);
    } finally {
      waiting.over();
    }
  }

  async #lastGood(api: AppsApi, app: string): Promise<string> {
    const { version } = await lastGoodRelease(api, app);
    this.progress(`Rolling back to v${version}, the last good release`);
    return `v${version}`;
  }

  protected render(release: Release, out: Output): void {
    out.note(`${release.description}, as a new release:`);
    out.facts(releaseFacts(release, out.style));
    if (release.status === 'pending' || release.status === 'queued')
      this.hint(
        `See what becomes of it: aka releases:info v${release.version} -a ${release.app.name}; or --wait for it`,
      );
  }
}
