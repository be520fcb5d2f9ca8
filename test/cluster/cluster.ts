import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';

/** A Kubernetes that runs for the tests. */
export interface Cluster {
  /** The path of a kubeconfig with every right, by token. */
  readonly kubeconfig: string;
  /** The folder with keys and certificates (pki/) and logs. */
  readonly folder: string;
}

const HERE = dirname(fileURLToPath(import.meta.url));
/** The jest process: workers are its children, and with -w 1 there are none. */
const OWNER = process.send === undefined ? process.pid : process.ppid;
const REQUIRED = process.env.AKA_TEST_CLUSTER === '1';
/** What build.sh makes. */
const BUILT = join(
  process.env.AKA_TEST_CLUSTER_CACHE ?? join(homedir(), '.cache', 'aka-test-cluster'),
  'bin',
  'kube-apiserver',
);
let found: Cluster | string | undefined;

/**
 * Tests that need a cluster: a real API server, scheduler and controllers, with fake kubelets. All test files of a run
 * share one, which is started for the first and ends with the run. Where there is none, the tests are counted as skipped,
 * and the reason is printed; with AKA_TEST_CLUSTER=1 that is an error.
 */
export function describeCluster(topic: string, body: (cluster: Cluster) => void): void {
  found ??= startOrFind();
  const cluster = found;
  if (typeof cluster !== 'string') {
    describe(topic, () => body(cluster));
    return;
  }
  if (REQUIRED) throw new Error(`There is no cluster for ${topic}: ${cluster}`);
  process.stderr.write(`SKIPPED: ${topic}: no cluster on this machine: ${cluster}\n`);
  describe.skip(topic, () => body({ kubeconfig: '', folder: '' }));
}

/** Returns why there is none, if so. */
function startOrFind(): Cluster | string {
  if (process.env.AKA_TEST_CLUSTER === '0') return 'AKA_TEST_CLUSTER=0';
  // The build takes minutes, and installs packages: only where it is asked for.
  if (!REQUIRED && !existsSync(BUILT)) return 'none was built; AKA_TEST_CLUSTER=1 builds one';
  const { status, stdout, stderr, error } = spawnSync(join(HERE, 'up.sh'), {
    encoding: 'utf8',
    env: {
      ...process.env,
      MODE: 'api',
      NAME: basename(process.env.AKA_TEST_RUN ?? 'aka'),
      OWNER: String(OWNER),
    },
  });
  if (error !== undefined) return error.message;
  const kubeconfig = /^KUBECONFIG=(.+)$/m.exec(stdout)?.[1];
  if (status === 0 && kubeconfig !== undefined) return { kubeconfig, folder: dirname(kubeconfig) };
  const reason = stderr.split('\n').findLast((line) => line.startsWith('cluster ')) ?? stderr.trim();
  return reason.replace(/^cluster [a-z]+: /, '');
}
