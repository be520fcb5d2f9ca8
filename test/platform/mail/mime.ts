/** A part of a mail, decoded. */
export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers of a mail, by their names in lower case, and its parts that are not made of parts. */
export function readMail(source: string): { headers: Readonly<Record<string, string>>; parts: Part[] } {
  const [head, body] = halvesOf(source);
  return { headers: headersIn(head), parts: partsOf(source.length > 0 ? headersIn(head) : {}, body) };
}

/** The body of the part of a type. Throws if there is none. */
export function bodyOf({ parts }: { parts: readonly Part[] }, type: string): string {
  const part = parts.find(({ headers }) => headers['content-type']?.startsWith(type));
  if (part === undefined) throw new Error(`There is no ${type} in it.`);
  return part.body;
}

function partsOf(headers: Readonly<Record<string, string>>, body: string): Part[] {
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return [{ headers, body: decoded(headers, body) }];
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .flatMap((part) => {
      const [head, rest] = halvesOf(part.replace(/^\r?\n/, ''));
      return partsOf(headersIn(head), rest);
    });
}

function halvesOf(text: string): [head: string, body: string] {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return [head, rest.join('\r\n\r\n')];
}

function headersIn(head: string): Record<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function decoded(headers: Readonly<Record<string, string>>, body: string): string {
  switch (headers['content-transfer-encoding']) {
    case 'base64':
      return Buffer.from(body, 'base64').toString();
    case 'quoted-printable': {
      const bytes = body
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      return Buffer.from(bytes, 'latin1').toString();
    }
    default:
      return body.replace(/\r\n/g, '\n');
  }
}
