import type { DesiredSpace } from '../../desired/space.js';
import type { Manifest } from './manifest.js';
import { CONTROL_PLANE, HTTP, LABEL, namespaceOf, ROUTER } from './names.js';
import type { ClusterSettings } from './settings.js';

const WEB = 'web';
/** The router’s ports for dynos that use the domain of an app. */
const ROUTER_PORT = 8443;
const tcp = (port: number | string): object => ({ port, protocol: 'TCP' });
/** Not in the way out of an open space: other spaces, nodes and the metadata of clouds. */
const PRIVATE = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];

/**
 * Nothing goes in or out of a space but: between its dynos, from the router to web dynos, to the router, to DNS, to the
 * slugs of the control plane, and to public addresses if the space is open.
 */
export function networkPolicies(space: DesiredSpace, settings: ClusterSettings): Manifest[] {
  const namespace = namespaceOf(space.name);
  const labels = { [LABEL.platform]: settings.platform, [LABEL.space]: space.name };
  const policy = (name: string, spec: object): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels },
    spec,
  });
  const inSystem = (podLabels: object): object => ({
    namespaceSelector: { matchLabels: { [LABEL.platform]: settings.platform, 'aka.io/role': 'system' } },
    podSelector: { matchLabels: podLabels },
  });
  const dns = ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol }));
  const ownPods = { podSelector: {} };
  const { slugAddresses } = settings;
  const slugs = slugAddresses === undefined ? inSystem(CONTROL_PLANE) : { ipBlock: { cidr: slugAddresses } };
  const outside = { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: PRIVATE } }] };
  return [
    policy('space', {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [ownPods] }],
      egress: [
        { to: [ownPods] },
        { to: [inSystem(ROUTER)], ports: [tcp(ROUTER_PORT)] },
        { to: [slugs], ports: [tcp(settings.slugPort)] },
        {
          to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
          ports: dns,
        },
        ...(space.egress === 'open' ? [outside] : []),
      ],
    }),
    policy('web-from-router', {
      podSelector: { matchLabels: { [LABEL.process]: WEB } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [inSystem(ROUTER)], ports: [tcp(HTTP)] }],
    }),
  ];
}
