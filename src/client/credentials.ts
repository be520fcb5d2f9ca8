import { RuleError } from '../model/rule.js';

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

  /** Takes the secret out of text that may repeat it. */
  conceal(text: string): string {
    const words = this.#header.split(' ').filter((word) => !/^(?:bearer|basic)?$/i.test(word));
    return words.reduce((concealed, word) => concealed.replaceAll(word, '[redacted]'), text);
  }
}

/**
 * The credentials in the environment: AKA_TOKEN, else API_AUTH (a whole Authorization header), else API_TOKEN.
 * Throws a {@link RuleError} that names the variable, never its value, if it can't be sent.
 */
export function credentialsFrom(env: Readonly<Record<string, string | undefined>>): Credentials | undefined {
  const variable = (['AKA_TOKEN', 'API_AUTH', 'API_TOKEN'] as const).find((each) => env[each] !== undefined);
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
