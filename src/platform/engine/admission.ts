import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

export interface Admitted {
  /** Connections at a time. */
  readonly all: number;
  /** Those of one dyno. */
  readonly each: number;
}

/** Where the machine doesn't say how many files a process may have open. */
const FILES = 1024;
/** More would only take memory. */
const ALL_MOST = 16_384;
const EACH_MOST = 2048;

/**
 * How many connections a process may hold that can have so many `files` open, if `share` of these is for them: each
 * takes two, as it is joined to another. A quarter of them is the most for one dyno.
 */
export function admittedBy(share: number, files = filesOfProcess()): Admitted {
  const all = Math.min(ALL_MOST, Math.floor((files * share) / 2));
  return { all, each: Math.min(EACH_MOST, Math.floor(all / 4)) };
}

/** What no program needs more of. */
const FILES_OF_DYNO_MOST = 65_536;

/**
 * Returns how many files a process of a dyno may have open. The kernel lets a process pass descriptors on only while its
 * user has fewer of them on the way than the process may have open files (unix(7), ETOOMANYREFS). Dynos often have the
 * user of the agent, which passes connections to the daemon: with far fewer than the agent they can't keep it from that.
 */
export function filesOfDyno(files = filesOfProcess()): number {
  return Math.min(FILES_OF_DYNO_MOST, Math.floor(files / 4));
}

/**
 * Bounds the connections that dynos make to the platform. Without a bound one dyno could take every descriptor the
 * process may have, and no dyno of any space could be started, reached or stopped any more.
 */
export class Admission {
  private open = 0;
  private readonly byDyno = new Map<string, number>();

  constructor(private readonly most: Admitted) {}

  /** Counts a connection until it is closed. One too many, of all or of this dyno, is reset: false. */
  admit(socket: Socket, dyno: string): boolean {
    const count = this.byDyno.get(dyno) ?? 0;
    if (this.open >= this.most.all || count >= this.most.each) {
      socket.on('error', () => undefined).resetAndDestroy();
      return false;
    }
    this.open += 1;
    this.byDyno.set(dyno, count + 1);
    socket.once('close', () => {
      this.open -= 1;
      const left = (this.byDyno.get(dyno) ?? 1) - 1;
      if (left === 0) this.byDyno.delete(dyno);
      else this.byDyno.set(dyno, left);
    });
    return true;
  }
}

function filesOfProcess(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return Number(limit ?? FILES);
  } catch {
    return FILES;
  }
}
