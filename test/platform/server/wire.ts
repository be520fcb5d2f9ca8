import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** An answer, read from the bytes that came. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A connection on which anything can be written. */
export interface Wire {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** All that came when the server has closed the connection. */
  ended(): Promise<string>;
}

export function dial(where: NetConnectOpts): Wire {
  const socket = connect(where);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A server that refuses may close while more is written: what came before counts.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    socket,
    write: (bytes) => socket.write(bytes),
    async ended() {
      await closed;
      return Buffer.concat(chunks).toString('latin1');
    },
  };
}

/** Sends one request, whose headers must ask to close the connection, and reads its answer. */
export async function exchange(where: NetConnectOpts, bytes: string | Uint8Array): Promise<Answer> {
  const wire = dial(where);
  wire.write(bytes);
  return parseAnswer(await wire.ended());
}

/** The first answer in what came; its body in UTF-8, also when it is chunked. */
export function parseAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n');
  if (!text.startsWith('HTTP/1.1 ') || end < 0) throw new Error(`This is no answer: ${JSON.stringify(text)}`);
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const rest = text.slice(end + 4);
  const body =
    headers['transfer-encoding'] === 'chunked'
      ? unchunk(rest)
      : rest.slice(0, Number(headers['content-length'] ?? 0));
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: Buffer.from(body, 'latin1').toString('utf8'),
  };
}

function unchunk(text: string): string {
  const [, size = '', rest = ''] = /^([0-9a-f]+)\r\n(.*)$/is.exec(text) ?? [];
  const length = Number.parseInt(size, 16);
  return length > 0 ? rest.slice(0, length) + unchunk(rest.slice(length + 2)) : '';
}

/** The text of a request that closes its connection. */
export function request(line: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const all: Record<string, string> = { Host: 'localhost', Connection: 'close', ...headers };
  if (body !== '' && !('Transfer-Encoding' in all)) all['Content-Length'] ??= String(Buffer.byteLength(body));
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`${line} HTTP/1.1`, ...lines, '', body].join('\r\n');
}

/** A request with a JSON body. */
export function jsonRequest(
  line: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  return request(line, { 'Content-Type': 'application/json', ...headers }, body);
}
