import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Said } from './task.js';

/** Others of the space may send what they like: so much of it is passed on. */
const MOST = { lines: 100, bytes: 100 };

/** Says what reaches a port over TCP and UDP; closes connections at once. */
export function listen(port: number, say: (said: Said) => void): void {
  let left = MOST.lines;
  let waiting = 2;
  const ready = (): void => {
    waiting -= 1;
    if (waiting === 0) say({ said: 'ready' });
  };
  const hear = (over: 'tcp' | 'udp', text: string): void => {
    if (left-- > 0) say({ said: 'heard', over, text });
  };
  createServer((socket) => {
    socket.on('error', () => undefined);
    hear('tcp', socket.remoteAddress ?? '');
    socket.end();
  }).listen(port, ready);
  createSocket('udp4')
    .on('message', (bytes) => hear('udp', bytes.subarray(0, MOST.bytes).toString()))
    .bind(port, ready);
}
