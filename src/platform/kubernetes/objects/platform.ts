import type { Manifest } from './manifest.js';
import { PRIORITY } from './pod.js';
import type { ClusterSettings } from './settings.js';

const READ = ['get', 'list', 'watch'];
const ALL = [...READ, 'create', 'patch', 'delete'];

/** What an administrator installs once in a cluster: priorities and, for a control plane in the cluster, its rights. */
export function platformObjects({ systemNamespace, controlPlane }: ClusterSettings): Manifest[] {
  return [...priorityClasses(), ...(controlPlane === undefined ? [] : roles(systemNamespace, controlPlane))];
}

/** Dynos of prod spaces take the place of others; the others never preempt. */
function priorityClasses(): Manifest[] {
  const base = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' };
  return [
    {
      ...base,
      metadata: { name: PRIORITY.prod },
      value: 100_000,
      description: 'Dynos of spaces with the prod compliance.',
    },
    {
      ...base,
      metadata: { name: PRIORITY.other },
      value: 1000,
      preemptionPolicy: 'Never',
      description: 'Dynos of other spaces.',
    },
  ];
}

/** In the whole cluster only what has no namespace. Secrets are written and never read. */
function roles(namespace: string, account: string): Manifest[] {
  const rbac = 'rbac.authorization.k8s.io';
  const apiVersion = `${rbac}/v1`;
  return [
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: 'aka-platform' },
      rules: [
        rule('', ['namespaces'], ALL),
        rule('', ['nodes'], READ),
        rule('scheduling.k8s.io', ['priorityclasses'], ['get']),
        rule(rbac, ['rolebindings'], ['get', 'create', 'patch']),
        rule(rbac, ['clusterroles'], ['bind'], ['aka-space']),
        rule('authorization.k8s.io', ['selfsubjectaccessreviews'], ['create']),
      ],
    },
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: 'aka-space' },
      rules: [
        rule('', ['pods', 'services', 'configmaps', 'serviceaccounts', 'resourcequotas', 'limitranges'], ALL),
        rule('', ['pods/log'], ['get']),
        // Kubernetes from 1.35 on asks for `create`, older ones for `get`.
        rule('', ['pods/exec', 'pods/attach', 'pods/portforward'], ['get', 'create']),
        rule('', ['secrets'], ['create', 'patch', 'delete']),
        rule('', ['events'], READ),
        rule('apps', ['deployments'], ALL),
        rule('apps', ['replicasets'], READ),
        rule('policy', ['poddisruptionbudgets'], ALL),
        rule('networking.k8s.io', ['networkpolicies'], ALL),
      ],
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'aka-platform' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'aka-platform' },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
  ];
}

function rule(group: string, resources: string[], verbs: string[], resourceNames?: string[]): object {
  return { apiGroups: [group], resources, verbs, ...(resourceNames !== undefined && { resourceNames }) };
}
