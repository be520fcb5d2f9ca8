// Enforces the NetworkPolicies of a real node with nftables, since no network plugin of Debian does. Every packet between pods
// is routed (ptp), so that none passes beside the forward hook, which comes after the addresses of Services were replaced.
// Covers networking.k8s.io/v1: podSelector, namespaceSelector, ipBlock with except, ports (number, name, endPort), Ingress
// and Egress. As with every real plugin, replies, and traffic between a node and its own pods (probes), are allowed.
// usage: netpol-agent.mjs KUBECONFIG NODE
import { spawnSync } from 'node:child_process';
import { delay, openApi } from './api.mjs';

const [, , kubeconfig, node] = process.argv;
const PATHS = {
  pods: '/api/v1/pods',
  namespaces: '/api/v1/namespaces',
  policies: '/apis/networking.k8s.io/v1/networkpolicies',
};
const NAME_LABEL = 'kubernetes.io/metadata.name';
const api = openApi(kubeconfig);
const known = {};
let applied = '';
let waiting;

const keyOf = ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`;

function matches(selector, labels = {}) {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {
    matchExpressions: [{ operator: 'Never' }],
  };
  const expressions = {
    In: ({ key, values }) => values.includes(labels[key]),
    NotIn: ({ key, values }) => !values.includes(labels[key]),
    Exists: ({ key }) => key in labels,
    DoesNotExist: ({ key }) => !(key in labels),
    Never: () => false,
  };
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => expressions[expression.operator](expression))
  );
}

function livePods() {
  const ended = ['Succeeded', 'Failed'];
  return [...known.pods.values()].filter(
    ({ spec, status }) => status?.podIP && !spec.hostNetwork && !ended.includes(status.phase),
  );
}

/** The addresses that a peer of a policy stands for, with their pods where they are pods. */
function addressesOf({ ipBlock, namespaceSelector, podSelector }, policy, pods) {
  if (ipBlock !== undefined) return [{ address: ipBlock.cidr, except: ipBlock.except ?? [] }];
  const inNamespace = ({ metadata: { namespace } }) => {
    if (namespaceSelector === undefined) return namespace === policy.metadata.namespace;
    const labels = known.namespaces.get(`/${namespace}`)?.metadata.labels;
    return matches(namespaceSelector, { ...labels, [NAME_LABEL]: namespace });
  };
  return pods
    .filter(
      (pod) => inNamespace(pod) && (podSelector === undefined || matches(podSelector, pod.metadata.labels)),
    )
    .map((pod) => ({ address: pod.status.podIP, except: [], pod }));
}

function portNumber(port, pod) {
  if (typeof port !== 'string') return port;
  const ports = pod?.spec.containers.flatMap((container) => container.ports ?? []);
  return ports?.find(({ name }) => name === port)?.containerPort;
}

function ruleLines(pod, policy, direction, pods) {
  const incoming = direction === 'Ingress';
  const field = incoming ? 'saddr' : 'daddr';
  return (policy.spec[direction.toLowerCase()] ?? []).flatMap((rule) => {
    const peers = incoming ? rule.from : rule.to;
    const addresses =
      peers?.length > 0 ? peers.flatMap((peer) => addressesOf(peer, policy, pods)) : [{ except: [] }];
    return addresses.flatMap(({ address, except, pod: peer }) => {
      const match = address === undefined ? '' : `ip ${field} ${address} `;
      const without = except.length === 0 ? '' : `ip ${field} != { ${except.join(', ')} } `;
      if (!rule.ports?.length) return [`${match}${without}return`];
      return rule.ports.flatMap(({ protocol = 'TCP', port, endPort }) => {
        const number = portNumber(port, incoming ? pod : peer);
        if (port !== undefined && number === undefined) return [];
        const name = protocol.toLowerCase();
        if (number === undefined) return [`${match}${without}meta l4proto ${name} return`];
        return [
          `${match}${without}${name} dport ${number}${endPort === undefined ? '' : `-${endPort}`} return`,
        ];
      });
    });
  });
}

function ruleset() {
  const pods = livePods();
  const policies = [...known.policies.values()];
  const chains = [];
  const jumps = [];
  for (const pod of pods.filter(({ spec }) => spec.nodeName === node)) {
    for (const direction of ['Ingress', 'Egress']) {
      const selecting = policies.filter(
        ({ metadata, spec }) =>
          metadata.namespace === pod.metadata.namespace &&
          matches(spec.podSelector, pod.metadata.labels) &&
          (spec.policyTypes ?? ['Ingress']).includes(direction),
      );
      if (selecting.length === 0) continue;
      const chain = `${direction.toLowerCase()}_${pod.status.podIP.replaceAll('.', '_')}`;
      jumps.push(`ip ${direction === 'Ingress' ? 'daddr' : 'saddr'} ${pod.status.podIP} jump ${chain}`);
      const lines = selecting.flatMap((policy) => ruleLines(pod, policy, direction, pods));
      chains.push(`chain ${chain} {`, ...lines, 'drop', '}');
    }
  }
  return [
    'table ip aka_netpol',
    'delete table ip aka_netpol',
    'table ip aka_netpol {',
    ...chains,
    'chain forward {',
    'type filter hook forward priority 10; policy accept; ct state established,related accept',
    ...jumps,
    '}',
    '}',
    '',
  ].join('\n');
}

function apply() {
  waiting = undefined;
  if (Object.keys(PATHS).some((kind) => known[kind] === undefined)) return;
  const rules = ruleset();
  if (rules === applied) return;
  const { status, stderr } = spawnSync('nft', ['-f', '-'], { input: rules });
  if (status === 0) applied = rules;
  else console.log(`nft: ${stderr}`);
}

function schedule() {
  waiting ??= setTimeout(apply, 20);
}

async function follow(kind) {
  for (;;) {
    try {
      await api.watch(PATHS[kind], {
        onList(items) {
          known[kind] = new Map(items.map((object) => [keyOf(object), object]));
          schedule();
        },
        on(type, object) {
          if (type === 'DELETED') known[kind].delete(keyOf(object));
          else if (type !== 'BOOKMARK') known[kind].set(keyOf(object), object);
          schedule();
        },
      });
    } catch (error) {
      console.log(`${kind}: ${error.message}`);
      await delay(300);
    }
  }
}

await Promise.all(Object.keys(PATHS).map(follow));
