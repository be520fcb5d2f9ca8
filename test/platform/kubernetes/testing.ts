import { randomBytes } from 'node:crypto';
import { fixed } from '../../../src/platform/kubernetes/client/access.js';
import { KubernetesClient } from '../../../src/platform/kubernetes/client/client.js';
import { clusterAccess } from '../../../src/platform/kubernetes/client/kubeconfig.js';
import type { KubernetesObject } from '../../../src/platform/kubernetes/client/resources.js';
import { until } from '../../cluster/until.js';

/** A client with every right. */
export function adminClient(kubeconfig: string): KubernetesClient {
  return new KubernetesClient(clusterAccess({ path: kubeconfig }));
}

/** A client of a server of the test's own. */
export function anonymousClient(server: string): KubernetesClient {
  const tls = { rejectUnauthorized: true };
  return new KubernetesClient({ server, namespace: 'default', tls, credentials: fixed({}), headers: {} });
}

/** A name that no other test has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

/** Makes a namespace with a service account, so that pods can be made. */
export async function makeNamespace(client: KubernetesClient, name = uniqueName('test')): Promise<string> {
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: name };
  await until(async () => (await client.find(account)) !== undefined, `service account of ${name}`);
  return name;
}

interface PodOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly stdin?: boolean;
  readonly name?: string;
}

/** A pod that ends for good with its program. */
export function podOf(
  namespace: string,
  { annotations = {}, name = 'one', ...container }: PodOptions,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, annotations },
    // A token for it may be made only later.
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      containers: [{ name: 'dyno', image: 'any', ...container }],
    },
  } as KubernetesObject;
}

interface PodStatus {
  readonly status: { readonly phase: string };
}

/** Waits until a pod is in a phase. */
export async function untilPhase(
  client: KubernetesClient,
  namespace: string,
  name: string,
  phase: string,
): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', name, namespace };
  const isIn = async (): Promise<boolean> => (await client.find<PodStatus>(pod))?.status.phase === phase;
  await until(isIn, `pod ${name} is ${phase}`);
}
