/** What every object has. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the server adds to the metadata. */
export interface StoredMetadata extends Metadata {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly controller?: boolean;
  }[];
}

/** A kind and where it is served. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Which object of a kind. */
export interface ObjectRef extends Resource {
  readonly name: string;
  /** Of kinds that have one. */
  readonly namespace?: string | undefined;
}

const CLUSTER_WIDE: ReadonlySet<string> = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'Namespace',
  'Node',
  'PriorityClass',
  'SelfSubjectAccessReview',
]);

/** The path of all objects of a kind: those of a namespace, or those of the cluster without one. */
export function collectionPath({ apiVersion, kind }: Resource, namespace?: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined || CLUSTER_WIDE.has(kind) ? '' : `/namespaces/${namespace}`;
  return `${group}${within}/${plural(kind)}`;
}

/** The path of one object. */
export function objectPath({ name, namespace, ...resource }: ObjectRef): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

/** As the API server names them: Ingress becomes ingresses, NetworkPolicy networkpolicies. */
function plural(kind: string): string {
  const name = kind.toLowerCase();
  if (name.endsWith('s')) return name === 'endpoints' ? name : `${name}es`;
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
}
