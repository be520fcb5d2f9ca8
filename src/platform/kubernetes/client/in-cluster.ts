import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterAccess, tokenFile } from './access.js';
import { KubernetesError } from './errors.js';

/** Where a pod finds what its service account is for. */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The cluster that this process is a pod of. The token is bound to the pod and rotates, so it is read again every minute.
 * Throws a {@link KubernetesError} (`kubeconfig`) if the pod has no token.
 */
export function inClusterAccess(env: NodeJS.ProcessEnv, folder: string = FOLDER): ClusterAccess {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT_HTTPS: port = '443' } = env;
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      const why = `${join(folder, name)} can't be read. Set automountServiceAccountToken: true for the pod`;
      throw new KubernetesError('kubeconfig', `This pod has no service account: ${why}.`);
    }
  };
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: read('namespace').trim(),
    tls: { ca: read('ca.crt'), rejectUnauthorized: true },
    credentials: tokenFile(() => read('token')),
    headers: {},
  };
}
