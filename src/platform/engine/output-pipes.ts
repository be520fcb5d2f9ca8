import { spawnSync } from 'node:child_process';
import { chownSync, closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** Pipes for what a program prints. */
export interface OutputPipes {
  readonly stdout: Socket;
  readonly stderr: Socket;
  /** The ends for the program, as descriptors of this process. */
  readonly writers: readonly [stdout: number, stderr: number];
  /** Closes the ends for the program, once it has them. */
  release(): void;
}

let count = 0;

/**
 * Makes pipes for the output of a program. Node's own would be sockets, which can't be opened by path: `/dev/stdout` and
 * `/dev/stderr` would fail in the program. They are made by name in a private folder, and are nameless when this returns.
 * `owner`: who the program runs as, if not as this process. Throws if they can't be made.
 */
export function outputPipes(
  folder: string,
  owner?: { readonly uid: number; readonly gid: number },
): OutputPipes {
  const names = ['stdout', 'stderr'].map((name) => join(folder, `${name}.${++count}`)) as [string, string];
  const made = spawnSync('mkfifo', ['-m', '600', ...names], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.error?.message ?? made.stderr.trim());
  const [stdout, stderr] = [open(names[0], owner), open(names[1], owner)];
  return {
    stdout: stdout.reader,
    stderr: stderr.reader,
    writers: [stdout.writer, stderr.writer],
    release() {
      closeSync(stdout.writer);
      closeSync(stderr.writer);
    },
  };
}

function open(
  name: string,
  owner: { uid: number; gid: number } | undefined,
): { reader: Socket; writer: number } {
  // With a reader that does not block, neither end waits for the other.
  const fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(name, constants.O_WRONLY);
  if (owner !== undefined) chownSync(name, owner.uid, owner.gid);
  rmSync(name);
  return { reader: new Socket({ fd, readable: true, writable: false }), writer };
}
