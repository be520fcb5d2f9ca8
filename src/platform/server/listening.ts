import type { Server } from 'node:net';

/**
 * Waits until a server that `start` sets up listens; rejects with the system's error if it can't. A connection that the
 * system fails to accept later, as when there are no file descriptors left, is that client's loss alone.
 */
export function listening(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject).on('error', () => {});
      resolve();
    });
    start();
  });
}
