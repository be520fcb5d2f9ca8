import { Flags } from '@oclif/core';
import { accountFacts, type WhoAmI, whoIs } from '../../src/cli/account-view.js';
import { AuthCommand, type Door } from '../../src/cli/auth-command.js';
import { CommandError, usage } from '../../src/cli/failure.js';
import type { Output } from '../../src/cli/output.js';
import { ask, canAsk } from '../../src/cli/prompts.js';
import { tokenGiven } from '../../src/cli/token-given.js';
import { parseAuthHost } from '../../src/client/auth-address.js';
import { Credentials, variableIn } from '../../src/client/credentials.js';
import { proxiesIn } from '../../src/client/surroundings.js';
import { AppsApiError } from '../../src/contract/errors.js';
import type { Account } from '../../src/contract/wire.js';

export default class AuthLogin extends AuthCommand<WhoAmI> {
  static override summary = 'log in to a platform';
  static override description =
    `Prompts for a password, and for a one-time code if the platform requires one. Without a terminal, use --token-file.

Verifies the token. Stores it in the system keyring, or else in a file that only you can read. AKA_KEYRING=off always uses the file.`;
  static override examples = [
    '<%= config.bin %> auth:login',
    '<%= config.bin %> auth:login --platform work --user olga@example.com',
    'pass show aka | <%= config.bin %> auth:login --token-file -',
  ];
  static override hiddenAliases = ['login'];
  static override flags = {
    user: Flags.string({
      char: 'u',
      aliases: ['username'],
      description: 'user name; prompts for it if missing',
      helpValue: 'NAME',
      exclusive: ['token-file'],
    }),
    'token-file': Flags.string({
      description: 'file with a token to use instead of a password; - is standard input',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<WhoAmI> {
    const { flags } = await this.parse(AuthLogin);
    const door = await this.door();
    const file = flags['token-file'];
    const token = file === undefined ? await this.#askForToken(door, flags.user) : await tokenGiven(file);
    const account = await this.#try(door, token);
    const place = await this.store.keep(door.key, token, (why) =>
      this.caution(`The keyring of this system can't be used, so the token is kept in a file: ${why}.`),
    );
    const variable = variableIn(this.env);
    if (variable !== undefined) this.caution(`${variable} is set, and goes before what was stored now.`);
    const named = place === 'file' ? this.store.file : 'the keyring of this system';
    return whoIs(account, door.target, { from: place, in: named });
  }

  protected render(who: WhoAmI, out: Output): void {
    out.facts(accountFacts(who));
  }

  /** Who has the token, according to the platform. Throws if it refuses it. */
  async #try({ target, address }: Door, token: string): Promise<Account> {
    const { httpApi } = await import('../../src/client/http-api.js');
    const api = httpApi(
      { ...target, credentials: Credentials.bearer(token) },
      { onWarning: (message) => this.caution(message), env: this.env },
    );
    try {
      return await api.account.get();
    } catch (error) {
      if (!(error instanceof AppsApiError) || (error.status !== 401 && error.status !== 403)) throw error;
      throw new CommandError({
        id: 'token_refused',
        message: `${address.shown} refuses this token, so it was not stored.`,
        hint:
          error.status === 403 ? error.message : "It may be another platform's, or be revoked: aka profiles",
        exit: 3,
      });
    } finally {
      await api.close();
    }
  }

  async #askForToken({ target, address }: Door, user: string | undefined): Promise<string> {
    if (target.auth === undefined) {
      throw usage(
        `No auth host is known for ${address.shown}, so a password can't be exchanged for a token.`,
        'Name its auth host, with aka profiles:add --replace or AKKERIS_AUTH_HOST; or log in with a token instead: --token-file FILE',
        'no_auth_host',
      );
    }
    const host = parseAuthHost(target.auth);
    if (!canAsk()) {
      throw usage(
        'A password is asked for at a terminal, and this is none.',
        'Log in with a token instead, where - is standard input: aka auth:login --token-file FILE',
        'no_terminal',
      );
    }
    const { requestToken } = await import('../../src/client/auth-host.js');
    const { acceptedCertificates } = await import('../../src/client/certificates.js');
    const way = {
      ca: target.ca === undefined ? undefined : acceptedCertificates(target.ca),
      proxies: proxiesIn(this.env),
    };
    this.progress(`Logging in to ${target.name} at ${host.host}`);
    const login = { user: user ?? (await askFor('User name:')), password: await askUnseen('Password:') };
    // HTTP ends the name there.
    if (login.user.includes(':')) throw usage('A user name has no colon in it.');
    const first = await requestToken(host, login, way);
    if ('token' in first) return first.token;
    const value = (await askUnseen('One-time code:')).trim();
    const second = await requestToken(host, { ...login, code: { header: first.wants, value } }, way);
    if ('token' in second) return second.token;
    throw new Error('a code is wanted again');
  }
}

async function askFor(message: string): Promise<string> {
  return told(
    (await ask((prompt) => prompt<{ value: string }>([{ type: 'input', name: 'value', message }]))).value,
  );
}

async function askUnseen(message: string): Promise<string> {
  return told(
    (await ask((prompt) => prompt<{ value: string }>([{ type: 'password', name: 'value', message }]))).value,
  );
}

function told(value: string): string {
  if (value.trim() !== '') return value;
  throw usage('Nothing was typed. Nobody is logged in.');
}
