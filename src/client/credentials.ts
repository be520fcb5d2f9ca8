import { userInfo } from 'node:os';
import { join } from 'node:path';
import { homeFolder } from '../model/home-folder.js';
import { RuleError } from '../model/rule.js';
import type { ApiAddress } from './api-address.js';
import { systemKeyring } from './keyring.js';
import { netrcPassword } from './netrc.js';
import { readSmallFile, refuseSharedFile } from './private-files.js';
import { type Place, TokenStore } from './token-store.js';

/** What proves to a server who is asking. It can't be printed by accident: only the header shows it. */
export class Credentials {
  readonly #header: string;

  private constructor(header: string) {
    this.#header = header;
  }

  static bearer(token: string): Credentials {
    return new Credentials(`Bearer ${token}`);
  }

  /** A whole Authorization header, for servers that want another scheme or none. */
  static header(header: string): Credentials {
    return new Credentials(header);
  }

  /** The value of the Authorization header. */
  authorization(): string {
    return this.#header;
  }

  /** The bearer token in it; undefined if it is of another scheme. It is to be printed only where it is asked for. */
  get token(): string | undefined {
    return /^Bearer +(\S+)$/i.exec(this.#header)?.[1];
  }

  /** Takes the secret out of text that may repeat it. */
  conceal(text: string): string {
    const words = this.#header.split(' ').filter((word) => !/^(?:bearer|basic)?$/i.test(word));
    return words.reduce((concealed, word) => concealed.replaceAll(word, '[redacted]'), text);
  }
}

/** The variables that credentials may be in; the first that is set counts. */
const VARIABLES = ['AKA_TOKEN', 'API_AUTH', 'API_TOKEN'] as const;

/** The longest token that fits into the head of a request. */
const LONGEST = 8192;
const NETRC_MOST = 1024 * 1024;

type Env = Readonly<Record<string, string | undefined>>;

/** Whether this could be a token: it can be sent, and is not endless. */
export function isToken(text: string): boolean {
  return /^[!-~]+$/.test(text) && text.length <= LONGEST;
}

/**
 * The credentials in the environment: AKA_TOKEN, else API_AUTH (a whole Authorization header), else API_TOKEN.
 * Throws a {@link RuleError} that names the variable, never its value, if it can't be sent.
 */
export function credentialsFrom(env: Env): Credentials | undefined {
  const variable = variableIn(env);
  if (variable === undefined) return undefined;
  const value = env[variable] ?? '';
  const isHeader = variable === 'API_AUTH';
  if (!(isHeader ? /^[!-~](?:[ -~]*[!-~])?$/ : /^[!-~]+$/).test(value)) {
    throw new RuleError(
      'invalid_credentials',
      `${variable} is set but ${value.trim() === '' ? 'empty' : 'holds characters that no token has'}.`,
      `Set ${variable} to a token, or unset it.`,
    );
  }
  return isHeader ? Credentials.header(value) : Credentials.bearer(value);
}

/** The variable that supplies credentials, whatever is in it. */
export function variableIn(env: Env): (typeof VARIABLES)[number] | undefined {
  return VARIABLES.find((each) => env[each] !== undefined);
}

/** Something that supplies credentials for an API. */
export interface Source {
  /** What it is, for programs. */
  readonly from: 'environment' | Place | 'netrc';
  /** The variable or file it is, or the keyring, for people. */
  readonly named: string;
  /** The credentials themselves. Throws if they can't be had, without showing anything of them. */
  readonly read: () => Promise<Credentials>;
}

/** Where the credentials of a user are looked for. */
export interface Surroundings {
  readonly env: Env;
  readonly configDir: string;
}

/** The tokens that are stored for the user. */
export function tokenStore({ env, configDir }: Surroundings): TokenStore {
  return new TokenStore(configDir, () => systemKeyring(env));
}

/** What tokens for an API are kept under: its host, with the port and the path if it has any. */
export function tokenAddress({ origin, base }: ApiAddress & { kind: 'http' }): string {
  const { protocol, host, port } = new URL(origin);
  // What is for a service on this machine that speaks http is not for the https one beside it.
  return `${host}${protocol === 'http:' && port === '' ? ':80' : ''}${base}`;
}

/**
 * What supplies credentials for an API, first what counts: the environment; what logging in stored, in the keyring or in a
 * file; the .netrc file that the older aka keeps its tokens in. The keyring is not asked before {@link Source.read}.
 *
 * Throws a {@link RuleError} for a file that would have supplied some, and that others can read. Those behind what counts
 * are not looked at unless `all` are asked for, which names such a file as well; it is refused when it is read.
 */
export function sourcesFor(address: ApiAddress, surroundings: Surroundings, { all = false } = {}): Source[] {
  // Nobody but this user can be behind a unix socket of theirs: no token is needed there.
  if (address.kind === 'unix') return [];
  const found: Source[] = [];
  for (const look of [inEnvironment, inStore, inNetrc]) {
    const source = look(address, surroundings, all);
    if (source !== undefined) found.push(source);
    if (source !== undefined && !all) break;
  }
  return found;
}

/** The credentials for an API, from the first that supplies some; see {@link sourcesFor}. */
export async function credentialsAt(
  address: ApiAddress,
  surroundings: Surroundings,
): Promise<Credentials | undefined> {
  return sourcesFor(address, surroundings)[0]?.read();
}

type Reached = ApiAddress & { kind: 'http' };

function inEnvironment(_: Reached, { env }: Surroundings): Source | undefined {
  const variable = variableIn(env);
  if (variable === undefined) return undefined;
  // That it is set is known.
  return { from: 'environment', named: variable, read: async () => credentialsFrom(env) as Credentials };
}

function inStore(address: Reached, surroundings: Surroundings): Source | undefined {
  const store = tokenStore(surroundings);
  const key = tokenAddress(address);
  const place = store.placeOf(key);
  if (place === undefined) return undefined;
  const named = place === 'file' ? store.file : 'the keyring of this system';
  return { from: place, named, read: async () => bearer((await store.find(key)) ?? '', named) };
}

function inNetrc({ origin }: Reached, { env }: Surroundings, named: boolean): Source | undefined {
  const file = join(
    homeFolder(env, () => userInfo().homedir),
    '.netrc',
  );
  const text = readSmallFile(file, NETRC_MOST);
  if (text === undefined) return undefined;
  const { host, hostname } = new URL(origin);
  const password = netrcPassword(text, [host, hostname]);
  if (password === undefined) return undefined;
  // Others may read what has nothing in it for here, and it can be named whoever may.
  if (!named) refuseSharedFile(file);
  const read = async (): Promise<Credentials> => {
    refuseSharedFile(file);
    return bearer(password, file);
  };
  return { from: 'netrc', named: file, read };
}

/** A token as it was stored. Throws a {@link RuleError} that names where if it can't be one. */
function bearer(token: string, where: string): Credentials {
  if (isToken(token)) return Credentials.bearer(token);
  throw new RuleError(
    'invalid_credentials',
    `What ${where} has as the token holds characters that no token has, or too many.`,
    'Log in again: aka auth:login',
  );
}
