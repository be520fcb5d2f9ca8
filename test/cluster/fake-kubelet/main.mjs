// Nodes without machines: pods become running and ready, fail as their annotations say, and end. Plain Node.js.
// usage: main.mjs KUBECONFIG COUNT CPU MEMORY PORT
import { delay, openApi } from '../api.mjs';
import { serveKubelet } from './endpoint.mjs';
import { keepNode } from './nodes.mjs';
import { Pods } from './pods.mjs';

const [, , kubeconfig, count, cpu, memory, port] = process.argv;
const api = openApi(kubeconfig);
const nodes = Array.from({ length: Number(count) }, (_, index) => `node-${index + 1}`);
const pods = new Pods(api, nodes);
serveKubelet(api, Number(port), { onEnd: (pod, exit) => pods.ended(pod, exit) });
for (const node of nodes) await keepNode(api, node, { cpu, memory, port: Number(port) });
for (;;) {
  try {
    await api.watch('/api/v1/pods', {
      onList: (items) => items.forEach((pod) => pods.changed('ADDED', pod)),
      on: (type, pod) => pods.changed(type, pod),
    });
  } catch (error) {
    console.log(`watch: ${error.message}`);
    await delay(300);
  }
}
