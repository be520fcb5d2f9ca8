import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cpuQuota, measuredCapacity } from '../../../src/platform/machine/capacity.js';

test('a machine leaves some of its memory to others, and none of its cores', () => {
  const { memory, cpu } = measuredCapacity();
  expect(memory).toBeGreaterThan(0);
  expect(memory).toBeLessThan(totalmem());
  expect(cpu).toBeGreaterThan(0);
  expect(cpu).toBeLessThanOrEqual(availableParallelism());
});

describe('cores that a control group may use', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'aka-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test.each<[what: string, own: string, files: Record<string, string>, cores: number]>([
    ['of version 2', '0::/a/b\n', { 'a/b/cpu.max': '150000 100000\n' }, 1.5],
    ['of version 2 without a limit', '0::/a\n', { 'a/cpu.max': 'max 100000\n' }, Number.POSITIVE_INFINITY],
    [
      'of a container, whose group is the root of what it sees',
      '0::/../x\n',
      { 'cpu.max': '50000 100000\n' },
      0.5,
    ],
    [
      'of version 1',
      '3:cpu,cpuacct:/a\n0::/\n',
      { 'cpu,cpuacct/a/cpu.cfs_quota_us': '200000\n', 'cpu,cpuacct/a/cpu.cfs_period_us': '100000\n' },
      2,
    ],
    [
      'of version 1 without a limit',
      '3:cpu:/\n',
      { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' },
      Number.POSITIVE_INFINITY,
    ],
    ['of a machine without any', '', {}, Number.POSITIVE_INFINITY],
  ])('%s', (_, own, files, cores) => {
    const groups = join(root, 'own');
    writeFileSync(groups, own);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, 'groups', name)), { recursive: true });
      writeFileSync(join(root, 'groups', name), text);
    }
    expect(cpuQuota(join(root, 'groups'), groups)).toBe(cores);
  });
});
