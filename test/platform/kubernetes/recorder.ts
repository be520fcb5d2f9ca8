import type { AppRef } from '../../../src/platform/desired/app.js';
import type {
  ApplyFailure,
  ObservedApp,
  ObservedDyno,
  OrchestratorEvents,
} from '../../../src/platform/orchestrator/orchestrator.js';
import { until } from '../../cluster/until.js';

/** Keeps what an orchestrator tells. */
export class Recorder implements OrchestratorEvents {
  readonly apps = new Map<string, ObservedApp>();
  readonly gone: string[] = [];
  readonly goneSpaces: string[] = [];
  readonly failures: ApplyFailure[] = [];
  readonly connection: string[] = [];
  /** The fewest dynos that were up at a time, since it was set to infinity. */
  fewestUp = Number.POSITIVE_INFINITY;

  onApp(app: ObservedApp): void {
    this.apps.set(app.app.name, app);
    this.fewestUp = Math.min(this.fewestUp, app.dynos.filter(({ state }) => state === 'up').length);
  }

  onAppGone({ name }: AppRef): void {
    this.apps.delete(name);
    this.gone.push(name);
  }

  onSpaceGone(space: string): void {
    this.goneSpaces.push(space);
  }

  onFailure(failure: ApplyFailure): void {
    this.failures.push(failure);
  }

  onDisconnected(): void {
    this.connection.push('disconnected');
  }

  onConnected(): void {
    this.connection.push('connected');
  }

  /** Dynos of an app that are up, by name. */
  up(app: string): ObservedDyno[] {
    return (this.apps.get(app)?.dynos ?? []).filter(({ state }) => state === 'up');
  }

  /** Waits until an app is as a test expects. */
  async untilApp(app: string, holds: (observed: ObservedApp) => boolean, what: string): Promise<ObservedApp> {
    const isThere = (): boolean => {
      const observed = this.apps.get(app);
      return observed !== undefined && holds(observed);
    };
    await until(isThere, what).catch((error: Error) => {
      const seen = JSON.stringify({ app: this.apps.get(app), failures: this.failures.slice(-2) });
      throw new Error(`${error.message}; seen: ${seen}`, { cause: error });
    });
    return this.apps.get(app)!;
  }

  /** Waits until a release succeeded or failed. */
  untilSettled(app: string, version: number): Promise<ObservedApp> {
    return this.untilApp(
      app,
      ({ rollout }) => rollout?.release === version && rollout.outcome !== 'pending',
      `release ${version} of ${app} is settled`,
    );
  }
}
