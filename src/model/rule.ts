/**
 * What a rule of spaces answers to input that can never be right. It names the rule (`id`), what is wrong with which
 * value (`message`) and the way out (`hint`). The API answers it with 422, the CLI with exit 2.
 */
export class RuleError extends Error {
  override readonly name: string = 'RuleError';

  constructor(
    readonly id: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Input that is well formed, and that a policy refuses. The API answers it with 409, the CLI with exit 5. */
export class Refusal extends RuleError {
  override readonly name = 'Refusal';
}

/**
 * Shows a value of unknown origin inside a message: quoted, control characters escaped, cut to `limit` characters.
 * What is not cut is the value as JSON.
 */
export function quote(value: string, limit = 80): string {
  const kept = value.length > limit ? `${value.slice(0, limit)}...` : value;
  return printable(JSON.stringify(kept));
}

/** Like {@link quote} without the quotes, for what is most often a plain name. */
export function shown(value: string, limit = 80): string {
  return quote(value, limit).slice(1, -1);
}

/**
 * Escapes what could move a terminal's cursor or reorder its text: control characters (C0, C1, DEL) except line
 * feed and tab, bidirectional overrides, line separators and lone surrogates.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
