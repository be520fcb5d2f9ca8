import { type Overview, overview } from '../client/profiles.js';
import { surroundingsOf } from '../client/target.js';
import { AkaCommand } from './command.js';
import { foldersFor } from './folders.js';
import { type Profile, profileOf } from './profile-view.js';

/** A command that is about the profiles of the user, whatever platform is in use. */
export abstract class ProfileCommand<Result> extends AkaCommand<Result> {
  protected get configDir(): string {
    return foldersFor(this.env).configDir;
  }

  /** Every platform there is to choose from. */
  protected overview(): Promise<Overview> {
    return overview(surroundingsOf({ flags: this.flags, env: this.env, configDir: this.configDir }));
  }

  /** Those platforms, as they are listed. Warns of what keeps one from being used. */
  protected listed({ platforms, used, trouble }: Overview): Profile[] {
    const troubles = new Map<string, Error>();
    const hear = (error: Error): void => {
      troubles.set(error.message, error);
    };
    const profiles = platforms.map((each) => profileOf(each, each === used, this.env, hear));
    if (trouble !== undefined) hear(trouble);
    for (const error of troubles.values()) {
      this.caution('hint' in error ? `${error.message} ${String(error.hint)}` : error.message);
    }
    return profiles;
  }

  /** The profile of that name, as it is listed. */
  protected async profile(name: string): Promise<Profile> {
    const found = this.listed(await this.overview()).find((each) => each.name === name);
    if (found === undefined) throw new Error(`${name} is no profile`);
    return found;
  }

  /** Warns of what goes before the settings. */
  protected warnOfOthers(): void {
    const { api, platform } = this.flags;
    const flag = api === undefined ? (platform === undefined ? undefined : '--platform') : '--api';
    const before = flag ?? ['AKA_API', 'AKKERIS_PLATFORM', 'AKKERIS_API_HOST'].find((name) => this.env[name]);
    if (before !== undefined) this.caution(`${before} names another platform, which goes before it.`);
  }
}
