import { AuthCommand } from '../../src/cli/auth-command.js';
import type { Output } from '../../src/cli/output.js';
import { homely, placeOf, type TokenPlace } from '../../src/cli/profile-view.js';

interface LoggedOut {
  /** Null for one that needs no login. */
  readonly platform: string | null;
  /** Where the token was removed from; null if none was stored. */
  readonly removed: TokenPlace | null;
  /** What supplies a token for the platform all the same. */
  readonly left: readonly TokenPlace[];
}

export default class AuthLogout extends AuthCommand<LoggedOut> {
  static override summary = 'remove the stored token of a platform';
  static override description =
    'Removes it from the keyring or the file. If a variable or ~/.netrc also supplies a token, prints a warning and keeps that one.';
  static override examples = [
    '<%= config.bin %> auth:logout',
    '<%= config.bin %> auth:logout --platform work',
  ];
  static override hiddenAliases = ['logout'];

  #needsNone: string | undefined;

  async run(): Promise<LoggedOut> {
    await this.parse(AuthLogout);
    const door = await this.doorIfAny();
    if ('needsNone' in door) {
      this.#needsNone = door.needsNone;
      return { platform: null, removed: null, left: [] };
    }
    const place = await this.store.forget(door.key, (why) =>
      this.caution(`The keyring of this system may still have the token of ${door.key}: ${why}.`),
    );
    const removed =
      place === undefined
        ? null
        : { from: place, in: place === 'file' ? this.store.file : 'the keyring of this system' };
    const left = this.sources(door, { all: true }).map(placeOf);
    for (const { from, in: at } of left) {
      this.caution(
        `${at} still has a token for ${door.key}: ${from === 'netrc' ? 'take its entry out of the file' : 'unset it'}.`,
      );
    }
    return { platform: door.target.name, removed, left };
  }

  protected render({ platform, removed, left }: LoggedOut, out: Output): void {
    if (platform === null) return out.line(`${this.#needsNone} needs no login: there is no token to remove.`);
    out.facts([
      ['Platform', platform],
      ['Removed from', removed === null ? 'nowhere: no token was stored' : homely(removed.in)],
      ['Left in', left.length === 0 ? 'nowhere' : left.map((each) => homely(each.in))],
    ]);
  }
}
