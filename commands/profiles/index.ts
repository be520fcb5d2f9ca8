import type { Output } from '../../src/cli/output.js';
import { ProfileCommand } from '../../src/cli/profile-command.js';
import { PROFILE_COLUMNS, type Profile, profileRow } from '../../src/cli/profile-view.js';

export default class Profiles extends ProfileCommand<Profile[]> {
  static override summary = 'list platforms';
  static override description =
    `Lists profiles, platforms from variables or from files of the older aka, and the local platform. Shows the current platform, the reason, and the source of each token.

To use another one for one command: --platform NAME`;
  static override examples = ['<%= config.bin %> profiles', '<%= config.bin %> profiles --json'];
  static override hiddenAliases = ['auth:profile'];

  async run(): Promise<Profile[]> {
    await this.parse(Profiles);
    return this.listed(await this.overview());
  }

  protected render(profiles: Profile[], out: Output): void {
    out.table(
      PROFILE_COLUMNS,
      profiles.map((profile) => profileRow(out, profile)),
    );
  }
}
