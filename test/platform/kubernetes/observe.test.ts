import { describe, expect, test } from '@jest/globals';
import { dynoOf, problemOf } from '../../../src/platform/kubernetes/observe/dyno.js';
import { rolloutOf } from '../../../src/platform/kubernetes/observe/rollout.js';
import type {
  ContainerStatus,
  Deployment,
  Pod,
  ReplicaSet,
} from '../../../src/platform/kubernetes/observe/stored.js';

const meta = (name: string, release: number) => ({
  name,
  uid: name,
  resourceVersion: '1',
  generation: 2,
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { 'aka.io/app': 'web', 'aka.io/process': 'web', 'aka.io/release': String(release) },
});
const pod = (status: Pod['status'], release = 2): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta('web-web-5d9-x2x8k', release),
  spec: {},
  status,
});
const container = (more: Partial<ContainerStatus>): Pod['status'] => ({
  containerStatuses: [{ name: 'dyno', ready: false, restartCount: 0, ...more }],
});
const waiting = (reason: string) => ({ state: { waiting: { reason } } });
const ended = (more: object) => ({ lastState: { terminated: { exitCode: 1, ...more } } });
const slug = (restartCount: number): Pod['status'] => ({
  initContainerStatuses: [
    { name: 'slug', ready: false, restartCount, ...waiting('CrashLoopBackOff'), ...ended({}) },
  ],
});
const ready = { conditions: [{ type: 'Ready', status: 'True' }] } as const;

test.each([
  ['is up', { phase: 'Running', ...ready }, 'up', undefined],
  ['isn’t ready yet', { phase: 'Running' }, 'starting', undefined],
  ['waits for its image', container(waiting('ImagePullBackOff')), 'waiting', 'image'],
  ['lacks a Secret', container(waiting('CreateContainerConfigError')), 'waiting', 'config'],
  [
    'crashed once and is up again',
    { ...container({ restartCount: 1, ready: true }), ...ready },
    'up',
    undefined,
  ],
  [
    'crashes again and again',
    container({ restartCount: 4, ...waiting('CrashLoopBackOff'), ...ended({}) }),
    'crashed',
    'crash',
  ],
  ['can’t fetch its slug', slug(1), 'waiting', 'slug'],
  ['was evicted', { phase: 'Failed', reason: 'Evicted' }, 'crashed', undefined],
] satisfies readonly (readonly [string, Pod['status'], string, string | undefined])[])(
  'a dyno that %s',
  (_, status, state, unmet) => {
    expect(dynoOf(pod(status))).toMatchObject({ name: 'web.x2x8k', type: 'web', release: 2, state, unmet });
  },
);

test.each([
  [{ exitCode: 3 }, /exit code 3, 2 restarts/],
  [{ exitCode: 137, reason: 'OOMKilled' }, /out of memory/],
  [{ exitCode: 0, signal: 11 }, /signal 11/],
])('a crash with %j is told with its reason', (how, text) => {
  expect(problemOf(pod(container({ restartCount: 2, ...ended(how) })))?.message).toMatch(text);
});

test('what a failed probe found is the reason of a dyno that isn’t ready', () => {
  const found = 'Readiness probe failed: HTTP probe failed with statuscode: 500';
  expect(dynoOf(pod({ phase: 'Running' }), found)).toMatchObject({
    state: 'starting',
    unmet: 'probe',
    reason: found,
  });
  expect(dynoOf(pod({ phase: 'Running', ...ready }), found)).toMatchObject({
    state: 'up',
    reason: undefined,
  });
});

const deployment = (status: Deployment['status'], release = 2): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: meta('web-web', release),
  spec: { replicas: 2 },
  status,
});
const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const refused = (message: string, release = 2): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: meta('web-web-5d9', release),
  status: { conditions: [{ type: 'ReplicaFailure', status: 'True', message }] },
});

describe('a rollout', () => {
  const none = { deployments: [], replicaSets: [], pods: [], unhealthy: new Map<string, string>() };
  const outcome = (objects: object, isLate = false): string => {
    const { outcome: what, failure } = rolloutOf(2, { ...none, ...objects }, ['web-web'], isLate);
    return failure === undefined ? what : `${what}: ${failure.code}`;
  };

  test.each([
    ['succeeds when every dyno is new and ready', { deployments: [deployment(done)] }, 'succeeded'],
    ['waits for a Deployment that isn’t known yet', {}, 'pending'],
    [
      'waits while dynos of the release before are there',
      { deployments: [deployment({ ...done, replicas: 3 })] },
      'pending',
    ],
    [
      'waits until its controller saw the change',
      { deployments: [deployment({ ...done, observedGeneration: 1 })] },
      'pending',
    ],
    ['is not that of the release before', { deployments: [deployment(done, 1)] }, 'pending'],
    ['fails by the quota', { replicaSets: [refused('exceeded quota: space')] }, 'failed: quota'],
    ['fails by the admission', { replicaSets: [refused('violates PodSecurity')] }, 'failed: config'],
    ['is not failed by the release before', { replicaSets: [refused('exceeded quota', 1)] }, 'pending'],
    ['waits after one crash', { pods: [pod(container({ restartCount: 1, ...ended({}) }))] }, 'pending'],
    [
      'fails after three crashes',
      { pods: [pod(container({ restartCount: 3, ...ended({}) }))] },
      'failed: crash',
    ],
    [
      'is not failed by crashes of the release before',
      { pods: [pod(container({ restartCount: 9 }), 1)] },
      'pending',
    ],
    ['fails when the slug can’t be fetched', { pods: [pod(slug(3))] }, 'failed: slug'],
  ])('%s', (_, objects, expected) => {
    expect(outcome(objects)).toBe(expected);
  });

  test('that is late fails with what is in the way of its dynos', () => {
    const unscheduled = pod({
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
    });
    expect(outcome({ pods: [unscheduled] })).toBe('pending');
    expect(outcome({ pods: [unscheduled] }, true)).toBe('failed: unschedulable');
    const unhealthy = new Map([['web-web-5d9-x2x8k', 'HTTP 500']]);
    expect(outcome({ pods: [pod({ phase: 'Running' })], unhealthy }, true)).toBe('failed: probe');
    expect(outcome({ pods: [pod({ phase: 'Running' })] }, true)).toBe('failed: timeout');
  });
});
