import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { ProfileCommand } from '../../src/cli/profile-command.js';
import { type Profile, profileFacts } from '../../src/cli/profile-view.js';
import { useProfile } from '../../src/client/profiles.js';

export default class ProfilesUse extends ProfileCommand<Profile> {
  static override summary = 'set the current platform';
  static override description = 'Flags and variables take precedence. `embedded` is the local platform.';
  static override examples = [
    '<%= config.bin %> profiles:use work',
    '<%= config.bin %> profiles:use embedded',
  ];
  static override args = { profile: argument.required('name of a profile, or embedded') };

  async run(): Promise<Profile> {
    const { args } = await this.parse(ProfilesUse);
    await useProfile(this.configDir, args.profile);
    const used = await this.profile(args.profile);
    if (!used.in_use) this.warnOfOthers();
    return used;
  }

  protected render(profile: Profile, out: Output): void {
    out.facts(profileFacts(profile));
  }
}
