import type { AppRef, DesiredApp, DesiredRelease } from '../../desired/app.js';
import type { KubernetesClient } from '../client/client.js';
import { KubernetesError } from '../client/errors.js';
import { type ObjectRef, refOf } from '../client/resources.js';
import type { StoredObject } from '../client/watch.js';
import { appObjects, needsBudget } from '../objects/app.js';
import type { Manifest } from '../objects/manifest.js';
import {
  configName,
  credentialsName,
  deploymentName,
  dynoNameOf,
  LABEL,
  namespaceOf,
  slugName,
} from '../objects/names.js';
import type { ClusterFeatures, ClusterSettings } from '../objects/settings.js';
import { type Deployment, KIND, type Pod, type ReplicaSet } from '../observe/stored.js';

/** Where apps are made. */
export interface Cluster {
  readonly client: KubernetesClient;
  readonly settings: ClusterSettings;
  readonly features: ClusterFeatures;
}

/** Makes an app run `release`, and removes what it no longer has. Without a release, its dynos end. */
export async function applyApp(
  cluster: Cluster,
  desired: DesiredApp,
  release: DesiredRelease | undefined,
): Promise<void> {
  const { client, settings, features } = cluster;
  const objects = release === undefined ? [] : appObjects(desired, release, settings, features);
  for (const object of objects) await applyObject(client, object);
  const types = new Set(
    objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name),
  );
  await removeProcesses(cluster, desired.app, (name) => types.has(name));
  for (const process of desired.processes.filter((each) => !needsBudget(desired, each))) {
    const name = deploymentName(desired.app, process.type);
    await client.delete({ ...budgetKind(features), name, namespace: namespaceOf(desired.app.space) });
  }
  await renewDynos(cluster, desired);
}

/** An immutable Secret that differs is of an earlier app of this name. */
async function applyObject(client: KubernetesClient, object: Manifest): Promise<void> {
  try {
    await client.apply(object);
  } catch (error) {
    if (object.immutable !== true || !(error instanceof KubernetesError && error.id === 'invalid'))
      throw error;
    await client.delete(refOf(object));
    await client.apply(object);
  }
}

/** Deletes the Deployments of an app that aren't kept, and so ends their dynos. */
export async function removeProcesses(
  { client, settings, features }: Cluster,
  app: AppRef,
  isKept: (name: string) => boolean,
): Promise<void> {
  const namespace = namespaceOf(app.space);
  const { items } = await client.list<Deployment>(KIND.deployment, {
    namespace,
    labels: selectorOf(app, settings),
  });
  for (const { metadata } of items.filter((each) => !isKept(each.metadata.name))) {
    await client.delete({ ...KIND.deployment, namespace, name: metadata.name }, { uid: metadata.uid });
    await client.delete({ ...budgetKind(features), namespace, name: metadata.name });
  }
}

/** Deletes single dynos, which their Deployments then replace. */
async function renewDynos({ client, settings }: Cluster, { app, processes }: DesiredApp): Promise<void> {
  const times = Object.assign({}, ...processes.map(({ renewal }) => renewal.dynos)) as Record<string, string>;
  if (Object.keys(times).length === 0) return;
  const namespace = namespaceOf(app.space);
  const { items } = await client.list<Pod>(KIND.pod, { namespace, labels: selectorOf(app, settings) });
  for (const { metadata } of items) {
    const before = times[dynoNameOf(metadata.labels?.[LABEL.process] ?? '', metadata.name)];
    const isOld = before !== undefined && Date.parse(metadata.creationTimestamp) <= Date.parse(before);
    if (!isOld || metadata.deletionTimestamp !== undefined) continue;
    await client.delete({ ...KIND.pod, namespace, name: metadata.name }, { uid: metadata.uid });
  }
}

/** Removes everything of an app but its address, which is its space's. */
export async function removeApp(cluster: Cluster, app: AppRef): Promise<void> {
  const { client, settings } = cluster;
  const namespace = namespaceOf(app.space);
  const labels = selectorOf(app, settings);
  const { items: replicaSets } = await client.list<ReplicaSet>(KIND.replicaSet, { namespace, labels });
  await removeProcesses(cluster, app, () => false);
  const { items: oneOffs } = await client.list<StoredObject>(KIND.pod, {
    namespace,
    labels: `${labels},${LABEL.oneOff}`,
  });
  for (const { metadata } of oneOffs) await client.delete({ ...KIND.pod, namespace, name: metadata.name });
  await removeSecrets(client, app, new Set(replicaSets.flatMap(versionOf)));
  await client.delete(secretRef(app, credentialsName(app)));
}

/** Removes the config and the slug's token of releases. Secrets can't be listed: that is a right the platform doesn't have. */
export async function removeSecrets(
  client: KubernetesClient,
  app: AppRef,
  versions: ReadonlySet<number>,
): Promise<void> {
  for (const version of versions) {
    await client.delete(secretRef(app, configName(app, version)));
    await client.delete(secretRef(app, slugName(app, version)));
  }
}

/** The release that an object is of. */
export function versionOf({ metadata }: StoredObject): number[] {
  const version = Number(metadata.labels?.[LABEL.release]);
  return Number.isInteger(version) ? [version] : [];
}

function secretRef(app: AppRef, name: string): ObjectRef {
  return { ...KIND.secret, name, namespace: namespaceOf(app.space) };
}

function budgetKind({ disruptionBudgets }: ClusterFeatures) {
  return { apiVersion: disruptionBudgets, kind: 'PodDisruptionBudget' };
}

function selectorOf(app: AppRef, { platform }: ClusterSettings): string {
  return `${LABEL.platform}=${platform},${LABEL.app}=${app.name}`;
}
