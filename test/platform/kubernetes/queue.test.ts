import { EventEmitter, once } from 'node:events';
import { expect, test } from '@jest/globals';
import { LatestJobs } from '../../../src/platform/kubernetes/apply/queue.js';
import { until } from '../../cluster/until.js';

test('jobs of a key run one at a time, and only the newest of those that wait', async () => {
  const ran: string[] = [];
  const jobs = new LatestJobs(() => {});
  const gate = new EventEmitter();
  jobs.set('a', async () => {
    ran.push('first');
    await once(gate, 'open');
  });
  jobs.set('a', async () => void ran.push('second'));
  jobs.set('a', async () => void ran.push('third'));
  jobs.set('b', async () => void ran.push('other key'));
  await until(() => ran.includes('other key'), 'the other key doesn’t wait');
  expect(ran).toEqual(['first', 'other key']);
  gate.emit('open');
  await until(() => ran.length === 3, 'the newest');
  expect(ran).toEqual(['first', 'other key', 'third']);
});

test('a job that fails is told and tried again', async () => {
  const failures: string[] = [];
  const jobs = new LatestJobs((key, error, retryMs) => {
    expect(retryMs).toBeLessThanOrEqual(500);
    failures.push(`${key}: ${String(error)}`);
  });
  let tries = 0;
  jobs.set('a', async () => {
    tries += 1;
    if (tries === 1) throw new Error('no');
  });
  await until(() => tries === 2, 'the second attempt');
  expect(failures).toEqual(['a: Error: no']);
});

test('a newer job doesn’t wait for the retry of one that failed', async () => {
  const jobs = new LatestJobs(() => {});
  let tries = 0;
  const failing = async (): Promise<void> => {
    tries += 1;
    throw new Error('no');
  };
  // Each retry waits longer.
  jobs.set('a', failing);
  await until(() => tries === 3, 'some retries');
  const start = Date.now();
  let end = 0;
  jobs.set('a', async () => {
    end = Date.now();
  });
  await until(() => end > 0, 'the newer job');
  expect(end - start).toBeLessThan(1000);
  jobs.close();
});
