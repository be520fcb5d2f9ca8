import type { DesiredApp, DesiredRelease } from '../desired/app.js';
import type { Rollout } from '../orchestrator/orchestrator.js';
import { versionOf } from './apply/app.js';
import { deploymentName } from './objects/names.js';
import { type AppObjects, rolloutOf } from './observe/rollout.js';

/**
 * The releases of one app: which of them runs, and what came of them. A release that failed stays failed, and one that
 * succeeded stays so whatever its dynos do later.
 */
export class Releases {
  #desired: DesiredApp | undefined;
  #applied: number | undefined;
  #settled: Rollout | undefined;
  #since = { version: 0, at: 0 };

  constructor(
    /** Milliseconds. */
    private readonly deadline: number,
    private readonly now: () => number = Date.now,
  ) {}

  get desired(): DesiredApp | undefined {
    return this.#desired;
  }

  set desired(desired: DesiredApp | undefined) {
    this.#desired = desired;
  }

  /** The release to run: the pending one, until it has failed. */
  get target(): DesiredRelease | undefined {
    const { pending, current } = this.#desired ?? {};
    return pending !== undefined && !this.hasFailed(pending.version) ? pending : current;
  }

  /** Its objects are made: from now on its dynos have to become ready. */
  applied(release: DesiredRelease | undefined): void {
    this.#applied = release?.version;
  }

  hasFailed(version: number): boolean {
    return this.#settled?.release === version && this.#settled.outcome === 'failed';
  }

  /** Milliseconds until the rollout is late; undefined if none is under way. */
  get remaining(): number | undefined {
    const { version, at } = this.#since;
    if (version === 0 || this.#settled?.release === version) return undefined;
    return Math.max(0, at + this.deadline - this.now());
  }

  /** What the objects of the app say. Returns the rollout, and whether it was settled just now. */
  look(objects: AppObjects): { readonly rollout: Rollout | undefined; readonly isNew: boolean } {
    const version = this.#version(objects);
    if (version === undefined) return { rollout: undefined, isNew: false };
    if (this.#settled?.release === version) return { rollout: this.#settled, isNew: false };
    if (this.#since.version !== version) this.#since = { version, at: this.now() };
    const pending: Rollout = { release: version, outcome: 'pending', failure: undefined };
    if (this.#desired !== undefined && this.#applied !== version) return { rollout: pending, isNew: false };
    const rollout = rolloutOf(version, objects, this.#expected(objects), this.remaining === 0);
    const isNew = rollout.outcome !== 'pending';
    if (isNew) this.#settled = rollout;
    return { rollout, isNew };
  }

  /** Without a desired app, such as after a restart, what the cluster has. */
  #version({ deployments }: AppObjects): number | undefined {
    if (this.#desired !== undefined) return (this.#desired.pending ?? this.#desired.current)?.version;
    const versions = deployments.flatMap(versionOf);
    return versions.length === 0 ? undefined : Math.max(...versions);
  }

  /** The Deployments that the release has: one that was just made may not be known yet. */
  #expected({ deployments }: AppObjects): string[] {
    const { app, processes, pending, current } = this.#desired ?? {};
    const release = pending ?? current;
    if (app === undefined || processes === undefined || release === undefined) {
      return deployments.map(({ metadata }) => metadata.name);
    }
    return processes
      .filter(({ type }) => release.commands[type] !== undefined)
      .map(({ type }) => deploymentName(app, type));
  }
}
