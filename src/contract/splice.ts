import type { Socket } from 'node:net';

/** Joins two connections that may be half open: the end, the close or the reset of one reaches the other. */
export function splice(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => reset(to));
    from.on('close', () => to.destroySoon());
  }
}

/** Ends a connection in a way that the other end can tell from an end in order, where its kind has one: TCP does. */
function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}
