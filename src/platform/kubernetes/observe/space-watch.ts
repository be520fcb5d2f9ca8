import type { SpaceName } from '../../../model/names.js';
import type { AppRef } from '../../desired/app.js';
import type { KubernetesClient } from '../client/client.js';
import type { Resource } from '../client/resources.js';
import { type StoredObject, watch } from '../client/watch.js';
import { appOf, LABEL, namespaceOf } from '../objects/names.js';
import type { AppObjects } from './rollout.js';
import { type Deployment, type Event, KIND, type Pod, type ReplicaSet } from './stored.js';

/** What a watch of a space tells. */
export interface SpaceWatchEvents {
  onApp(app: AppRef): void;
  /** `key` tells watches apart; undefined: it works again. */
  onConnection(key: string, failure: string | undefined): void;
}

/** Follows the apps of one space: four watches in its namespace, so that no right on the whole cluster is needed. */
export class SpaceWatch {
  /** Resolves when everything that was there at first is known. */
  readonly ready: Promise<void>;
  readonly #controller = new AbortController();
  readonly #pods = new Map<string, Pod>();
  readonly #deployments = new Map<string, Deployment>();
  readonly #replicaSets = new Map<string, ReplicaSet>();
  /** By the uid of the pod. */
  readonly #unhealthy = new Map<string, string>();

  constructor(
    client: KubernetesClient,
    platform: string,
    private readonly space: SpaceName,
    private readonly events: SpaceWatchEvents,
  ) {
    const labels = `${LABEL.platform}=${platform}`;
    this.ready = Promise.all([
      this.#follow(client, KIND.pod, this.#pods, { labels }),
      this.#follow(client, KIND.deployment, this.#deployments, { labels }),
      this.#follow(client, KIND.replicaSet, this.#replicaSets, { labels }),
      // Only what a failed probe found is nowhere else. Events have no labels of ours.
      this.#followProbes(client),
    ]).then(() => {});
  }

  objectsOf({ name }: AppRef): AppObjects {
    const ofApp = <Stored extends StoredObject>(all: ReadonlyMap<string, Stored>): Stored[] =>
      [...all.values()].filter(({ metadata }) => metadata.labels?.[LABEL.app] === name);
    return {
      deployments: ofApp(this.#deployments),
      replicaSets: ofApp(this.#replicaSets),
      pods: ofApp(this.#pods),
      unhealthy: this.#unhealthy,
    };
  }

  apps(): AppRef[] {
    const names = [...this.#deployments.values(), ...this.#pods.values()].flatMap(
      ({ metadata }) => appOf(metadata.labels) ?? [],
    );
    return [...new Map(names.map((app) => [app.name, app])).values()];
  }

  close(): void {
    this.#controller.abort();
  }

  #follow<Stored extends StoredObject>(
    client: KubernetesClient,
    resource: Resource,
    known: Map<string, Stored>,
    { labels }: { readonly labels: string },
  ): Promise<void> {
    const changed = ({ metadata }: StoredObject): void => {
      const app = appOf(metadata.labels);
      if (app !== undefined) this.events.onApp(app);
    };
    return this.#watch<Stored>(
      client,
      resource,
      { labels },
      {
        onList: (items) => {
          const before = [...known.values()];
          known.clear();
          for (const item of items) known.set(item.metadata.name, item);
          [...before, ...items].forEach(changed);
        },
        onChange: (change, object) => {
          if (change === 'DELETED') known.delete(object.metadata.name);
          else known.set(object.metadata.name, object);
          if (change === 'DELETED') this.#unhealthy.delete(object.metadata.uid);
          changed(object);
        },
      },
    );
  }

  #followProbes(client: KubernetesClient): Promise<void> {
    const heard = ({ reason, message = '', involvedObject }: Event): void => {
      const { uid } = involvedObject;
      if (reason !== 'Unhealthy' || uid === undefined) return;
      this.#unhealthy.set(uid, message);
      const pod = [...this.#pods.values()].find(({ metadata }) => metadata.uid === uid);
      const app = appOf(pod?.metadata.labels);
      if (app !== undefined) this.events.onApp(app);
    };
    return this.#watch<Event>(
      client,
      KIND.event,
      { fields: 'reason=Unhealthy' },
      {
        onList: (items) => items.forEach(heard),
        onChange: (change, event) => change !== 'DELETED' && heard(event),
      },
    );
  }

  /** Resolves after the first list. */
  #watch<Stored extends StoredObject>(
    client: KubernetesClient,
    resource: Resource,
    selectors: { readonly labels?: string; readonly fields?: string },
    handlers: {
      onList(items: readonly Stored[]): void;
      onChange(change: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored): void;
    },
  ): Promise<void> {
    const key = `${this.space}/${resource.kind}`;
    const namespace = namespaceOf(this.space);
    const { signal } = this.#controller;
    return new Promise((resolve) => {
      const events = {
        ...handlers,
        onList: (items: readonly Stored[]) => {
          handlers.onList(items);
          resolve();
        },
        onLost: ({ message }: Error) => this.events.onConnection(key, message),
        onResumed: () => this.events.onConnection(key, undefined),
      };
      void watch<Stored>(client, resource, events, { namespace, ...selectors, signal }).then(() => {
        this.events.onConnection(key, undefined);
        resolve();
      });
    });
  }
}
