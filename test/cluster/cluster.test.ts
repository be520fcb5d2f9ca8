import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { describeCluster } from './cluster.js';
import { until } from './until.js';

const UP = join(dirname(fileURLToPath(import.meta.url)), 'up.sh');

describeCluster('a cluster for tests', ({ folder }) => {
  test('is found by a second start', () => {
    const start = readFileSync(join(folder, 'pids', 'apiserver'), 'utf8');
    const env = { ...process.env, MODE: 'api', NAME: folder.slice(folder.lastIndexOf('/') + 1) };
    const found = execFileSync(UP, { env, encoding: 'utf8' });
    expect(found).toBe(`KUBECONFIG=${folder}/admin.conf\n`);
    expect(readFileSync(join(folder, 'pids', 'apiserver'), 'utf8')).toBe(start);
  });

  test('ends with the process that it was started for, however that ends', async () => {
    const owner = spawn('sleep', ['infinity']);
    const env = { ...process.env, MODE: 'api', NAME: `owned-${owner.pid}`, OWNER: String(owner.pid) };
    const other = execFileSync(UP, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const state = dirname(other.trim().replace('KUBECONFIG=', ''));
    const pids = readdirSync(join(state, 'pids')).map(
      (name) => readFileSync(join(state, 'pids', name), 'utf8').split(' ')[0],
    );
    expect(pids.length).toBeGreaterThanOrEqual(5);
    owner.kill('SIGKILL');
    await once(owner, 'close');
    await until(() => !existsSync(state), 'the state of the cluster is removed');
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  }, 180_000);
});
