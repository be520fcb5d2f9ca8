import { type ApiAddress, parseApiAddress } from '../client/api-address.js';
import { type Source, sourcesFor, tokenAddress, tokenStore } from '../client/credentials.js';
import type { HttpTarget } from '../client/target.js';
import type { TokenStore } from '../client/token-store.js';
import { AkaCommand } from './command.js';
import { targetOf } from './connect.js';
import { usage } from './failure.js';
import { foldersFor } from './folders.js';

/** A platform that wants to know who is asking. */
export interface Door {
  readonly target: HttpTarget;
  readonly address: ApiAddress & { readonly kind: 'http' };
  /** What its tokens are kept under, and named by to people. */
  readonly key: string;
}

/** A command that is about how a platform comes to know the user. */
export abstract class AuthCommand<Result> extends AkaCommand<Result> {
  /** The platform in use. Throws a CommandError if it is one that needs no login: this machine's, or behind a socket. */
  protected async door(): Promise<Door> {
    const door = await this.doorIfAny();
    if ('key' in door) return door;
    throw usage(
      `${door.needsNone} needs no login. (Chosen by: ${door.why}.)`,
      'For another platform: --platform NAME or --api URL. To list them: aka profiles',
      'no_login_needed',
    );
  }

  /** The platform in use or, if it needs no login, what to call it and why it is in use. */
  protected async doorIfAny(): Promise<Door | { readonly needsNone: string; readonly why: string }> {
    const target = await targetOf(this.flags, this.env);
    const { why } = target;
    if (target.kind === 'embedded') return { needsNone: 'The platform on this machine', why };
    const address = parseApiAddress(target.url);
    if (address.kind === 'unix') return { needsNone: `The platform at ${target.name}`, why };
    return { target, address, key: tokenAddress(address) };
  }

  /** What supplies tokens for it, first what counts. */
  protected sources({ address }: Door, options?: { readonly all: boolean }): Source[] {
    return sourcesFor(address, this.#surroundings, options);
  }

  protected get store(): TokenStore {
    return tokenStore(this.#surroundings);
  }

  get #surroundings(): { env: NodeJS.ProcessEnv; configDir: string } {
    return { env: this.env, configDir: foldersFor(this.env).configDir };
  }
}
