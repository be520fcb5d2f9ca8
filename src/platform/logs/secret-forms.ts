/** Shorter ones are found everywhere: hiding them would hide more of the log than of the secret. In characters. */
export const SECRET_MIN = 6;

/** Of longer ones only the text itself is looked for: what is encoded of a file is hardly printed. In characters. */
const ENCODED_MAX = 4096;
/** Of longer ones only {@link COMMON} encodings are looked for. In characters. */
const RARE_MAX = 512;

/** How programs encode a text that they print. Each returns every way in which that is usual. */
const ENCODINGS: Readonly<Record<string, (secret: string) => readonly string[]>> = {
  /** RFC 3986, also with letters in lower case. What stays as it is differs from language to language. */
  percent: (secret) =>
    [
      /[\w.~!*'()-]/, // encodeURIComponent
      /[\w.~!*'();/?:@&=+$,#-]/, // encodeURI
      /[\w.~-]/, // RFC 3986, Python's quote with safe='', Go
      /[\w.~/-]/, // Python's quote
      /[\w.~!*()-]/, // the query of a URL (WHATWG)
      /[\w.*-]/, // forms: URLSearchParams, Java
      /[\w.-]/, // PHP's urlencode
    ].flatMap((plain) => {
      const text = percentEncoded(secret, plain);
      const lower = text.replace(/%../g, (code) => code.toLowerCase());
      return [text, lower].flatMap((each) => [each, each.replaceAll('%20', '+')]);
    }),
  /** A password from a URL is decoded by the program that logs in with it. */
  decoded: (secret) => {
    try {
      return [decodeURIComponent(secret)];
    } catch {
      return [];
    }
  },
  /** Also in ASCII only (Python), with slashes escaped (PHP), and JSON within JSON. */
  json: (secret) => {
    const once = inJson(secret);
    return [once, inAscii(once), upperEscapes(once)]
      .flatMap((text) => [text, text.replaceAll('/', '\\/')])
      .flatMap((text) => [text, inJson(text)]);
  },
  hex: (secret) => {
    const text = Buffer.from(secret).toString('hex');
    return [text, text.toUpperCase()];
  },
  /** What stands for an apostrophe differs: Python, JavaScript and Go, PHP, XML. */
  html: (secret) =>
    ['&#x27;', '&#39;', '&#039;', '&apos;', "'"].flatMap((apostrophe) =>
      ['&quot;', '&#34;', '"'].map((quote) =>
        secret
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('"', quote)
          .replaceAll("'", apostrophe),
      ),
    ),
  /** Within single quotes (also Python's shlex), within double quotes, and with a backslash before what is special. */
  shell: (secret) => [
    secret.replaceAll("'", String.raw`'\''`),
    secret.replaceAll("'", `'"'"'`),
    secret.replace(/["$`\\]/g, String.raw`\$&`),
    secret.replace(/[^\w@%+=:,./-]/g, String.raw`\$&`),
    secret.replace(/[\\']/g, String.raw`\$&`).replaceAll('\n', '\\n').replaceAll('\t', '\\t'),
  ],
  base64: (secret) => {
    const texts = inBase64(secret);
    return [...texts, ...texts.flatMap(soonBroken), ...linesOf(texts)].flatMap((text) => [
      text,
      text.replaceAll('+', '-').replaceAll('/', '_'),
    ]);
  },
};

/** What nearly every program prints: a fraction of all forms of a secret with many special characters. */
const COMMON: typeof ENCODINGS = {
  percent: (secret) => {
    try {
      return [encodeURIComponent(secret)];
    } catch {
      return [];
    }
  },
  decoded: ENCODINGS['decoded'] ?? (() => []),
  json: (secret) => [inJson(secret)],
  base64: ENCODINGS['base64'] ?? (() => []),
};

/**
 * Returns a secret as programs print it: as it is, its lines apart (also where they are written as `\n`), and as each of
 * the {@link ENCODINGS} has it, or with `isWide` false only as the common ones do. What is too short to be told from other
 * text is left out.
 */
export function formsOf(secret: string, isWide = secret.length <= RARE_MAX): string[] {
  const lines = secret.split(/[\r\n]+|\\[rn]/);
  const isEncoded = secret.length >= SECRET_MIN && secret.length <= ENCODED_MAX;
  const encoded = !isEncoded
    ? []
    : Object.values(isWide ? ENCODINGS : COMMON).flatMap((formsIn) => formsIn(secret));
  return [...new Set([secret, ...lines, ...encoded])].filter((form) => form.length >= SECRET_MIN);
}

function percentEncoded(text: string, plain: RegExp): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return byte < 128 && plain.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, escaped);
}

/** The same with the digits of escapes in capitals. */
function upperEscapes(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (character) => `\\u${escaped(character).slice(2).toUpperCase()}`);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The forms that a program may break into lines anywhere. */
export function breakableFormsOf(secret: string): string[] {
  return secret.length >= SECRET_MIN && secret.length <= ENCODED_MAX ? inBase64(secret) : [];
}

/**
 * The characters that stand for the secret alone, wherever it stands within what is encoded: after 3n, 3n+1 and 3n+2
 * bytes.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((before) => {
    const to = Math.floor((8 * (before + bytes.length)) / 6);
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return text.slice(Math.ceil((8 * before) / 6), to);
  });
}

/**
 * What to look for where a line ends within the first characters of a form, so few that they tell nothing: the rest, or
 * if that were as short, both.
 */
function soonBroken(text: string): string[] {
  const heads = Array.from({ length: SECRET_MIN - 1 }, (_, index) => index + 1);
  return text.length >= 2 * SECRET_MIN - 1
    ? [text.slice(SECRET_MIN - 1)]
    : heads.map((head) => `${text.slice(0, head)}\n${text.slice(head)}`);
}

/** The lines that programs wrap the first of these forms into, for one that is printed alone. */
function linesOf([text = '']: readonly string[]): string[] {
  return [...wrapped(text, 76), ...wrapped(text, 64)];
}

/** The lines of MIME (76 characters) and PEM (64). */
function wrapped(text: string, width: number): string[] {
  return text.length <= width ? [] : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
}
