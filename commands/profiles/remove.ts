import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { ProfileCommand } from '../../src/cli/profile-command.js';
import type { Profile } from '../../src/cli/profile-view.js';
import { removeProfile } from '../../src/client/profiles.js';

interface Removed {
  readonly name: string;
  readonly api: string;
  /** What commands use from now on; null if that has to be chosen. */
  readonly in_use: Profile | null;
}

export default class ProfilesRemove extends ProfileCommand<Removed> {
  static override summary = 'remove a profile';
  static override description =
    'Keeps the platform and its stored token. If the profile was current, choose another one.';
  static override examples = ['<%= config.bin %> profiles:remove work'];
  static override args = { profile: argument.required('name of the profile') };

  async run(): Promise<Removed> {
    const { args } = await this.parse(ProfilesRemove);
    const { api } = await removeProfile(this.configDir, args.profile);
    const profiles = this.listed(await this.overview());
    return { name: args.profile, api, in_use: profiles.find(({ in_use }) => in_use) ?? null };
  }

  protected render({ name, in_use }: Removed, out: Output): void {
    out.facts([
      ['Removed', name],
      ['In use now', in_use === null ? 'none' : `${in_use.name ?? in_use.api} (${in_use.why})`],
    ]);
  }
}
