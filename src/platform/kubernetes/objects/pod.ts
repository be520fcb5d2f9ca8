import type { Size } from '../../../model/sizes.js';
import type { AppRef, DesiredRelease } from '../../desired/app.js';
import { bytes, cores } from './manifest.js';
import {
  CONTAINER,
  configName,
  credentialsName,
  DISCOVERY,
  HTTP,
  SERVICE_ACCOUNT,
  SLUG_CONTAINER,
  slugName,
} from './names.js';
import type { ClusterSettings } from './settings.js';

/** How much more memory than its size a dyno of a prod space can take while its node has some. */
export const SPIKE_FACTOR = 2;
export const PRIORITY = { prod: 'aka-prod', other: 'aka-standard' } as const;
/** Seconds after which a dyno of a prod space on a node that went silent is replaced; the others wait 300 s. */
const UNREACHABLE = 30;
const USER = 1000;

/** One dyno, of a process type or one-off. */
export interface PodOptions {
  readonly app: AppRef;
  readonly release: DesiredRelease;
  readonly type: string;
  readonly command: string;
  readonly size: Size;
  readonly isProd: boolean;
  readonly settings: ClusterSettings;
  readonly grace: number;
  /** Of a process type. */
  readonly port?: number;
  /** Only web dynos are probed: of another type, it isn't known whether it listens at all. */
  readonly probe?: object;
  /** Above all other vars but those of the platform. */
  readonly env?: Readonly<Record<string, string>>;
  /** More of the container, such as a terminal. */
  readonly container?: object;
}

const SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;
const MOUNTS = [
  { name: 'app', mountPath: '/app' },
  { name: 'tmp', mountPath: '/tmp' },
] as const;

/** The spec of a pod that runs one dyno. It passes the Pod Security level `restricted`. */
export function podSpec(options: PodOptions): Record<string, unknown> {
  const { isProd, grace, release } = options;
  const { artifact } = release;
  return {
    serviceAccountName: SERVICE_ACCOUNT,
    automountServiceAccountToken: false,
    // Kubernetes' own discovery vars miss apps that were created later.
    enableServiceLinks: false,
    priorityClassName: isProd ? PRIORITY.prod : PRIORITY.other,
    terminationGracePeriodSeconds: grace,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(isProd && { tolerations: ['unreachable', 'not-ready'].map(toleration) }),
    volumes: MOUNTS.map(({ name }) => ({ name, emptyDir: { sizeLimit: '1Gi' } })),
    ...(artifact.kind === 'slug' && { initContainers: [slugContainer(options)] }),
    containers: [dynoContainer(options)],
  };
}

function toleration(state: string): object {
  const key = `node.kubernetes.io/${state}`;
  return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: UNREACHABLE };
}

function dynoContainer(options: PodOptions): object {
  const { app, release, type, command, port, probe, env = {}, settings, size, isProd } = options;
  const { artifact } = release;
  const image = artifact.kind === 'image' ? artifact.image : settings.stackImage;
  return {
    name: CONTAINER,
    image,
    ...(artifact.kind === 'slug' && { workingDir: '/app' }),
    command: ['/bin/sh', '-c'],
    args: [literal(`export DYNO="${type}.\${DYNO##*-}"\n${command}`)],
    // Later ones win, and `env` wins over all.
    envFrom: [
      { secretRef: { name: configName(app, release.version) } },
      { secretRef: { name: credentialsName(app) } },
      { configMapRef: { name: DISCOVERY } },
    ],
    env: [
      // The program’s is shortened from it: see `args`.
      { name: 'DYNO', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...Object.entries({
        HOME: '/app',
        LANG: 'C.UTF-8',
        ...(port !== undefined && { PORT: String(port) }),
        AKKERIS_APPLICATION: `${app.name}-${app.space}`,
        AKKERIS_DEPLOYMENT: app.name,
        AKKERIS_SPACE: app.space,
        ...env,
      }).map(([name, value]) => ({ name, value: literal(value) })),
    ],
    ...(port !== undefined && { ports: [{ name: HTTP, containerPort: port, protocol: 'TCP' }] }),
    ...(probe !== undefined && { readinessProbe: probe }),
    resources: resourcesOf(size, isProd),
    securityContext: SECURITY,
    volumeMounts: MOUNTS,
    ...options.container,
  };
}

/** Dynos of prod spaces can take more than their size while there is some; the size is reserved for all of them. */
function resourcesOf({ cpu, memory }: Size, isProd: boolean): object {
  const requests = { cpu: cores(cpu), memory: bytes(memory) };
  return { requests, limits: isProd ? { memory: bytes(memory * SPIKE_FACTOR) } : requests };
}

const FETCH_SLUG = `node -e "fetch(process.env.SLUG_URL, { headers: { authorization: 'Bearer ' + process.env.SLUG_TOKEN } })
.then((response) => { if (!response.ok) throw Error(response.status);
return require('stream/promises').pipeline(response.body, process.stdout); })
.catch((error) => { console.error(String(error)); process.exit(1); })" >/tmp/slug && tar -xzf /tmp/slug -C /app && rm /tmp/slug`;

/** Its Secret can be renewed without a rollout, and the dyno's own container doesn't have it. */
function slugContainer({ app, release, settings }: PodOptions): object {
  const secret = slugName(app, release.version);
  return {
    name: SLUG_CONTAINER,
    image: settings.stackImage,
    command: ['/bin/sh', '-ec', literal(FETCH_SLUG)],
    envFrom: [{ secretRef: { name: secret } }],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '50m', memory: '256Mi' } },
    securityContext: SECURITY,
    volumeMounts: MOUNTS,
  };
}

/** Kubernetes replaces `$(NAME)` in commands and vars, and `$$` by a dollar. */
function literal(text: string): string {
  return text.replaceAll('$', () => '$$');
}
