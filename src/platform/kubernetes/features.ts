import type { KubernetesClient } from './client/client.js';
import { KubernetesError } from './client/errors.js';
import type { ClusterFeatures } from './objects/settings.js';

/** The oldest Kubernetes that the platform is tested with. */
const OLDEST = { major: 1, minor: 20 } as const;

/** What a cluster is. */
export interface ClusterVersion {
  /** Such as `v1.20.2`. */
  readonly text: string;
  readonly minor: number;
  readonly features: ClusterFeatures;
}

/** Asks a cluster what it offers. Throws a {@link KubernetesError} if it is too old. */
export async function readVersion(client: KubernetesClient): Promise<ClusterVersion> {
  const { gitVersion, major, minor } = await client.read<{
    readonly gitVersion: string;
    readonly major: string;
    readonly minor: string;
  }>('/version');
  // Clouds write `20+`.
  const number = Number.parseInt(minor, 10);
  if (Number(major) === OLDEST.major && number < OLDEST.minor) {
    const message = `Kubernetes ${gitVersion} is too old. Upgrade the cluster to ${OLDEST.major}.${OLDEST.minor} or newer.`;
    throw new KubernetesError('failed', message);
  }
  const { versions } = await client.read<{ readonly versions: readonly { readonly groupVersion: string }[] }>(
    '/apis/policy',
  );
  const isServed = versions.some(({ groupVersion }) => groupVersion === 'policy/v1');
  return {
    text: gitVersion,
    minor: number,
    features: { disruptionBudgets: isServed ? 'policy/v1' : 'policy/v1beta1' },
  };
}
