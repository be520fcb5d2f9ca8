import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { Server } from 'node:net';
import { Dispatcher } from './dispatcher.js';

/**
 * The process that lives in the namespaces holding every space and does what the daemon asks over IPC. It ends, and
 * with it everything it made, as soon as the daemon is gone.
 */
export function runAgent(): void {
  if (process.send === undefined) {
    throw new Error('The agent is started by the platform, with a channel to it.');
  }
  // What it lays out is for dynos, whoever they run as; the daemon's own files are nobody's business.
  process.umask(0o022);
  closeInherited();
  process.on('disconnect', () => process.exit(0));
  const dispatcher = new Dispatcher((report, handle) => {
    if (!process.connected) return;
    // A listener is shared when it is sent; what this end went on accepting would be lost.
    process.send?.(report, handle, {}, () => handle instanceof Server && handle.close());
  });
  process.on('message', (message) => void dispatcher.hear(message));
}

/** Closes what the daemon was itself started with and would be passed on to every program. */
function closeInherited(): void {
  const CLOSE_ON_EXEC = 0o2_000_000;
  for (const name of readdirSync('/proc/self/fdinfo')) {
    const fd = Number(name);
    if (fd <= 2) continue;
    try {
      const flags =
        /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'latin1'))?.[1] ?? '';
      if ((Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0) closeSync(fd);
    } catch {
      // It was the one of the listing itself.
    }
  }
}
