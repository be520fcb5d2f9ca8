import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Capacity, capacityOf } from '../../model/capacity.js';

/** What this machine has for dynos: all of it, or what the control group of this process may take, less a reserve. */
export function measuredCapacity(): Capacity {
  // Where nothing limits it, this is 0, or more than any machine has.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return capacityOf({
    memory: Math.min(totalmem(), limit),
    cpu: Math.min(availableParallelism(), cpuQuota()),
  });
}

const CGROUPS = '/sys/fs/cgroup';

/** The cores that the control group of this process may use; infinite where nothing limits them. */
export function cpuQuota(root = CGROUPS, ownGroups = '/proc/self/cgroup'): number {
  const own = textOf(ownGroups);
  const unified = /^0::(\/.*)$/m.exec(own)?.[1] ?? '/';
  const [, mounted = 'cpu', path = '/'] = /^\d+:((?:[^:]*,)?cpu(?:,[^:]*)?):(\/.*)$/m.exec(own) ?? [];
  // A container has its own group as the root of what it sees.
  const quotas = [unified, '/'].map((group) => textOf(join(root, group, 'cpu.max')).split(' '));
  for (const group of [path, '/']) {
    const file = (name: string): string => textOf(join(root, mounted, group, name)).trim();
    quotas.push([file('cpu.cfs_quota_us'), file('cpu.cfs_period_us')]);
  }
  return Math.min(
    ...quotas.map(([quota, period]) => {
      const cores = Number(quota || 'max') / Number(period);
      return cores > 0 ? cores : Number.POSITIVE_INFINITY;
    }),
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
