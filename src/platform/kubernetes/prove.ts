import type { SpaceName } from '../../model/names.js';
import type { Proof } from '../orchestrator/orchestrator.js';
import type { Cluster } from './apply/app.js';
import { KubernetesError } from './client/errors.js';
import type { StoredObject } from './client/watch.js';
import { DISCOVERY, LABEL, namespaceOf } from './objects/names.js';
import { PRIORITY } from './objects/pod.js';
import { isReady } from './observe/dyno.js';
import { KIND, type Pod, type Service } from './observe/stored.js';

type Outcome = Omit<Proof, 'promise'>;

/**
 * What the API of a cluster shows of a space's promises. Whether packets are really dropped or heard can't be seen from
 * there: that is `unknown`, and never `holds`.
 */
export async function proveSpace(cluster: Cluster, space: SpaceName): Promise<Proof[]> {
  const tests: Readonly<Record<string, () => Promise<Outcome>>> = {
    discovery: () => discovery(cluster, space),
    isolation: () => isolation(cluster, space),
    broadcast: () =>
      Promise.resolve(broken('pods of a cluster have no common network that carries broadcasts')),
    processes: () => podSecurity(cluster, space),
    prod_first: () => priority(cluster),
    availability: () => availability(cluster),
    credentials: () => secrets(cluster, space),
  };
  return Promise.all(
    Object.entries(tests).map(async ([promise, prove]) => ({ promise, ...(await prove().catch(notSeen)) })),
  );
}

const holds = (evidence: string): Outcome => ({ state: 'holds', evidence });
const unknown = (evidence: string, hint?: string): Outcome => ({
  state: 'unknown',
  evidence,
  ...(hint && { hint }),
});
const broken = (evidence: string, hint?: string): Outcome => ({
  state: 'broken',
  evidence,
  ...(hint && { hint }),
});

function notSeen(error: unknown): Outcome {
  return unknown(`it can't be seen: ${error instanceof Error ? error.message : 'unknown'}`);
}

async function discovery({ client, settings }: Cluster, space: SpaceName): Promise<Outcome> {
  const namespace = namespaceOf(space);
  const labels = `${LABEL.platform}=${settings.platform},${LABEL.app}`;
  const { items } = await client.list<Service>(KIND.service, { namespace, labels });
  const { data = {} } = await client.get<StoredObject & { readonly data?: Record<string, string> }>({
    ...KIND.configMap,
    namespace,
    name: DISCOVERY,
  });
  const wrong = items.filter(
    ({ metadata, spec }) => data[`${metadata.name.toUpperCase()}_SERVICE_HOST`] !== spec.clusterIP,
  );
  if (wrong.length === 0)
    return holds(`the vars of ${items.length} apps are the addresses of their Services`);
  return broken(`the vars are wrong for: ${wrong.map(({ metadata }) => metadata.name).join(', ')}`);
}

interface NetworkPolicy extends StoredObject {
  readonly spec: { readonly podSelector: object; readonly policyTypes?: readonly string[] };
}

async function isolation({ client, settings }: Cluster, space: SpaceName): Promise<Outcome> {
  const { items } = await client.list<NetworkPolicy>(KIND.networkPolicy, { namespace: namespaceOf(space) });
  const own = items.filter(({ metadata }) => metadata.labels?.[LABEL.platform] === settings.platform);
  const others = items.filter((policy) => !own.includes(policy)).map(({ metadata }) => metadata.name);
  const isClosed = own.some(
    ({ spec }) => Object.keys(spec.podSelector).length === 0 && spec.policyTypes?.length === 2,
  );
  if (!isClosed) return broken('the NetworkPolicy that closes the space is missing', 'aka platform:doctor');
  // Policies add up: another one can only open the space.
  if (others.length > 0)
    return broken(`NetworkPolicies that the platform didn't make can open it: ${others.join(', ')}`);
  return unknown('its NetworkPolicies are in place; whether the cluster enforces them was not tried');
}

/** A pod that Pod Security must refuse, if it is there (from 1.23 on). It is never made. */
async function podSecurity({ client }: Cluster, space: SpaceName): Promise<Outcome> {
  const spec = {
    containers: [{ name: 'probe', image: 'probe', securityContext: { privileged: true } }],
    automountServiceAccountToken: false,
  };
  const pod = { ...KIND.pod, metadata: { name: 'probe', namespace: namespaceOf(space) }, spec };
  try {
    await client.create(pod, { dryRun: true });
  } catch (error) {
    if (!(error instanceof KubernetesError && error.id === 'forbidden')) throw error;
    if (error.message.includes('PodSecurity')) return holds('a privileged pod is refused');
    return unknown(`a privileged pod is refused for another reason: ${error.message}`);
  }
  const hint =
    'Use Kubernetes 1.23 or newer, or an admission policy that refuses privileged pods in aka-* namespaces';
  return broken('a privileged pod would be accepted; dynos of the platform are never privileged', hint);
}

interface PriorityClass extends StoredObject {
  readonly value: number;
}

async function priority({ client }: Cluster): Promise<Outcome> {
  const [prod, other] = await Promise.all(
    [PRIORITY.prod, PRIORITY.other].map((name) =>
      client.find<PriorityClass>({ ...KIND.priorityClass, name }),
    ),
  );
  if (prod === undefined || other === undefined) {
    return broken(
      `a PriorityClass is missing: ${prod === undefined ? PRIORITY.prod : PRIORITY.other}`,
      'Install it',
    );
  }
  if (prod.value <= other.value)
    return broken(`${PRIORITY.prod} has no higher priority than ${PRIORITY.other}`);
  return holds(`dynos of prod spaces have priority ${prod.value}, others ${other.value}`);
}

async function availability({ client }: Cluster): Promise<Outcome> {
  const { items } = await client.list<Pod & { readonly spec: { readonly unschedulable?: boolean } }>(
    KIND.node,
  );
  const ready = items.filter((node) => isReady(node) && node.spec.unschedulable !== true);
  const zones = new Set(ready.map(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone']));
  if (ready.length < 2)
    return broken(`${ready.length} node is ready: dynos have no other to go to`, 'Add a node');
  return holds(`${ready.length} nodes in ${zones.size} zones are ready`);
}

/** Whether the platform itself can read what dynos keep secret: it needs no right to. */
async function secrets({ client }: Cluster, space: SpaceName): Promise<Outcome> {
  const spec = { resourceAttributes: { namespace: namespaceOf(space), verb: 'get', resource: 'secrets' } };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    metadata: { name: '' },
    spec,
  };
  const { status } = await client.create<{ readonly status: { readonly allowed: boolean } }>(review);
  if (status.allowed)
    return broken('the platform can read the Secrets of the space', 'Give it the role aka-space only');
  return holds("the platform writes Secrets and can't read them; encryption at rest can't be seen from here");
}
