import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Limits } from './protocol.js';

/** Files of a group and what to write into them. */
type Settings = readonly (readonly [file: string, value: string])[];

interface Controller {
  /** The folder under which each dyno gets one. */
  readonly dir: string;
  readonly settings: (limits: Limits) => Settings;
}

type Resource = 'memory' | 'cpu' | 'pids';

const CPU_PERIOD_US = 100_000;
const CGROUPS = '/sys/fs/cgroup';

/**
 * The kernel's limits for a dyno as a whole, where this process may set them: version 2 in a folder of our own beside
 * this process's group, version 1 in one under each controller's root.
 */
export class Cgroups {
  private constructor(private readonly controllers: ReadonlyMap<Resource, Controller>) {}

  /** `name` tells platforms of one machine apart. Groups that an earlier one of that name left are removed. */
  static open(name: string, root = CGROUPS, ownGroups = '/proc/self/cgroup'): Cgroups {
    const controllers = new Map<Resource, Controller>();
    const own = readOr(ownGroups, '');
    for (const [resource, controller] of [...version2(name, root, own), ...version1(name, root, own)]) {
      if (!controllers.has(resource)) controllers.set(resource, controller);
    }
    for (const { dir } of controllers.values())
      for (const left of folders(dir)) removeFolder(join(dir, left));
    return new Cgroups(controllers);
  }

  limits(resource: Resource): boolean {
    return this.controllers.has(resource);
  }

  /** Makes the groups that a dyno's limits need; a process joins by its number in `cgroup.procs` of each. */
  create(id: string, limits: Limits): string[] {
    const groups: string[] = [];
    for (const { dir, settings } of this.controllers.values()) {
      const group = join(dir, id);
      const wanted = settings(limits);
      // Joining one takes the kernel several milliseconds.
      if (wanted.length === 0) continue;
      mkdirSync(group, { recursive: true });
      for (const [file, value] of wanted) {
        // Swap accounting, for one, is a matter of the kernel's build.
        if (existsSync(join(group, file))) writeFileSync(join(group, file), value);
      }
      if (!groups.includes(group)) groups.push(group);
    }
    return groups;
  }

  /** False while a process of it isn't quite gone yet. */
  remove(id: string): boolean {
    return [...this.controllers.values()].map(({ dir }) => removeFolder(join(dir, id))).every(Boolean);
  }

  /** How many times the kernel ended a process of the dyno for its memory. */
  memoryKills(id: string): number {
    const dir = this.controllers.get('memory')?.dir;
    if (dir === undefined) return 0;
    const text =
      readOr(join(dir, id, 'memory.events'), '') || readOr(join(dir, id, 'memory.oom_control'), '');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** Bytes that the dyno holds and that aren't a cache of files; undefined where the kernel doesn't count them. */
  memoryHeld(id: string): number | undefined {
    const dir = this.controllers.get('memory')?.dir;
    const text = dir === undefined ? '' : readOr(join(dir, id, 'memory.stat'), '');
    if (text === '') return undefined;
    const counted = (name: string): number =>
      Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    // Version 2 says `anon` and `shmem`, version 1 `total_rss` and `total_shmem`.
    return (
      counted('anon') + counted('total_rss') + counted(text.includes('total_shmem') ? 'total_shmem' : 'shmem')
    );
  }

  close(): void {
    for (const { dir } of this.controllers.values()) {
      for (const left of folders(dir)) removeFolder(join(dir, left));
      removeFolder(dir);
    }
  }
}

function version2(name: string, root: string, own: string): [Resource, Controller][] {
  const path = /^0::(\/.*)$/m.exec(own)?.[1];
  const mount = existsSync(join(root, 'cgroup.controllers')) ? root : join(root, 'unified');
  if (path === undefined || !existsSync(join(mount, 'cgroup.controllers'))) return [];
  // A group with processes can't have groups with controllers, so ours is beside that of this process.
  const parent = join(mount, path, path === '/' ? '' : '..');
  const dir = join(parent, name);
  const settings = {
    memory: ({ memory, memorySpike = 0 }: Limits): Settings =>
      memory === undefined
        ? []
        : [
            // Not `memory.high`: what goes over that is slowed down, not forgiven.
            ['memory.max', String(memory + memorySpike)],
            ['memory.swap.max', '0'],
            // One process less is a broken dyno: all of it, or none.
            ['memory.oom.group', '1'],
          ],
    cpu: ({ cpu, cpuWeight }: Limits): Settings => [
      ...(cpu === undefined
        ? []
        : [['cpu.max', `${Math.round(cpu * CPU_PERIOD_US)} ${CPU_PERIOD_US}`] as const]),
      ...(cpuWeight === undefined ? [] : [['cpu.weight', String(clamp(cpuWeight, 1, 10_000))] as const]),
    ],
    pids: ({ pids }: Limits): Settings => (pids === undefined ? [] : [['pids.max', String(pids)]]),
  };
  const usable: [Resource, Controller][] = [];
  for (const resource of ['memory', 'cpu', 'pids'] as const) {
    const works = attempt(() => {
      enable(parent, resource);
      makeWritable(dir);
      enable(dir, resource);
    });
    if (works) usable.push([resource, { dir, settings: settings[resource] }]);
  }
  return usable;
}

function version1(name: string, root: string, own: string): [Resource, Controller][] {
  const settings = {
    memory: ({ memory, memorySpike = 0 }: Limits): Settings =>
      memory === undefined
        ? []
        : [
            ['memory.limit_in_bytes', String(memory + memorySpike)],
            ['memory.soft_limit_in_bytes', String(memory)],
            ['memory.memsw.limit_in_bytes', String(memory + memorySpike)],
          ],
    cpu: ({ cpu, cpuWeight }: Limits): Settings => [
      ...(cpu === undefined
        ? []
        : [
            ['cpu.cfs_period_us', String(CPU_PERIOD_US)] as const,
            ['cpu.cfs_quota_us', String(Math.round(cpu * CPU_PERIOD_US))] as const,
          ]),
      ...(cpuWeight === undefined
        ? []
        : [['cpu.shares', String(clamp((cpuWeight * 1024) / 100, 2, 262_144))] as const]),
    ],
    pids: ({ pids }: Limits): Settings => (pids === undefined ? [] : [['pids.max', String(pids)]]),
  };
  const usable: [Resource, Controller][] = [];
  for (const resource of ['memory', 'cpu', 'pids'] as const) {
    const controller = new RegExp(`^\\d+:((?:[^:]*,)?${resource}(?:,[^:]*)?):(/.*)$`, 'm').exec(own);
    const [, mounted, path] = controller ?? [];
    if (mounted === undefined || path === undefined) continue;
    // Where we may write: under the group of this process, as a container's own is not the machine's.
    const parent = [join(root, mounted, path), join(root, resource, path), join(root, resource)].find(
      existsSync,
    );
    if (parent === undefined) continue;
    const dir = join(parent, name);
    if (attempt(() => makeWritable(dir))) {
      usable.push([resource, { dir, settings: settings[resource] }]);
    }
  }
  return usable;
}

function makeWritable(dir: string): void {
  mkdirSync(dir, { recursive: true });
  // Another user's platform may have made it.
  accessSync(dir, constants.W_OK);
}

function enable(dir: string, controller: Resource): void {
  const file = join(dir, 'cgroup.subtree_control');
  if (!readFileSync(file, 'utf8').split(/\s/).includes(controller)) writeFileSync(file, `+${controller}`);
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function removeFolder(dir: string): boolean {
  return !existsSync(dir) || attempt(() => rmdirSync(dir));
}

function folders(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
}

function readOr(file: string, otherwise: string): string {
  return attempt(() => readFileSync(file)) ? readFileSync(file, 'utf8') : otherwise;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.round(value)));
}
