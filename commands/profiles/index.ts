import type { Output } from '../../src/cli/output.js';
import { ProfileCommand } from '../../src/cli/profile-command.js';
import { PROFILE_COLUMNS, type Profile, profileRow } from '../../src/cli/profile-view.js';

export default class Profiles extends ProfileCommand<Profile[]> {
  static override summary = 'list the platforms that commands can be for';
  static override description =
    'Those that have a name, those that the environment or a file of the older aka names by their address, and the one on this machine; where the token for each is, which one is in use, and why. For one command: --platform NAME.';
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
