import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { argument } from '../../src/cli/flags.js';
import type { Output } from '../../src/cli/output.js';
import { ProfileCommand } from '../../src/cli/profile-command.js';
import { type Profile, profileFacts } from '../../src/cli/profile-view.js';
import { parseApiAddress } from '../../src/client/api-address.js';
import { parseAuthHost } from '../../src/client/auth-address.js';
import { readCertificates } from '../../src/client/certificates.js';
import { addProfile } from '../../src/client/profiles.js';
import { withScheme } from '../../src/client/target.js';
import { given } from '../../src/model/given.js';
import { parseProfileName } from '../../src/model/profile-names.js';

export default class ProfilesAdd extends ProfileCommand<Profile> {
  static override summary = 'add a profile for a platform';
  static override description =
    'The first profile becomes current at once. To use another one: profiles:use NAME or --platform NAME. For a private certificate authority, use --ca with a PEM file.';
  static override examples = [
    '<%= config.bin %> profiles:add work --api apps.example.com --auth auth.example.com',
    '<%= config.bin %> profiles:add test --api http://127.0.0.1:5000',
    '<%= config.bin %> profiles:add work --api apps.example.com --auth sso.example.com --replace',
  ];
  static override args = { name: argument.required('name of the profile') };
  static override flags = {
    api: Flags.string({
      description: 'Apps API: a host, an http(s) URL, or unix:PATH for a socket',
      helpValue: 'HOST',
      required: true,
    }),
    auth: Flags.string({
      description: 'host that issues tokens for passwords (default none: log in with a token)',
      helpValue: 'HOST',
    }),
    ca: Flags.string({
      description: 'PEM file of additional trusted certificates',
      helpValue: 'FILE',
    }),
    replace: Flags.boolean({ description: 'replace a profile with the same name' }),
  };

  async run(): Promise<Profile> {
    const { args, flags } = await this.parse(ProfilesAdd);
    const name = parseProfileName(args.name);
    const api = withScheme(flags.api);
    parseApiAddress(api);
    if (flags.auth !== undefined) parseAuthHost(flags.auth);
    const ca = flags.ca === undefined ? undefined : resolve(flags.ca);
    if (ca !== undefined) readCertificates(ca);
    const profile = { api, ...given({ auth: flags.auth, ca }) };
    await addProfile(this.configDir, name, profile, { replace: flags.replace });
    return this.profile(name);
  }

  /** Here `--api` is that of the profile, not of a platform to use. */
  protected override get flags(): { readonly debug?: boolean | undefined } {
    const { debug } = super.flags;
    return { debug };
  }

  protected render(profile: Profile, out: Output): void {
    out.facts(profileFacts(profile));
    const { name, in_use: isUsed, token } = profile;
    if (!isUsed) this.hint(`To use it: aka profiles:use ${name}`);
    if (token === null) this.hint(`To log in: aka auth:login${isUsed ? '' : ` --platform ${name}`}`);
  }
}
