import { join } from 'node:path';
import * as z from 'zod/mini';
import { AppsApiError } from '../contract/errors.js';
import { RuleError } from '../model/rule.js';
import { changeFile, objectIn } from './config-file.js';
import { type Keyring, KeyringError } from './keyring.js';
import { readSecretFile } from './private-files.js';

/** Where a token is kept. */
export type Place = 'keyring' | 'file';

/** What is noted of an address: its token, or that the keyring has it. What else is in the file stays there. */
const Tokens = z.looseObject({
  tokens: z.optional(
    z.record(
      z.string(),
      z.union([z.looseObject({ token: z.string() }), z.looseObject({ keyring: z.literal(true) })]),
    ),
  ),
});
type Tokens = z.infer<typeof Tokens>;

const MOST = 1024 * 1024;

/**
 * The tokens that were stored by logging in, by the address of the API that they are for: `host[:port][/base]`. They are in
 * the keyring of the system if there is one, otherwise in a file; the file says of all of them where they are, so that
 * nobody asks the keyring for what it hasn't got.
 */
export class TokenStore {
  readonly file: string;
  readonly #configDir: string;
  readonly #keyring: () => Keyring | undefined;

  constructor(configDir: string, keyring: () => Keyring | undefined) {
    this.file = join(configDir, 'tokens.json');
    this.#configDir = configDir;
    this.#keyring = keyring;
  }

  /** Where the token of an address is; undefined if there is none. Throws a {@link RuleError} if the file is loose or broken. */
  placeOf(address: string): Place | undefined {
    const entry = this.#entry(this.#read(), address);
    if (entry === undefined) return undefined;
    return 'token' in entry ? 'file' : 'keyring';
  }

  /**
   * The token of an address; undefined if there is none. Throws an AppsApiError (401) that says what to do if the keyring
   * doesn't give it.
   */
  async find(address: string): Promise<string | undefined> {
    const entry = this.#entry(this.#read(), address);
    if (entry === undefined) return undefined;
    if ('token' in entry) return String(entry.token);
    const keyring = this.#keyring();
    if (keyring === undefined) throw withheld(address, 'none is to be had here');
    const token = await keyring.find(address).catch((error: unknown) => {
      throw error instanceof KeyringError ? withheld(address, error.message) : error;
    });
    if (token === undefined) throw withheld(address, 'it is locked, or has it no more');
    return token;
  }

  /**
   * Keeps a token in place of any other for this address, and says where. `onTrouble` hears why a keyring that is there
   * could not be used.
   */
  async keep(address: string, token: string, onTrouble: (why: string) => void): Promise<Place> {
    // One that can't be read is not written over.
    const before = this.placeOf(address);
    const place = (await this.#intoKeyring(address, token, onTrouble)) ? 'keyring' : 'file';
    await this.#change((tokens) => ({
      ...tokens,
      [address]: place === 'file' ? { token } : { keyring: true },
    }));
    if (before === 'keyring' && place === 'file')
      await this.#keyring()
        ?.remove(address)
        .catch(() => false);
    return place;
  }

  /** Forgets the token of an address, and says where it was; `onTrouble` hears why the keyring still has it. */
  async forget(address: string, onTrouble: (why: string) => void): Promise<Place | undefined> {
    const place = this.placeOf(address);
    if (place === undefined) return undefined;
    if (place === 'keyring') {
      const keyring = this.#keyring();
      if (keyring === undefined) onTrouble('none is to be had here');
      else await keyring.remove(address).catch((error: unknown) => onTrouble(reasonOf(error)));
    }
    await this.#change((tokens) =>
      Object.fromEntries(Object.entries(tokens).filter(([key]) => key !== address)),
    );
    return place;
  }

  async #intoKeyring(address: string, token: string, onTrouble: (why: string) => void): Promise<boolean> {
    const keyring = this.#keyring();
    if (keyring === undefined) return false;
    try {
      await keyring.put(address, token);
      if ((await keyring.find(address)) === token) return true;
      onTrouble('it does not give back what was put into it');
    } catch (error) {
      const why = reasonOf(error);
      if (!(error instanceof KeyringError && error.isMissing)) onTrouble(why);
    }
    return false;
  }

  #entry({ tokens = {} }: Tokens, address: string): NonNullable<Tokens['tokens']>[string] | undefined {
    return Object.hasOwn(tokens, address) ? tokens[address] : undefined;
  }

  #read(): Tokens {
    const text = readSecretFile(this.file, MOST);
    if (text === undefined) return {};
    const parsed = Tokens.safeParse(parsedOrNothing(text));
    if (parsed.success) return parsed.data;
    throw new RuleError(
      'invalid_tokens',
      `${this.file} is not what aka keeps tokens in.`,
      'Take it away, and log in again: aka auth:login',
    );
  }

  #change(change: (tokens: NonNullable<Tokens['tokens']>) => NonNullable<Tokens['tokens']>): Promise<void> {
    return changeFile(
      this.#configDir,
      'tokens',
      () => this.#read(),
      ({ tokens = {}, ...others }) => ({ ...others, tokens: change(tokens) }),
    );
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return objectIn(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof KeyringError) return error.message;
  throw error;
}

function withheld(address: string, why: string): AppsApiError {
  return new AppsApiError({
    id: 'keyring_withholds',
    status: 401,
    message: `The token for ${address} is in the keyring of this system, which does not give it: ${why}.`,
    hint: 'Unlock the keyring; or log in again without it: AKA_KEYRING=off aka auth:login; or set AKA_TOKEN.',
  });
}
