import type { Duplex } from 'node:stream';
import type { TerminalSize } from '../../contract/tunnels.js';
import type { SpaceName } from '../../model/names.js';
import type { AppRef, DesiredApp, DynoRef } from '../desired/app.js';
import type { DesiredSpace } from '../desired/space.js';
import type {
  Enforcement,
  OneOff,
  Orchestrator,
  OrchestratorEvents,
  OrchestratorFacts,
  Proof,
  RunningProgram,
} from '../orchestrator/orchestrator.js';
import { applyApp, type Cluster, removeApp, removeProcesses, removeSecrets, versionOf } from './apply/app.js';
import { LatestJobs } from './apply/queue.js';
import { applySpace, removeSpace } from './apply/space.js';
import type { KubernetesClient } from './client/client.js';
import { KubernetesError } from './client/errors.js';
import { forwardPort } from './client/port-forward.js';
import { readVersion } from './features.js';
import { dynoNameOf, LABEL, namespaceOf } from './objects/names.js';
import type { ClusterSettings } from './objects/settings.js';
import { dynoOf, isOver } from './observe/dyno.js';
import type { AppObjects } from './observe/rollout.js';
import { SpacesWatch } from './observe/spaces.js';
import { proveSpace } from './prove.js';
import { Releases } from './releases.js';
import { runOneOff } from './run.js';

/**
 * Runs spaces on a Kubernetes cluster: a namespace for each space, a Deployment for each process type. The cluster starts,
 * places and replaces dynos by itself, also while the platform is down.
 */
export class KubernetesOrchestrator implements Orchestrator {
  readonly facts: OrchestratorFacts = {
    discovery: 'cluster',
    artifacts: ['slug', 'image'],
    enforced: ENFORCED,
  };
  readonly lost: Promise<Error | undefined>;
  readonly #closing = new AbortController();
  readonly #apps = new Map<string, Releases>();
  readonly #late = new Map<string, NodeJS.Timeout>();
  readonly #removing = new Set<SpaceName>();
  /** Apps that still have something to remove which isn't watched. */
  readonly #removingApps = new Set<string>();
  readonly #jobs = new LatestJobs((key, error, retryMs) => this.#onFailure(key, error, retryMs));
  #sink: OrchestratorEvents | undefined;
  #watch: SpacesWatch | undefined;
  #end = (): void => {};

  private constructor(private readonly cluster: Cluster) {
    this.lost = new Promise((resolve) => {
      this.#end = () => resolve(undefined);
    });
  }

  /** Opens the cluster of a client. Throws a {@link KubernetesError} if it can't be reached or is too old. */
  static async open(client: KubernetesClient, settings: ClusterSettings): Promise<KubernetesOrchestrator> {
    const { features } = await readVersion(client);
    return new KubernetesOrchestrator({ client, settings, features });
  }

  async applySpace(space: DesiredSpace): Promise<void> {
    await applySpace(this.cluster.client, space, this.cluster.settings);
  }

  async removeSpace(name: SpaceName): Promise<void> {
    this.#removing.add(name);
    try {
      await removeSpace(this.cluster.client, name, this.cluster.settings, this.#closing.signal);
    } finally {
      this.#removing.delete(name);
    }
  }

  applyApp(desired: DesiredApp): void {
    this.#removingApps.delete(keyOf(desired.app));
    this.#releasesOf(desired.app).desired = desired;
    this.#schedule(desired.app);
  }

  removeApp(app: AppRef): void {
    const key = keyOf(app);
    this.#releasesOf(app).desired = undefined;
    this.#removingApps.add(key);
    this.#jobs.set(key, async () => {
      await removeApp(this.cluster, app);
      this.#removingApps.delete(key);
      // Its dynos may be gone by now, or there were none.
      this.#onApp(app);
    });
  }

  observe(sink: OrchestratorEvents): void {
    this.#sink = sink;
    this.#watch = new SpacesWatch(this.cluster.client, this.cluster.settings.platform, {
      onApp: (app) => this.#onApp(app),
      onSpaceGone: (space) => this.#removing.has(space) || sink.onSpaceGone(space),
      onDisconnected: (reason) => sink.onDisconnected(reason),
      onConnected: () => sink.onConnected(),
    });
  }

  async run(app: AppRef, spec: OneOff, terminal?: TerminalSize): Promise<RunningProgram> {
    const { desired } = this.#apps.get(keyOf(app)) ?? {};
    if (desired?.current === undefined) {
      throw new KubernetesError('not_found', `App ${app.name} of space ${app.space} has no release to run.`);
    }
    return runOneOff(this.cluster, desired, desired.current, spec, {
      terminal,
      signal: this.#closing.signal,
    });
  }

  async dial({ app, dyno }: DynoRef, port: number): Promise<Duplex> {
    const pod = this.#watch
      ?.objectsOf(app)
      ?.pods.find(
        ({ metadata }) => dynoNameOf(metadata.labels?.[LABEL.process] ?? '', metadata.name) === dyno,
      );
    if (pod === undefined) throw new KubernetesError('not_found', `App ${app.name} has no dyno ${dyno}.`);
    return forwardPort(
      this.cluster.client,
      { namespace: namespaceOf(app.space), name: pod.metadata.name },
      port,
    );
  }

  prove(space: SpaceName): Promise<Proof[]> {
    return proveSpace(this.cluster, space);
  }

  async close(apps: 'stop' | 'leave'): Promise<void> {
    this.#closing.abort();
    this.#jobs.close();
    for (const timer of this.#late.values()) clearTimeout(timer);
    const there = this.#watch?.apps() ?? [];
    this.#watch?.close();
    if (apps === 'stop') for (const app of there) await removeProcesses(this.cluster, app, () => false);
    await this.cluster.client.close();
    this.#end();
  }

  #releasesOf(app: AppRef): Releases {
    const key = keyOf(app);
    const releases = this.#apps.get(key) ?? new Releases(this.cluster.settings.rolloutDeadline * 1000);
    this.#apps.set(key, releases);
    return releases;
  }

  /** Makes what is desired of an app: its pending release, or the current one after that failed. */
  #schedule(app: AppRef): void {
    const releases = this.#releasesOf(app);
    const { desired, target } = releases;
    if (desired === undefined) return;
    this.#jobs.set(keyOf(app), async () => {
      await applyApp(this.cluster, desired, target);
      releases.applied(target);
      this.#onApp(app);
    });
  }

  #onApp(app: AppRef): void {
    const objects = this.#watch?.objectsOf(app);
    if (objects === undefined || this.#closing.signal.aborted) return;
    const releases = this.#releasesOf(app);
    const { deployments, pods, unhealthy } = objects;
    if (releases.desired === undefined && deployments.length === 0 && pods.length === 0) {
      if (this.#removingApps.has(keyOf(app))) return;
      this.#apps.delete(keyOf(app));
      this.#sink?.onAppGone(app);
      return;
    }
    const { rollout, isNew } = releases.look(objects);
    const dynos = pods
      .filter((pod) => !isOver(pod))
      .map((pod) => dynoOf(pod, unhealthy.get(pod.metadata.uid)));
    this.#sink?.onApp({ app, dynos, rollout });
    if (isNew && rollout?.outcome === 'failed') this.#schedule(app);
    if (isNew && rollout?.outcome === 'succeeded') this.#removeOld(app, objects, rollout.release);
    this.#lookWhenLate(app, releases);
  }

  /** The config of releases before this one is needed no longer. */
  #removeOld(app: AppRef, { replicaSets }: AppObjects, version: number): void {
    const old = new Set(replicaSets.flatMap(versionOf).filter((each) => each < version));
    this.#jobs.set(`${keyOf(app)}/old`, () => removeSecrets(this.cluster.client, app, old));
  }

  /** Nothing may change when a deadline is over. */
  #lookWhenLate(app: AppRef, releases: Releases): void {
    const key = keyOf(app);
    clearTimeout(this.#late.get(key));
    this.#late.delete(key);
    const { remaining } = releases;
    if (remaining !== undefined)
      this.#late.set(key, setTimeout(() => this.#onApp(app), remaining + 1).unref());
  }

  #onFailure(key: string, error: unknown, retryMs: number): void {
    const [space = '', name = ''] = key.split('/');
    const app = { space, name } as AppRef;
    this.#sink?.onFailure({ app, message: error instanceof Error ? error.message : 'unknown', retryMs });
  }
}

function keyOf({ space, name }: AppRef): string {
  return `${space}/${name}`;
}

/** What a cluster enforces. Where it depends on the cluster, {@link KubernetesOrchestrator.prove} tries it. */
const ENFORCED: readonly Enforcement[] = [
  {
    promise: 'isolation',
    holds: 'unknown',
    how: 'by NetworkPolicies, if the network of the cluster enforces them',
  },
  { promise: 'broadcast', holds: false, how: 'pods have no common network that carries broadcasts' },
  {
    promise: 'files',
    holds: true,
    how: 'each dyno is a container with a read-only root and scratch space of its own',
  },
  {
    promise: 'processes',
    holds: true,
    how: 'dynos run as an ordinary user without capabilities, in seccomp',
  },
  { promise: 'memory', holds: true, how: 'by the memory limit of its container' },
  {
    promise: 'spikes',
    holds: true,
    how: 'prod dynos can take twice their memory while the node has it, without time limit',
  },
  { promise: 'cpu', holds: true, how: 'by CPU requests, and by limits outside of prod spaces' },
  { promise: 'priority', holds: true, how: 'by the PriorityClasses aka-prod and aka-standard' },
  { promise: 'pids', holds: false, how: 'only the kubelet can limit processes (podPidsLimit)' },
];
