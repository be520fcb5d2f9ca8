import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import yaml from 'js-yaml';
import * as z from 'zod/mini';
import { type ClusterAccess, type Credentials, fixed, type ServerTls, tokenFile } from './access.js';
import { KubernetesError } from './errors.js';
import { ExecPlugin, execPlugin } from './exec-plugin.js';
import { inClusterAccess } from './in-cluster.js';

const text = z.nullish(z.string());
const Cluster = z.object({
  server: z.string(),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.nullish(z.boolean()),
  'tls-server-name': text,
  'proxy-url': text,
});
const User = z.object({
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  exec: z.nullish(ExecPlugin),
  'auth-provider': z.nullish(z.unknown()),
  as: text,
  'as-groups': z.nullish(z.array(z.string())),
});
const Context = z.object({ cluster: z.string(), user: text, namespace: text });
const Kubeconfig = z.object({
  'current-context': text,
  clusters: z.nullish(z.array(z.object({ name: z.string(), cluster: Cluster }))),
  users: z.nullish(z.array(z.object({ name: z.string(), user: z.nullish(User) }))),
  contexts: z.nullish(z.array(z.object({ name: z.string(), context: Context }))),
});
type Cluster = z.infer<typeof Cluster>;
type User = z.infer<typeof User>;

export interface KubeconfigOptions {
  /** Paths as KUBECONFIG has them; that variable unless given, then ~/.kube/config. */
  readonly path?: string;
  /** The current one unless given. */
  readonly context?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Returns how the cluster of a kubeconfig is reached, as kubectl would: several files are merged, the first that has a name
 * wins, and paths are relative to their file. Inside a cluster, without a kubeconfig, it is that cluster with the service
 * account of the pod. Throws a {@link KubernetesError} (`kubeconfig`) that names the file and the entry at fault.
 */
export function clusterAccess({ path, context, env = process.env }: KubeconfigOptions = {}): ClusterAccess {
  const given = path ?? env.KUBECONFIG;
  if (given === undefined || given === '') {
    const standard = join(env.HOME ?? homedir(), '.kube', 'config');
    if (!existsSync(standard) && env.KUBERNETES_SERVICE_HOST !== undefined) return inClusterAccess(env);
    return accessOf([standard], context, env);
  }
  return accessOf(
    given.split(delimiter).filter((file) => file !== ''),
    context,
    env,
  );
}

function accessOf(
  files: readonly string[],
  wanted: string | undefined,
  env: NodeJS.ProcessEnv,
): ClusterAccess {
  const configs = files.map(readKubeconfig);
  const where = files.join(', ');
  const name = wanted ?? configs.map((config) => config['current-context']).find(isGiven);
  if (!isGiven(name))
    throw fault(where, 'no context is current. Choose one: kubectl config use-context NAME');
  const { context } = entry(
    'context',
    name,
    configs.flatMap(({ contexts }) => contexts ?? []),
    where,
  );
  const { cluster, folder } = entry(
    'cluster',
    context.cluster,
    configs.flatMap(withFolder('clusters')),
    where,
  );
  const user = isGiven(context.user)
    ? entry('user', context.user, configs.flatMap(withFolder('users')), where)
    : { user: {}, folder };
  const server = cluster.server.replace(/\/+$/, '');
  const tls = serverTls(cluster, folder);
  return {
    server,
    namespace: context.namespace ?? 'default',
    tls,
    ...(isGiven(cluster['proxy-url']) && { proxy: cluster['proxy-url'] }),
    credentials: credentialsOf(user.user ?? {}, user.folder, { server, ca: tls.ca, env }),
    headers: impersonation(user.user ?? {}),
  };
}

type ReadKubeconfig = z.infer<typeof Kubeconfig> & { readonly folder: string };

function readKubeconfig(file: string): ReadKubeconfig {
  try {
    const document = yaml.safeLoad(readFileSync(file, 'utf8'), { schema: yaml.JSON_SCHEMA });
    return { ...Kubeconfig.parse(document), folder: dirname(resolve(file)) };
  } catch (error) {
    if (error instanceof z.core.$ZodError) {
      // The path of the entry, never its value.
      throw fault(file, `${error.issues[0]?.path.join('.') || 'it'} is not as in a kubeconfig`);
    }
    const code = (error as NodeJS.ErrnoException).code;
    throw fault(file, code === undefined ? 'it is not YAML' : `it can't be read (${code})`);
  }
}

/** The entries of one file, with the folder that their paths are relative to. */
function withFolder<Kind extends 'clusters' | 'users'>(kind: Kind) {
  return (config: ReadKubeconfig) =>
    (config[kind] ?? []).map((each) => ({ ...(each as Entry<Kind>), folder: config.folder }));
}

type Entry<Kind extends 'clusters' | 'users'> = NonNullable<z.infer<typeof Kubeconfig>[Kind]>[number];

function entry<Named extends { readonly name: string }>(
  noun: string,
  name: string,
  entries: readonly Named[],
  where: string,
): Named {
  const found = entries.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = [...new Set(entries.map((each) => each.name))].join(', ');
  throw fault(where, `there is no ${noun} ${name}. There is: ${names === '' ? 'none' : names}`);
}

function serverTls(cluster: Cluster, folder: string): ServerTls {
  const ca = pem(cluster, 'certificate-authority', folder);
  const servername = cluster['tls-server-name'];
  return {
    ...(ca !== undefined && { ca }),
    ...(isGiven(servername) && { servername }),
    rejectUnauthorized: cluster['insecure-skip-tls-verify'] !== true,
  };
}

/** In the order of kubectl: a token before a password, and a certificate beside either. */
function credentialsOf(user: User, folder: string, { server, ca, env }: CredentialContext): Credentials {
  if (user['auth-provider'] !== undefined && user['auth-provider'] !== null) {
    throw fault(folder, 'auth-provider was removed from Kubernetes. Use the exec plugin of your provider');
  }
  if (user.exec !== undefined && user.exec !== null) {
    const authority = ca === undefined ? {} : { 'certificate-authority-data': base64(ca) };
    return execPlugin(user.exec, { folder, cluster: { server, ...authority }, env });
  }
  const file = user.tokenFile;
  if (isGiven(file)) return tokenFile(() => readPem(resolve(folder, file)));
  const cert = pem(user, 'client-certificate', folder);
  const key = pem(user, 'client-key', folder);
  const certificate = cert === undefined || key === undefined ? undefined : { cert, key };
  if (isGiven(user.token)) return fixed({ authorization: `Bearer ${user.token}`, certificate });
  if (isGiven(user.username)) {
    return fixed({
      authorization: `Basic ${base64(`${user.username}:${user.password ?? ''}`)}`,
      certificate,
    });
  }
  return fixed({ certificate });
}

interface CredentialContext {
  readonly server: string;
  readonly ca: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

function impersonation({ as: user, 'as-groups': groups }: User): ClusterAccess['headers'] {
  return {
    ...(isGiven(user) && { 'Impersonate-User': user }),
    ...(groups !== undefined && groups !== null && groups.length > 0 && { 'Impersonate-Group': groups }),
  };
}

/** What is in the kubeconfig comes before the file that it names. */
function pem<Name extends string>(
  holder: { readonly [key in Name | `${Name}-data`]?: string | null | undefined },
  name: Name,
  folder: string,
): string | undefined {
  const data = holder[`${name}-data`];
  if (isGiven(data)) return Buffer.from(data, 'base64').toString('utf8');
  const file = holder[name];
  return isGiven(file) ? readPem(resolve(folder, file)) : undefined;
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fault(file, `it can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function isGiven(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '';
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}

function fault(file: string, why: string): KubernetesError {
  return new KubernetesError('kubeconfig', `Kubeconfig ${file}: ${why}.`);
}
