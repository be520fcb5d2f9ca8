import type { FailureCode, ObservedDyno, RolloutFailure } from '../../orchestrator/orchestrator.js';
import { dynoNameOf, LABEL, SLUG_CONTAINER } from '../objects/names.js';
import type { ContainerStatus, Pod } from './stored.js';

/** So many restarts of a new dyno mean that its release doesn't run. */
const CRASHES = 3;

/** Reasons for which a container waits and that don't pass by themselves. */
const WAITING: Readonly<Record<string, FailureCode>> = {
  ErrImagePull: 'image',
  ImagePullBackOff: 'image',
  InvalidImageName: 'image',
  ErrImageNeverPull: 'image',
  CreateContainerConfigError: 'config',
  CreateContainerError: 'config',
  RunContainerError: 'config',
};

/**
 * What is in the way of a dyno, and whether it is enough to call its release failed. `unhealthy` is what its last failed
 * probe found.
 */
export function problemOf(
  pod: Pod,
  unhealthy?: string,
): (RolloutFailure & { readonly isFinal: boolean }) | undefined {
  const { conditions = [], initContainerStatuses = [], containerStatuses = [] } = pod.status;
  for (const container of [...initContainerStatuses, ...containerStatuses]) {
    const problem = containerProblem(container);
    if (problem !== undefined) return problem;
  }
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled?.reason === 'Unschedulable') {
    // Room may come: a node, or a dyno that ends.
    return { code: 'unschedulable', message: unscheduled.message ?? 'no node has room', isFinal: false };
  }
  if (unhealthy !== undefined && !isReady(pod)) return { code: 'probe', message: unhealthy, isFinal: false };
  return undefined;
}

function containerProblem(container: ContainerStatus): ReturnType<typeof problemOf> {
  const { name, state, restartCount } = container;
  const { reason, message } = state?.waiting ?? {};
  const code = reason === undefined ? undefined : WAITING[reason];
  if (code !== undefined) return { code, message: message ?? reason ?? code, isFinal: true };
  if (restartCount === 0 && reason !== 'CrashLoopBackOff') return undefined;
  // A dyno that crashed once and is up again has no problem.
  if (container.ready) return undefined;
  const isFinal = restartCount >= CRASHES;
  if (name === SLUG_CONTAINER)
    return { code: 'slug', message: `the slug can't be fetched: ${endOf(container)}`, isFinal };
  return {
    code: 'crash',
    message: `the program ended: ${endOf(container)}, ${restartCount} restarts`,
    isFinal,
  };
}

function endOf({ state, lastState }: ContainerStatus): string {
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended === undefined) return 'unknown';
  if (ended.reason === 'OOMKilled') return 'out of memory';
  return ended.signal === undefined || ended.signal === 0
    ? `exit code ${ended.exitCode}`
    : `signal ${ended.signal}`;
}

export function isReady({ status }: Pod): boolean {
  return (
    status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false
  );
}

/** A pod that ended for good and that its Deployment has replaced, such as an evicted one. */
export function isOver({ status, metadata }: Pod): boolean {
  const hasEnded = status.phase === 'Failed' || status.phase === 'Succeeded';
  return hasEnded && metadata.labels?.[LABEL.oneOff] === undefined;
}

/** How a pod of an app is told. */
export function dynoOf(pod: Pod, unhealthy?: string): ObservedDyno {
  const { metadata, status } = pod;
  const { [LABEL.process]: type = '', [LABEL.release]: release = '0' } = metadata.labels ?? {};
  const problem = problemOf(pod, unhealthy);
  const restarts = (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
  return {
    name: dynoNameOf(type, metadata.name),
    type,
    release: Number(release),
    state: stateOf(pod, problem?.code),
    reason: problem?.message,
    unmet: problem?.code,
    restarts,
    since: status.startTime ?? metadata.creationTimestamp,
  };
}

function stateOf(pod: Pod, problem: FailureCode | undefined): ObservedDyno['state'] {
  const { phase } = pod.status;
  if (pod.metadata.deletionTimestamp !== undefined || phase === 'Succeeded') return 'stopping';
  if (problem === 'crash' || phase === 'Failed') return 'crashed';
  if (problem !== undefined && problem !== 'probe') return 'waiting';
  return isReady(pod) ? 'up' : 'starting';
}
