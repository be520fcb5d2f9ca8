import type { SpaceName } from '../../../model/names.js';
import type { AppRef } from '../../desired/app.js';
import type { KubernetesClient } from '../client/client.js';
import { watch } from '../client/watch.js';
import { LABEL } from '../objects/names.js';
import type { AppObjects } from './rollout.js';
import { SpaceWatch } from './space-watch.js';
import { KIND, type Namespace } from './stored.js';

/** What is told of the spaces of a platform. */
export interface SpacesEvents {
  /** Something of an app changed, or is there now. */
  onApp(app: AppRef): void;
  onSpaceGone(space: SpaceName): void;
  onDisconnected(reason: string): void;
  onConnected(): void;
}

/** Milliseconds in which changes of an app are told as one. */
const GATHER = 20;
const NAMESPACES = 'namespaces';

/** Follows every space of a platform, from when its namespace is there until that is gone. */
export class SpacesWatch {
  readonly #controller = new AbortController();
  readonly #spaces = new Map<SpaceName, SpaceWatch>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  /** Watches that are lost, by their keys. */
  readonly #lost = new Set<string>();

  constructor(
    private readonly client: KubernetesClient,
    private readonly platform: string,
    private readonly events: SpacesEvents,
  ) {
    const labels = `${LABEL.platform}=${platform},${LABEL.space}`;
    const { signal } = this.#controller;
    const handlers = {
      onList: (items: readonly Namespace[]) => this.#onList(items),
      onChange: (change: string, namespace: Namespace) =>
        change === 'DELETED' ? this.#onGone(spaceOf(namespace)) : this.#follow(spaceOf(namespace)),
      onLost: ({ message }: Error) => this.#onConnection(NAMESPACES, message),
      onResumed: () => this.#onConnection(NAMESPACES, undefined),
    };
    void watch<Namespace>(client, KIND.namespace, handlers, { labels, signal });
  }

  /** What is there of an app; undefined until its space is known. */
  objectsOf(app: AppRef): AppObjects | undefined {
    return this.#spaces.get(app.space)?.objectsOf(app);
  }

  /** Every app that has anything in the cluster. */
  apps(): AppRef[] {
    return [...this.#spaces.values()].flatMap((space) => space.apps());
  }

  close(): void {
    this.#controller.abort();
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    for (const space of this.#spaces.values()) space.close();
  }

  #onList(namespaces: readonly Namespace[]): void {
    const there = new Set(namespaces.map(spaceOf));
    for (const space of [...this.#spaces.keys()].filter((each) => !there.has(each))) this.#onGone(space);
    there.forEach((space) => this.#follow(space));
  }

  #follow(space: SpaceName): void {
    if (this.#spaces.has(space)) return;
    const events = {
      onApp: (app: AppRef) => this.#gather(app),
      onConnection: (key: string, failure: string | undefined) => this.#onConnection(key, failure),
    };
    this.#spaces.set(space, new SpaceWatch(this.client, this.platform, space, events));
  }

  #onGone(space: SpaceName): void {
    const known = this.#spaces.get(space);
    if (known === undefined) return;
    known.close();
    this.#spaces.delete(space);
    this.events.onSpaceGone(space);
  }

  #gather(app: AppRef): void {
    const key = `${app.space}/${app.name}`;
    if (this.#waiting.has(key) || this.#controller.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.events.onApp(app);
    }, GATHER);
    this.#waiting.set(key, timer);
  }

  #onConnection(key: string, failure: string | undefined): void {
    const was = this.#lost.size > 0;
    if (failure === undefined) this.#lost.delete(key);
    else this.#lost.add(key);
    const is = this.#lost.size > 0;
    if (!was && is && failure !== undefined) this.events.onDisconnected(failure);
    if (was && !is) this.events.onConnected();
  }
}

function spaceOf({ metadata }: Namespace): SpaceName {
  return metadata.labels?.[LABEL.space] as SpaceName;
}
