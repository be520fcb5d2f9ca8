import type { AppRef, DesiredApp, DesiredProcess, DesiredRelease } from '../../desired/app.js';
import type { Manifest } from './manifest.js';
import {
  configName,
  credentialsName,
  deploymentName,
  HTTP,
  LABEL,
  namespaceOf,
  RENEWAL,
  slugName,
} from './names.js';
import { podSpec } from './pod.js';
import type { ClusterFeatures, ClusterSettings } from './settings.js';

const WEB = 'web';
/** ReplicaSets of earlier releases; rollbacks apply a release again, so they are for looking only. */
const HISTORY = 3;

/** The objects of an app that runs `release`, in the order in which they are applied. */
export function appObjects(
  desired: DesiredApp,
  release: DesiredRelease,
  settings: ClusterSettings,
  features: ClusterFeatures,
): Manifest[] {
  const processes = desired.processes.filter(({ type }) => release.commands[type] !== undefined);
  return [
    configSecret(desired.app, release, settings),
    ...slugSecret(desired.app, release, settings),
    credentialsSecret(desired, settings),
    ...processes.flatMap((process) => [
      deployment(desired, process, release, settings),
      ...(needsBudget(desired, process) ? [disruptionBudget(desired, process, settings, features)] : []),
    ]),
  ];
}

/** Whether nodes are drained one dyno at a time. */
export function needsBudget({ compliance }: DesiredApp, { quantity }: DesiredProcess): boolean {
  return compliance.includes('prod') && quantity > 1;
}

export function labelsOf(app: AppRef, settings: ClusterSettings): Record<string, string> {
  return { [LABEL.platform]: settings.platform, [LABEL.space]: app.space, [LABEL.app]: app.name };
}

function metadata(app: AppRef, name: string, settings: ClusterSettings, labels: Record<string, string> = {}) {
  return { name, namespace: namespaceOf(app.space), labels: { ...labelsOf(app, settings), ...labels } };
}

/** Of one release: dynos of two releases run side by side during a rollout. */
function configSecret(app: AppRef, { version, env }: DesiredRelease, settings: ClusterSettings): Manifest {
  const labels = { [LABEL.release]: String(version) };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(app, configName(app, version), settings, labels),
    immutable: true,
    data: base64(env),
  };
}

/** For the init container that downloads it. */
function slugSecret(
  app: AppRef,
  { version, artifact }: DesiredRelease,
  settings: ClusterSettings,
): Manifest[] {
  if (artifact.kind !== 'slug') return [];
  const labels = { [LABEL.release]: String(version) };
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(app, slugName(app, version), settings, labels),
      data: base64({ SLUG_URL: artifact.url, SLUG_TOKEN: artifact.token }),
    },
  ];
}

/** As they are now: what was detached or rotated stays gone, whichever release runs. */
function credentialsSecret({ app, credentials }: DesiredApp, settings: ClusterSettings): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(app, credentialsName(app), settings),
    data: base64(credentials),
  };
}

function base64(vars: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  );
}

function deployment(
  { app, compliance }: DesiredApp,
  process: DesiredProcess,
  release: DesiredRelease,
  settings: ClusterSettings,
): Manifest {
  const isProd = compliance.includes('prod');
  const { type, quantity, size, port, grace, renewal } = process;
  const selector = { [LABEL.app]: app.name, [LABEL.process]: type };
  const labels = { [LABEL.process]: type, [LABEL.release]: String(release.version) };
  const spec = podSpec({
    app,
    release,
    type,
    command: release.commands[type] ?? '',
    size,
    isProd,
    settings,
    grace,
    port,
    ...(type === WEB && { probe: readinessProbe(process) }),
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(app, deploymentName(app, type), settings, labels),
    spec: {
      replicas: quantity,
      revisionHistoryLimit: HISTORY,
      progressDeadlineSeconds: settings.rolloutDeadline,
      selector: { matchLabels: selector },
      // Dynos of a release end only when those of the next one are ready.
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: isProd ? '100%' : 1 },
      },
      template: {
        metadata: {
          labels: { ...labelsOf(app, settings), ...labels },
          ...(renewal.before !== null && { annotations: { [RENEWAL]: renewal.before } }),
        },
        spec: { ...spec, ...(isProd && { topologySpreadConstraints: spread(selector) }) },
      },
    },
  };
}

function readinessProbe({ healthcheck }: DesiredProcess): object {
  const how =
    healthcheck === null ? { tcpSocket: { port: HTTP } } : { httpGet: { path: healthcheck, port: HTTP } };
  return { ...how, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 3 };
}

/** Over nodes and zones as far as there are some. */
function spread(selector: Record<string, string>): object[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selector },
  }));
}

function disruptionBudget(
  { app }: DesiredApp,
  { type }: DesiredProcess,
  settings: ClusterSettings,
  features: ClusterFeatures,
): Manifest {
  const selector = { matchLabels: { [LABEL.app]: app.name, [LABEL.process]: type } };
  return {
    apiVersion: features.disruptionBudgets,
    kind: 'PodDisruptionBudget',
    metadata: metadata(app, deploymentName(app, type), settings, { [LABEL.process]: type }),
    spec: { maxUnavailable: 1, selector },
  };
}
