import type { Rollout, RolloutFailure } from '../../orchestrator/orchestrator.js';
import { LABEL } from '../objects/names.js';
import { problemOf } from './dyno.js';
import type { Deployment, Pod, ReplicaSet } from './stored.js';

/** What is known of an app. */
export interface AppObjects {
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
  /** What the last failed probe of a pod found, by its uid. */
  readonly unhealthy: ReadonlyMap<string, string>;
}

/**
 * How a release of an app comes into effect. `expected` are the names of its Deployments; `isLate` if its deadline is
 * over. It looks at what is labelled with the
 * release only: the conditions of a Deployment can still be those of the release before.
 */
export function rolloutOf(
  version: number,
  objects: AppObjects,
  expected: readonly string[],
  isLate: boolean,
): Rollout {
  const isOfRelease = ({ metadata }: Deployment | ReplicaSet | Pod): boolean =>
    metadata.labels?.[LABEL.release] === String(version);
  const complete = new Set(
    objects.deployments
      .filter((each) => isOfRelease(each) && isComplete(each))
      .map(({ metadata }) => metadata.name),
  );
  if (expected.every((name) => complete.has(name))) {
    return { release: version, outcome: 'succeeded', failure: undefined };
  }
  const refused = objects.replicaSets.filter(isOfRelease).map(refusal).find(isGiven);
  const problems = objects.pods
    .filter((pod) => isOfRelease(pod) && pod.metadata.deletionTimestamp === undefined)
    .map((pod) => problemOf(pod, objects.unhealthy.get(pod.metadata.uid)))
    .filter(isGiven);
  const final = refused ?? problems.find(({ isFinal }) => isFinal);
  if (final !== undefined) return failed(version, final);
  if (!isLate) return { release: version, outcome: 'pending', failure: undefined };
  return failed(
    version,
    problems[0] ?? { code: 'timeout', message: 'its dynos are not ready within the deadline' },
  );
}

function failed(release: number, { code, message }: RolloutFailure): Rollout {
  return { release, outcome: 'failed', failure: { code, message } };
}

/** Every dyno is of the newest template, and ready. */
function isComplete({ metadata, spec, status }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (observedGeneration < (metadata.generation ?? 0)) return false;
  return [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas);
}

/** Why pods can't even be made: the quota of the space, or the admission of the cluster. Nothing else shows it. */
function refusal({ status }: ReplicaSet): RolloutFailure | undefined {
  const condition = status.conditions?.find(
    ({ type, status: holds }) => type === 'ReplicaFailure' && holds === 'True',
  );
  if (condition === undefined) return undefined;
  const { message = 'the cluster refused its pods' } = condition;
  return { code: message.includes('exceeded quota') ? 'quota' : 'config', message };
}

function isGiven<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
