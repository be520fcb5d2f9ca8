import type { Dyno } from './dyno.js';
import { memoryOf, processesByNamespace } from './processes.js';

const EVERY_MS = 1000;
/** How long a dyno may use its spike. */
export const SPIKE_MS = 30_000;

/** Ends dynos that hold more memory than they may, where the kernel can't be told to. */
export class MemoryWatch {
  private readonly over = new WeakMap<Dyno, number>();

  constructor(private readonly dynos: () => Iterable<Dyno>) {}

  /** Looks for as long as the agent lives. */
  start(): void {
    setInterval(() => this.look(Date.now()), EVERY_MS).unref();
  }

  private look(now: number): void {
    const limited = [...this.dynos()].filter(({ order }) => order.limits.memory !== undefined);
    if (limited.length === 0) return;
    const processes = processesByNamespace();
    for (const dyno of limited) {
      const { memory = 0, memorySpike = 0 } = dyno.order.limits;
      const pids = dyno.namespace === undefined ? [] : (processes.get(dyno.namespace) ?? []);
      const held = pids.reduce((sum, pid) => sum + memoryOf(pid), 0);
      if (held <= memory) this.over.delete(dyno);
      else if (held > memory + memorySpike || now - this.since(dyno, now) > SPIKE_MS) dyno.endForMemory();
    }
  }

  private since(dyno: Dyno, now: number): number {
    const since = this.over.get(dyno) ?? now;
    this.over.set(dyno, since);
    return since;
  }
}
