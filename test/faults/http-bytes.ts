import * as fc from 'fast-check';
import { HOST } from '../platform/router/ingress.js';

/** Bytes of HTTP as hostile clients and dynos send them: mostly well formed, each with something that is not. */

/** Mostly the first: bytes that are wrong at many places at once are refused for the first of them. */
function mostly<T>(usual: T, ...odd: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...odd));
}

const token = fc.constantFrom(
  'ETag',
  'etag',
  'Date',
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Upgrade',
  'TE',

  'Trailer',
  'Cookie',
  'Set-Cookie',
  'Content-Type',
  'Expect',
  'Accept',
  'X-Request-Id',
  'X_Forwarded_For',

  'HTTP2-Settings',
  'Keep-Alive',
  'Location',
  'Age',
  '__proto__',
  'constructor',
  ':status',
  'a b',
  'é',
  '',
);
const value = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '5',
    '-1',
    '5, 5',
    'chunked',
    'CHUNKED',
    'gzip, chunked',
    'close',
    'keep-alive',
    'upgrade',
    'websocket',
    'h2c',
    '100-continue',
    'trailers',
    'application/json',
    HOST,
    '"a"',
    'x'.repeat(9000),
    'content-length',
    'a\tb',
    'a\u0000b',
    'a\rb',
    'é',
    '\u00ff',
    '18446744073709551616',
    '0x5',
    ' 5 ',
  ),
  fc.string({ maxLength: 8 }),
);
const header = fc.tuple(token, value).map(([name, text]) => `${name}: ${text}\r\n`);
const headers = fc
  .tuple(fc.array(header, { maxLength: 5 }), fc.boolean())
  .map(([some, twice]) => [...some, ...(twice ? some.slice(0, 1) : [])].join(''));
/** No headers, or some. */
const perhaps = fc.oneof(fc.constant(''), headers);

const body = fc.constantFrom(
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nETag: a\r\nETag: b\r\n\r\n',
  '0\r\n\r\n',

  '0\r\nContent-Length: 5\r\n\r\n',
  'ffffffffffffffff\r\n',
  '-5\r\nhello\r\n',
  '5\r\nhel',
  '5\nhello\n0\n\n',
  '5\r\nhello0\r\n\r\n',
  'x'.repeat(70_000),
);
const framing = fc.constantFrom(
  '',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\nContent-Length: 6\r\n',
);

/** A body and what the headers say of its length: mostly the truth. */
const content = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom<[string, string]>(
      ['', ''],
      ['Content-Length: 5\r\n', 'hello'],
      ['Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\nA: b\r\n\r\n'],
    ),
  },
  fc.tuple(framing, body),
);

/** Changes bytes of a text: takes some away, puts some in, doubles a part, or cuts it short. */
export function damaged(whole: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    how: fc.constantFrom('insert', 'remove', 'double', 'cut', 'replace'),
    byte: fc.integer({ min: 0, max: 255 }),
    length: fc.integer({ min: 1, max: 40 }),
  });
  const edits = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
  );
  return fc.tuple(whole, edits).map(([text, changes]) => {
    let bytes = Buffer.from(text, 'latin1');
    for (const { at, how, byte, length } of changes) {
      const place = Math.floor(at * bytes.length);
      const before = bytes.subarray(0, place);
      const after = bytes.subarray(place);
      const part = after.subarray(0, length);
      if (how === 'insert') bytes = Buffer.concat([before, Buffer.from([byte]), after]);
      else if (how === 'replace') bytes = Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
      else if (how === 'remove') bytes = Buffer.concat([before, after.subarray(length)]);
      else if (how === 'double') bytes = Buffer.concat([before, part, after]);
      else bytes = before;
    }
    return bytes;
  });
}

/** One request of HTTP/1, or what was meant to be one. */
export const requestBytes = damaged(
  fc
    .record({
      method: mostly('GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'TRACE', 'PRI', 'get', 'X'),
      target: mostly('/', '*', '/a?b', `https://${HOST}/`, `${HOST}:443`, '', '/é', '//', '/\u0000'),
      version: mostly('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2', ''),
      host: fc.constantFrom(
        `Host: ${HOST}\r\n`,
        `Host: ${HOST}\r\n`,
        '',
        `Host: ${HOST}, a\r\n`,
        'Host: \r\n',
      ),
      headers: perhaps,
      upgrade: fc.constantFrom('', '', '', 'Connection: upgrade\r\nUpgrade: websocket\r\n'),
      content,
    })
    .map(
      (of) =>
        `${of.method} ${of.target} ${of.version}\r\n${of.host}${of.headers}${of.upgrade}${of.content[0]}\r\n${of.content[1]}`,
    ),
);

/** One response of a dyno, or what was meant to be one. */
export const responseBytes = damaged(
  fc
    .record({
      interim: mostly('', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'),
      version: mostly('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/3'),
      status: mostly(200, 101, 204, 205, 304, 404, 500, 600, 999, 99, 0),
      message: mostly('OK', '', 'é', 'a\tb'),
      headers: perhaps,
      content,
    })
    .map(
      (of) =>
        `${of.interim}${of.version} ${of.status} ${of.message}\r\n${of.headers}${of.content[0]}\r\n${of.content[1]}`,
    ),
);

/** A header as HPACK writes one that is in no table (RFC 7541, 6.2.2), without Huffman coding. */
function hpack(name: string, text: string): string {
  return `\u0000${word(name)}${word(text)}`;
}

function word(of: string): string {
  const more = of.length - 127;
  return more < 0
    ? String.fromCharCode(of.length) + of
    : String.fromCharCode(127, (more & 127) | 128, more >> 7) + of;
}

function frame(type: number, flags: number, stream: number, payload: string): string {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return head.toString('latin1') + payload;
}

const HEADERS = 1;
const SETTINGS = 4;
/** What a client of HTTP/2 begins with (RFC 9113, 3.4), and its settings. */
const PREFACE = `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(SETTINGS, 0, 0, '')}`;

const pseudo = fc.constantFrom(
  hpack(':method', 'GET') + hpack(':path', '/') + hpack(':scheme', 'https') + hpack(':authority', HOST),
  hpack(':method', 'POST') + hpack(':path', '/') + hpack(':scheme', 'https') + hpack(':authority', HOST),
  hpack(':method', 'CONNECT') + hpack(':authority', HOST),
  hpack(':method', 'CONNECT') +
    hpack(':protocol', 'websocket') +
    hpack(':path', '/') +
    hpack(':scheme', 'https') +
    hpack(':authority', HOST),
  hpack(':method', 'GET') + hpack(':path', ''),
  hpack(':method', 'GET') + hpack(':path', '*') + hpack(':scheme', 'x') + hpack(':authority', 'a b'),
);
const fields = fc
  .array(fc.tuple(token, value), { maxLength: 4 })
  .map((some) => some.map(([name, text]) => hpack(name.toLowerCase(), text)).join(''));

const request = fc
  .record({ pseudo, fields, flags: fc.constantFrom(5, 5, 4, 1, 0, 0x2d) })
  .map((of) => ({ type: HEADERS, flags: of.flags, payload: of.pseudo + of.fields }));
const other = fc.record({
  type: fc.integer({ min: 0, max: 11 }),
  flags: fc.constantFrom(0, 1, 4, 5, 8, 0x20, 0xff),
  payload: fc.string({ maxLength: 20 }),
});

/** A connection of HTTP/2: some requests, with other frames among them. */
export const connectionBytes = damaged(
  fc
    .array(fc.tuple(fc.oneof({ weight: 3, arbitrary: request }, other), fc.integer({ min: -2, max: 2 })), {
      minLength: 1,
      maxLength: 8,
    })
    .map((frames) => {
      let stream = 1;
      return (
        PREFACE +
        frames
          .map(([{ type, flags, payload }, off]) => {
            // Mostly a stream of its own; sometimes one that is over, or that no client may open.
            const id = Math.abs(stream + (off === 2 ? -2 : off === -2 ? 1 : 0));
            if (type === HEADERS) stream += 2;
            return frame(type, flags, id, payload.replaceAll(/[^\u0000-\u00ff]/g, ''));
          })
          .join('')
      );
    }),
);
