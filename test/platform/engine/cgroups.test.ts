import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Cgroups } from '../../../src/platform/engine/cgroups.js';

const LIMITS = { memory: 64_000_000, memorySpike: 16_000_000, cpu: 0.5, cpuWeight: 200, pids: 32 };

describe('control groups', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'aka-cgroup-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('version 2: beside the group of the platform, with what the parent gives its children', () => {
    const parent = folder('user.slice/user@1000.service/app.slice', {
      'cgroup.subtree_control': 'cpu memory\n',
      'cgroup.procs': '',
    });
    folder('', { 'cgroup.controllers': 'cpu memory pids\n' });
    mkdirSync(join(parent, 'terminal.scope'));
    mkdirSync(join(parent, 'aka', 'left-behind'), { recursive: true });
    prepare(join(parent, 'aka'), { 'cgroup.subtree_control': '' });
    const own = file('own', '0::/user.slice/user@1000.service/app.slice/terminal.scope\n');
    const groups = Cgroups.open('aka', root, own);
    expect(readdirSync(join(parent, 'aka'))).not.toContain('left-behind');
    expect(['memory', 'cpu', 'pids'].map((resource) => groups.limits(resource as 'memory'))).toEqual([
      true,
      true,
      true,
    ]);
    // Asked of the parent only where it didn't give it yet.
    expect(readFileSync(join(parent, 'cgroup.subtree_control'), 'utf8')).toBe('+pids');
    prepare(join(parent, 'aka', 'web.1'), {
      'memory.max': '',
      'memory.oom.group': '',
      'cpu.max': '',
      'cpu.weight': '',
      'pids.max': '',
    });
    expect(groups.create('web.1', LIMITS)).toEqual([join(parent, 'aka', 'web.1')]);
    expect(contents(join(parent, 'aka', 'web.1'))).toEqual({
      'memory.max': '80000000',
      'memory.oom.group': '1',
      'cpu.max': '50000 100000',
      'cpu.weight': '200',
      'pids.max': '32',
    });
    writeFileSync(join(parent, 'aka', 'web.1', 'memory.events'), 'low 0\noom 1\noom_kill 3\n');
    expect(groups.memoryKills('web.1')).toBe(3);
    expect(groups.memoryHeld('web.1')).toBeUndefined();
    writeFileSync(
      join(parent, 'aka', 'web.1', 'memory.stat'),
      'anon 100\nfile 7000\ninactive_anon 9\nshmem 20\n',
    );
    expect(groups.memoryHeld('web.1')).toBe(120);
  });

  test('version 1: in a folder of each controller, those that can be written to', () => {
    folder('memory/outer/own', {});
    folder('cpu,cpuacct', {});
    const own = file('own', '7:memory:/outer/own\n6:cpu,cpuacct:/\n5:pids:/gone\n0::/\n');
    const groups = Cgroups.open('aka', root, own);
    expect(['memory', 'cpu', 'pids'].map((resource) => groups.limits(resource as 'memory'))).toEqual([
      true,
      true,
      false,
    ]);
    const memory = join(root, 'memory/outer/own/aka/web.1');
    const cpu = join(root, 'cpu,cpuacct/aka/web.1');
    prepare(memory, { 'memory.limit_in_bytes': '', 'memory.soft_limit_in_bytes': '' });
    prepare(cpu, { 'cpu.cfs_period_us': '', 'cpu.cfs_quota_us': '', 'cpu.shares': '' });
    expect(groups.create('web.1', LIMITS)).toEqual([memory, cpu]);
    expect({ ...contents(memory), ...contents(cpu) }).toEqual({
      'memory.limit_in_bytes': '80000000',
      'memory.soft_limit_in_bytes': '64000000',
      'cpu.cfs_period_us': '100000',
      'cpu.cfs_quota_us': '50000',
      'cpu.shares': '2048',
    });
    const stat = 'cache 9\nrss 1\nshmem 2\ntotal_cache 900\ntotal_rss 300\ntotal_shmem 40\n';
    writeFileSync(join(memory, 'memory.stat'), stat);
    expect(groups.memoryHeld('web.1')).toBe(340);
  });

  test('none: nothing is limited, nothing is made', () => {
    const groups = Cgroups.open('aka', root, file('own', '0::/\n'));
    expect(groups.limits('memory')).toBe(false);
    expect(groups.create('web.1', LIMITS)).toEqual([]);
    expect(groups.remove('web.1')).toBe(true);
    expect(groups.memoryKills('web.1')).toBe(0);
  });

  test('a dyno without limits gets no group; groups are removed again', () => {
    folder('memory', {});
    const groups = Cgroups.open('aka', root, file('own', '7:memory:/\n'));
    expect(groups.create('web.1', {})).toEqual([]);
    const [group = ''] = groups.create('web.2', { memory: 1 });
    expect(existsSync(group)).toBe(true);
    expect(groups.remove('web.2')).toBe(true);
    expect(existsSync(group)).toBe(false);
    groups.create('web.3', { memory: 1 });
    groups.close();
    expect(existsSync(join(root, 'memory', 'aka'))).toBe(false);
  });

  function folder(path: string, files: Record<string, string>): string {
    prepare(join(root, path), files);
    return join(root, path);
  }

  function file(name: string, text: string): string {
    writeFileSync(join(root, name), text);
    return join(root, name);
  }
});

/** The kernel fills a group with files as it is made; here they are there first. */
function prepare(path: string, files: Record<string, string>): void {
  mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
}

function contents(path: string): Record<string, string> {
  return Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}
