import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

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

/**
 * Bytes of shared memory that a process has, those that it shares with others divided among them; undefined if that can't
 * be read. The kernel goes through all its pages for this, which takes milliseconds.
 */
export function shareOf(pid: number): number | undefined {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const share = /^Pss_Shmem:\s*(\d+) kB$/m.exec(rollup)?.[1];
    return share === undefined ? undefined : Number(share) * KIB;
  } catch {
    return undefined;
  }
}
