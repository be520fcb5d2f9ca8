/** Registers a node and keeps it ready. */
export async function keepNode(api, name, { cpu, memory, port }) {
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'topology.kubernetes.io/zone': name.replace('node-', 'z'),
  };
  await api.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
  const resources = { cpu, memory, pods: '500', 'ephemeral-storage': '100Gi' };
  await api.patch(`/api/v1/nodes/${name}/status`, {
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [ready()],
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  });
  await renewLease(api, name);
  setInterval(() => renewLease(api, name).catch(report), 10_000);
  const beat = () => api.patch(`/api/v1/nodes/${name}/status`, { status: { conditions: [ready()] } });
  setInterval(() => beat().catch(report), 20_000);
}

async function renewLease(api, name) {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
  const { status } = await api.merge(`${leases}/${name}`, { spec });
  if (status !== 404) return;
  const metadata = { name, namespace: 'kube-node-lease' };
  await api.create(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
}

function ready() {
  const lastHeartbeatTime = new Date().toISOString();
  return { type: 'Ready', status: 'True', reason: 'FakeReady', message: 'fake', lastHeartbeatTime };
}

function report(error) {
  console.log(error.message);
}
