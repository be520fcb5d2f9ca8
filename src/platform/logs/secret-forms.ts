/** Shorter ones are found everywhere: hiding them would hide more of the log than of the secret. In characters. */
export const SECRET_MIN = 6;

/** Of longer ones only the text itself is looked for: what is encoded of a file is hardly printed. In characters. */
const ENCODED_MAX = 4096;

/**
 * A secret as programs print it: as it is, its lines apart (also where they are written as `\n`), and as it is in JSON,
 * in a URL and in base64. What is too short to be told from other text is left out.
 */
export function formsOf(secret: string): string[] {
  const lines = secret.split(/[\r\n]+|\\[rn]/);
  const encoded = secret.length > ENCODED_MAX ? [] : [...inUrls(secret), ...inBase64(secret), inJson(secret)];
  return [...new Set([secret, ...lines, ...encoded])].filter((form) => form.length >= SECRET_MIN);
}

function inJson(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}

/** Percent-encoded, and what a password from a URL is to the program that logs in with it. */
function inUrls(secret: string): string[] {
  return [encodeURIComponent, decodeURIComponent].flatMap((turn) => {
    try {
      return [turn(secret)];
    } catch {
      return [];
    }
  });
}

/** The characters that stand for the secret alone, wherever it stands within what is encoded: after 3n, 3n+1, 3n+2 bytes. */
function inBase64(secret: string): string[] {
  if (secret.length < SECRET_MIN) return [];
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const bits = 8 * (before + bytes.length);
    const [from, to] = [Math.ceil((8 * before) / 6), Math.floor(bits / 6)];
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(from, to);
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
