import type { AppName } from '../../../model/names.js';
import type { DesiredSpace } from '../../desired/space.js';
import { bytes, cores, type Manifest } from './manifest.js';
import { DISCOVERY, HTTP, LABEL, namespaceOf, SERVICE_ACCOUNT } from './names.js';
import { networkPolicies } from './network-policies.js';
import { SPIKE_FACTOR } from './pod.js';
import type { ClusterSettings } from './settings.js';

/**
 * The objects of a space but for its discovery, in the order in which they are applied: nothing can run before it is
 * isolated.
 */
export function spaceObjects(space: DesiredSpace, settings: ClusterSettings): Manifest[] {
  return [
    namespaceObject(space, settings),
    ...(settings.controlPlane === undefined
      ? []
      : [controlPlaneBinding(space, settings, settings.controlPlane)]),
    ...networkPolicies(space, settings),
    serviceAccount(space, settings),
    limitRange(space, settings),
    quota(space, settings),
    ...space.apps.map((app) => service(space, app, settings)),
  ];
}

/** The discovery vars of a space, by the addresses that the cluster gave to its Services. Dynos have them when they start. */
export function discoveryObject(
  space: DesiredSpace,
  vars: Readonly<Record<string, string>>,
  settings: ClusterSettings,
): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(space, DISCOVERY, settings), data: vars };
}

function labelsOf(space: DesiredSpace, settings: ClusterSettings): Record<string, string> {
  return { [LABEL.platform]: settings.platform, [LABEL.space]: space.name };
}

function metadata(space: DesiredSpace, name: string, settings: ClusterSettings) {
  return { name, namespace: namespaceOf(space.name), labels: labelsOf(space, settings) };
}

function namespaceObject(space: DesiredSpace, settings: ClusterSettings): Manifest {
  const compliance = space.compliance.map((name) => [LABEL.compliance(name), 'true']);
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespaceOf(space.name),
      labels: {
        ...labelsOf(space, settings),
        ...(Object.fromEntries(compliance) as Record<string, string>),
        // Kubernetes older than 1.23 ignores it: `prove` tells.
        'pod-security.kubernetes.io/enforce': 'restricted',
      },
    },
  };
}

/** The control plane has rights in the namespaces of spaces only. */
function controlPlaneBinding(space: DesiredSpace, settings: ClusterSettings, account: string): Manifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: metadata(space, 'aka', settings),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'aka-space' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: settings.systemNamespace }],
  };
}

function serviceAccount(space: DesiredSpace, settings: ClusterSettings): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(space, SERVICE_ACCOUNT, settings),
    automountServiceAccountToken: false,
  };
}

/** For containers without a size. No default CPU limit: it would cap prod dynos and refuse larger requests. */
function limitRange(space: DesiredSpace, settings: ClusterSettings): Manifest {
  const limits = [
    { type: 'Container', defaultRequest: { cpu: '50m', memory: '64Mi' }, default: { memory: '256Mi' } },
  ];
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: metadata(space, 'dyno', settings),
    spec: { limits },
  };
}

/** A release needs room for its dynos beside those that it replaces. */
function quota(space: DesiredSpace, settings: ClusterSettings): Manifest {
  const { quota: own } = space;
  const hard = {
    'services.nodeports': '0',
    'services.loadbalancers': '0',
    persistentvolumeclaims: '0',
    ...(own !== undefined && {
      'requests.cpu': cores(own.cpu),
      'requests.memory': bytes(own.memory),
      'limits.memory': bytes(own.memory * SPIKE_FACTOR),
      pods: String(own.dynos),
    }),
  };
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: metadata(space, 'space', settings),
    spec: { hard },
  };
}

/** Its address is the app's for life, whether or not anything answers there. */
function service(space: DesiredSpace, app: AppName, settings: ClusterSettings): Manifest {
  const base = metadata(space, app, settings);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...base, labels: { ...base.labels, [LABEL.app]: app } },
    spec: {
      selector: { [LABEL.app]: app, [LABEL.process]: 'web' },
      ports: [{ name: HTTP, port: 80, targetPort: HTTP, protocol: 'TCP' }],
    },
  };
}
