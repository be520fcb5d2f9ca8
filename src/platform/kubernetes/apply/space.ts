import { discoveryVars } from '../../../model/discovery.js';
import type { SpaceName } from '../../../model/names.js';
import type { DesiredSpace } from '../../desired/space.js';
import type { KubernetesClient } from '../client/client.js';
import { KubernetesError } from '../client/errors.js';
import { backoff, pause } from '../client/retry.js';
import type { Manifest } from '../objects/manifest.js';
import { LABEL, namespaceOf } from '../objects/names.js';
import type { ClusterSettings } from '../objects/settings.js';
import { discoveryObject, spaceObjects } from '../objects/space.js';
import { KIND, type Namespace, type Service } from '../observe/stored.js';

/** Of an app's Service. */
const PORT = 80;
/** Milliseconds between looks at a namespace that is being deleted. */
const LOOK = 500;
/** Attempts within 3 s. */
const BIND_ATTEMPTS = 6;
const NEVER = new AbortController().signal;

/** Makes a space, and the discovery vars of its apps by the addresses that the cluster gives them. */
export async function applySpace(
  client: KubernetesClient,
  space: DesiredSpace,
  settings: ClusterSettings,
): Promise<void> {
  await ownNamespace(client, space.name, settings);
  const addresses = new Map<string, string>();
  for (const object of spaceObjects(space, settings)) {
    const stored = await applyWhenAllowed(client, object, settings);
    const address = object.kind === 'Service' ? stored.spec.clusterIP : undefined;
    if (address !== undefined) addresses.set(object.metadata.name, address);
  }
  const services = space.apps.map((name) => ({ name, host: addresses.get(name) ?? null, port: PORT }));
  await client.apply(discoveryObject(space, discoveryVars(services), settings));
  await removeOtherServices(client, space, settings);
}

/** A role that was just bound counts a moment later. */
async function applyWhenAllowed(
  client: KubernetesClient,
  object: Manifest,
  { controlPlane }: ClusterSettings,
): Promise<Service> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.apply<Service>(object);
    } catch (error) {
      const isForbidden = error instanceof KubernetesError && error.id === 'forbidden';
      if (!isForbidden || controlPlane === undefined || attempt === BIND_ATTEMPTS) throw error;
      await pause(backoff(attempt, { first: 50 }), NEVER);
    }
  }
}

async function removeOtherServices(
  client: KubernetesClient,
  space: DesiredSpace,
  settings: ClusterSettings,
): Promise<void> {
  const namespace = namespaceOf(space.name);
  const labels = `${LABEL.platform}=${settings.platform},${LABEL.app}`;
  const { items } = await client.list<Service>(KIND.service, { namespace, labels });
  const wanted: ReadonlySet<string> = new Set(space.apps);
  for (const { metadata } of items) {
    if (wanted.has(metadata.name)) continue;
    await client.delete({ ...KIND.service, namespace, name: metadata.name }, { uid: metadata.uid });
  }
}

/** Deletes a space with everything in it. Resolves when it is gone, or rejects when `signal` comes. */
export async function removeSpace(
  client: KubernetesClient,
  name: SpaceName,
  settings: ClusterSettings,
  signal: AbortSignal,
): Promise<void> {
  const found = await ownNamespace(client, name, settings);
  if (found === undefined) return;
  const ref = { ...KIND.namespace, name: namespaceOf(name) };
  await client.delete(ref, { uid: found.metadata.uid });
  while ((await client.find<Namespace>(ref))?.metadata.uid === found.metadata.uid) {
    await pause(LOOK, signal);
    signal.throwIfAborted();
  }
}

/** The namespace of a space, if it is there. Throws if it isn't ours: then nothing in it is touched. */
async function ownNamespace(
  client: KubernetesClient,
  space: SpaceName,
  { platform }: ClusterSettings,
): Promise<Namespace | undefined> {
  const name = namespaceOf(space);
  const found = await client.find<Namespace>({ ...KIND.namespace, name });
  if (found === undefined || found.metadata.labels?.[LABEL.platform] === platform) return found;
  const why = `it has no label ${LABEL.platform}=${platform}. Delete it, or choose another name for the space`;
  throw new KubernetesError('conflict', `Namespace ${name} belongs to something else: ${why}.`);
}
