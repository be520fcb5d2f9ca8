import type { Cgroups } from '../cgroups.js';
import type { Dyno } from './dyno.js';
import { memoryOf, type PidNamespace, processesByNamespace, shareOf } from './processes.js';

const EVERY_MS = 1000;

/**
 * Ends dynos that hold more memory than they may where the kernel can't be told to, and everywhere those that stay above
 * their memory for longer than they may: the kernel knows no time.
 */
export class MemoryWatch {
  /** Since when a dyno has been over. */
  private readonly over = new WeakMap<Dyno, number>();

  constructor(
    private readonly dynos: () => Iterable<Dyno>,
    private readonly cgroups: Pick<Cgroups, 'limits' | 'memoryHeld'>,
  ) {}

  /** Looks for as long as the agent lives. */
  start(): void {
    // Not the time of day, which may be set.
    setInterval(() => this.look(performance.now()), EVERY_MS).unref();
  }

  private look(now: number): void {
    const isKernels = this.cgroups.limits('memory');
    let processes: Map<PidNamespace, number[]> | undefined;
    for (const dyno of this.dynos()) {
      const { memory, memorySpike = 0, memorySpikeMs = 0 } = dyno.order.limits;
      if (memory === undefined || (isKernels && memorySpike === 0)) continue;
      const counted = this.cgroups.memoryHeld(dyno.order.id);
      // Going through all processes of the machine takes a while, so that is done once at most.
      if (counted === undefined) processes ??= processesByNamespace();
      const held = counted ?? heldBy(dyno, processes, memory);
      if (held <= memory) this.over.delete(dyno);
      else if (!isKernels && held > memory + memorySpike) dyno.endForMemory();
      else if (now - this.since(dyno, now) >= memorySpikeMs) dyno.endForTime();
    }
  }

  private since(dyno: Dyno, now: number): number {
    const since = this.over.get(dyno) ?? now;
    this.over.set(dyno, since);
    return since;
  }
}

/**
 * What a dyno holds: the memory of its processes, what they share counted once, and its files in memory. `enough`: below
 * this it need not be exact, since looking closely takes time that a hostile dyno could waste.
 */
function heldBy(
  dyno: Dyno,
  processes: ReadonlyMap<PidNamespace, readonly number[]> = new Map(),
  enough: number,
): number {
  const pids = dyno.namespace === undefined ? [] : (processes.get(dyno.namespace) ?? []);
  const each = pids.map((pid) => ({ pid, ...memoryOf(pid) }));
  const own = each.reduce((sum, process) => sum + process.own, 0);
  const most = each.reduce((sum, process) => sum + process.shared, 0);
  const files = dyno.filesInMemory();
  const held = (shared: number): number => own + files.temporary + Math.max(shared, files.shared);
  if (held(most) <= enough) return held(most);
  return held(each.reduce((sum, { pid, shared }) => sum + (shareOf(pid) ?? shared), 0));
}
