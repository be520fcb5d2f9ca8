import { delay } from '../api.mjs';

/**
 * Does what a kubelet does with the pods of some nodes, as far as the API shows it. Annotations steer a pod, and so does FAKE
 * in its command, for pods that the product makes:
 *
 *   fake/fail      crash    exits 1 again and again       image    the image can't be pulled
 *                  unready  is never ready                init     its init container fails
 *   fake/ready-ms  is ready this long after it started
 *   fake/exit      ends with this code after fake/run-ms (default 50), if it isn't to be restarted
 */
export class Pods {
  #nodes;
  #api;
  #states = new Map();
  #addresses = 1;

  constructor(api, nodes) {
    this.#api = api;
    this.#nodes = new Set(nodes);
  }

  changed(type, pod) {
    const { uid, deletionTimestamp } = pod.metadata ?? {};
    if (!this.#nodes.has(pod.spec?.nodeName)) return;
    if (type === 'DELETED') {
      this.#states.delete(uid);
    } else if (deletionTimestamp !== undefined) {
      if (this.#states.get(uid) === 'gone') return;
      this.#states.set(uid, 'gone');
      this.#act(pod, this.#remove(pod));
    } else if (!this.#states.has(uid) && ['Pending', 'Running'].includes(pod.status.phase)) {
      this.#states.set(uid, 'running');
      this.#act(pod, this.#run(pod));
    }
  }

  /** A program that was attached to ended. */
  async ended(pod, exitCode) {
    const { podIP, podIPs, hostIP, startTime } = pod.status;
    await this.#put(pod, endedStatus(pod, { podIP, podIPs, hostIP, startTime }, exitCode));
  }

  #act(pod, action) {
    action.catch((error) => console.log(`${pod.metadata.namespace}/${pod.metadata.name}: ${error.message}`));
  }

  #remove({ metadata: { namespace, name, uid } }) {
    return this.#api.delete(`/api/v1/namespaces/${namespace}/pods/${name}`, {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
  }

  async #run(pod) {
    const status = base(this.#address());
    const told = steering(pod);
    if (told.fail === 'image') return this.#put(pod, notPulled(pod, status));
    if (told.fail === 'init') return this.#put(pod, initFailed(pod, status));
    if (told.fail === 'crash') return this.#crash(pod, status);
    if (told.fail === 'unready') return this.#put(pod, runningStatus(pod, status, false));
    const readyMs = Number(told['ready-ms'] ?? 0);
    if (readyMs > 0) {
      await this.#put(pod, runningStatus(pod, status, false));
      await delay(readyMs);
    }
    await this.#put(pod, runningStatus(pod, status, true));
    // It waits for the terminal that its program is for.
    if (pod.spec.containers[0].stdin) return;
    if (told.exit === undefined && pod.spec.restartPolicy !== 'Never') return;
    await delay(Number(told['run-ms'] ?? 50));
    await this.#put(pod, endedStatus(pod, status, Number(told.exit ?? 0)));
  }

  async #crash(pod, status) {
    for (let restarts = 1; this.#isRunning(pod) && restarts < 50; restarts++) {
      await this.#put(pod, crashedStatus(pod, status, restarts));
      await delay(300 * restarts);
    }
  }

  async #put(pod, status) {
    if (!this.#isRunning(pod)) return;
    const { namespace, name, uid } = pod.metadata;
    const answer = await this.#api.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
      metadata: { uid },
      status,
    });
    // Gone, or another pod of this name.
    if (answer.status >= 300 && ![404, 409].includes(answer.status)) throw new Error(answer.body.message);
  }

  #isRunning(pod) {
    return this.#states.get(pod.metadata.uid) === 'running';
  }

  #address() {
    const number = this.#addresses++;
    return `10.200.${(number >> 8) & 255}.${number & 255}`;
  }
}

function steering(pod) {
  const annotations = Object.entries(pod.metadata.annotations ?? {})
    .filter(([name]) => name.startsWith('fake/'))
    .map(([name, value]) => [name.slice('fake/'.length), value]);
  // `FAKE=fail:crash,ready-ms:100 node server.js`
  const { command = [], args = [] } = pod.spec.containers[0];
  const pairs =
    /FAKE=(\S+)/
      .exec([...command, ...args].join(' '))?.[1]
      .split(',')
      .map((pair) => pair.split(':')) ?? [];
  return Object.fromEntries([...annotations, ...pairs]);
}

const now = () => new Date().toISOString();

function base(podIP) {
  return { podIP, podIPs: [{ ip: podIP }], hostIP: '127.0.0.1', startTime: now() };
}

function conditions({ initialized = true, ready = false } = {}) {
  return Object.entries({ Initialized: initialized, Ready: ready, ContainersReady: ready }).map(
    ([type, holds]) => ({
      type,
      status: holds ? 'True' : 'False',
      lastTransitionTime: now(),
    }),
  );
}

function containers(list, state, { ready = false, restartCount = 0, lastState = {} } = {}) {
  return (list ?? []).map(({ name, image }) => ({
    name,
    image,
    imageID: '',
    ready,
    started: ready,
    restartCount,
    state,
    lastState,
  }));
}

const waiting = (reason, message) => ({ waiting: { reason, ...(message && { message }) } });
const terminated = (exitCode) => ({
  terminated: {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: now(),
    finishedAt: now(),
  },
});

function started(pod, status, phase, ready, own) {
  return {
    ...status,
    phase,
    conditions: conditions({ ready }),
    initContainerStatuses: containers(pod.spec.initContainers, terminated(0), { ready: true }),
    containerStatuses: own,
  };
}

function runningStatus(pod, status, ready) {
  const own = containers(pod.spec.containers, { running: { startedAt: now() } }, { ready });
  return started(pod, status, 'Running', ready, own);
}

function endedStatus(pod, status, exitCode) {
  const own = containers(pod.spec.containers, terminated(exitCode));
  return started(pod, status, exitCode === 0 ? 'Succeeded' : 'Failed', false, own);
}

function crashedStatus(pod, status, restartCount) {
  const state = waiting('CrashLoopBackOff', 'back-off restarting failed container');
  const own = containers(pod.spec.containers, state, { restartCount, lastState: terminated(1) });
  return started(pod, status, 'Running', false, own);
}

function notPulled(pod, status) {
  const own = containers(pod.spec.containers, waiting('ErrImagePull', 'fake: image not found'));
  return { ...status, phase: 'Pending', conditions: conditions(), containerStatuses: own };
}

function initFailed(pod, status) {
  return {
    ...status,
    phase: 'Pending',
    conditions: conditions({ initialized: false }),
    initContainerStatuses: containers(
      pod.spec.initContainers,
      waiting('CrashLoopBackOff', 'fake: init failed'),
      {
        restartCount: 3,
        lastState: terminated(1),
      },
    ),
    containerStatuses: containers(pod.spec.containers, waiting('PodInitializing')),
  };
}
