import { createHash } from 'node:crypto';

/** RFC 6455, 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Takes an upgrade: the server's end of a WebSocket, as little of RFC 6455 as the streams of a kubelet need. */
export function acceptWebSocket(request, socket, protocol) {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
  );
  return {
    send: (channel, data) =>
      writeFrame(socket, BINARY, Buffer.concat([Buffer.from([channel]), Buffer.from(data)])),
    close() {
      writeFrame(socket, CLOSE, Buffer.from([1000 >> 8, 1000 & 255]));
      socket.end();
    },
    /** Calls back with the channel and the data of every message, then resolves at its end. */
    async read(on) {
      let rest = Buffer.alloc(0);
      for await (const chunk of socket) {
        rest = Buffer.concat([rest, chunk]);
        for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
          rest = rest.subarray(frame.length);
          if (frame.opcode === CLOSE) return;
          if (frame.opcode === PING) writeFrame(socket, PONG, frame.data);
          else if (frame.data.length > 0) on(frame.data[0], frame.data.subarray(1));
        }
      }
    },
  };
}

function writeFrame(socket, opcode, data) {
  const head = Buffer.alloc(data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (head.length === 2) head[1] = data.length;
  else if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(data.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(data.length), 2);
  }
  if (socket.writable) socket.write(Buffer.concat([head, data]));
}

function readFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 127;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < at + 4) return undefined;
  const size =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (bytes.length < at + 4 + size) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const data = Buffer.from(bytes.subarray(at + 4, at + 4 + size)).map(
    (byte, index) => byte ^ mask[index % 4],
  );
  return { opcode: bytes[0] & 15, data: Buffer.from(data), length: at + 4 + size };
}
