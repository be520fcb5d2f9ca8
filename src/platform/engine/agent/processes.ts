import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';

/** Identifies a namespace of processes, as /proc shows it. */
export type PidNamespace = string;

/** Undefined if the process is gone. */
export function pidNamespaceOf(pid: number): PidNamespace | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** Every process, by the namespace it is in. */
export function processesByNamespace(): Map<PidNamespace, number[]> {
  const all = new Map<PidNamespace, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const namespace = pidNamespaceOf(pid);
    if (namespace === undefined) continue;
    const pids = all.get(namespace);
    if (pids === undefined) all.set(namespace, [pid]);
    else pids.push(pid);
  }
  return all;
}

/** The children of a process, theirs and so on. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (let next = children.get(pid) ?? []; next.length > 0; ) {
    found.push(...next);
    next = next.flatMap((child) => children.get(child) ?? []);
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  return statusNumber(pid, /^PPid:\s*(\d+)$/m);
}

/** Its number in the innermost namespace it is in; undefined if it is gone. */
export function innerPid(pid: number): number | undefined {
  return statusNumber(pid, /^NSpid:.*\s(\d+)$/m);
}

function statusNumber(pid: number, field: RegExp): number | undefined {
  try {
    const found = field.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Signals a process if it is still there. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const KIB = 1024;

/** Bytes of memory that a process has: its own, and those of shared memory, which others may have, too. 0 if it is gone. */
export function memoryOf(pid: number): { readonly own: number; readonly shared: number } {
  return {
    own: (statusNumber(pid, /^RssAnon:\s*(\d+) kB$/m) ?? 0) * KIB,
    shared: (statusNumber(pid, /^RssShmem:\s*(\d+) kB$/m) ?? 0) * KIB,
  };
}

/** Bytes of shared memory by the number of its inode, which is the same in every process that has it. */
export type SharedMemory = Map<number, number>;

/** The kernel takes milliseconds to write this much, and a hostile process may have far more mappings. */
const MAPPINGS_BYTES = 4 * 1024 * KIB;
/** How the kernel names shared memory that is no file of a mounted file system. */
const NAMELESS = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ (\d+) +(?:\/dev\/zero|\/memfd:|\/SYSV|\[anon_shmem:)/;
const NUMBER = /^(Pss|Anonymous): +(\d+) kB$/;

/**
 * Adds to `found` the shared memory that a process maps, without files of mounted file systems: those are counted there.
 * Memory that several processes map is divided among them. Returns false, and adds nothing, if the mappings can't be read
 * or are too many.
 */
export function addSharedMemory(pid: number, found: SharedMemory): boolean {
  const text = beginningOf(`/proc/${pid}/smaps`, MAPPINGS_BYTES);
  if (text === undefined) return false;
  let inode: number | undefined;
  for (const line of text.split('\n')) {
    const number = NUMBER.exec(line);
    if (number === null) {
      // Every mapping begins with its addresses; the names of numbers begin with a capital letter.
      if (/^[0-9a-f]+-/.test(line)) inode = inodeOf(line);
    } else if (inode !== undefined) {
      const bytes = Number(number[2]) * KIB;
      // What a private mapping changed is the process's own memory.
      found.set(inode, (found.get(inode) ?? 0) + (number[1] === 'Pss' ? bytes : -bytes));
    }
  }
  return true;
}

function inodeOf(mapping: string): number | undefined {
  const inode = NAMELESS.exec(mapping)?.[1];
  return inode === undefined ? undefined : Number(inode);
}

/** The text of a file; undefined if it has `most` bytes or more, or can't be read. */
function beginningOf(path: string, most: number): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = Buffer.allocUnsafe(most);
    let length = 0;
    for (;;) {
      const read = readSync(file, bytes, length, most - length, null);
      length += read;
      if (length === most) return undefined;
      if (read === 0) return bytes.toString('latin1', 0, length);
    }
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Open files that are looked at for each dyno: a hostile one may have a great many. */
const FILES_LOOKED_AT = 4096;
const BLOCK = 512;

/** Files without a name (memfd) that processes hold open, whether or not they are mapped. */
export function memoryFilesOf(pids: readonly number[]): SharedMemory {
  const bytes: SharedMemory = new Map();
  let left = FILES_LOOKED_AT;
  for (const pid of pids) {
    try {
      for (const name of readdirSync(`/proc/${pid}/fd`)) {
        if (left-- === 0) return bytes;
        const path = `/proc/${pid}/fd/${name}`;
        if (!readlinkSync(path).startsWith('/memfd:')) continue;
        const { ino, blocks } = statSync(path);
        bytes.set(ino, blocks * BLOCK);
      }
    } catch {
      // The process is gone.
    }
  }
  return bytes;
}
