import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import yaml from 'js-yaml';
import { sizeIn } from '../../../../src/model/sizes.js';
import { appObjects } from '../../../../src/platform/kubernetes/objects/app.js';
import type { Manifest } from '../../../../src/platform/kubernetes/objects/manifest.js';
import { oneOffPod } from '../../../../src/platform/kubernetes/objects/one-off.js';
import { platformObjects } from '../../../../src/platform/kubernetes/objects/platform.js';
import { discoveryObject, spaceObjects } from '../../../../src/platform/kubernetes/objects/space.js';
import { describeCluster } from '../../../cluster/cluster.js';
import { adminClient } from '../testing.js';
import { exampleApp, exampleProcess, exampleRelease, exampleSpace, SETTINGS } from './examples.js';
import { faultsOf, type Schemas } from './openapi.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const OLD = { disruptionBudgets: 'policy/v1beta1' } as const;
const NEW = { disruptionBudgets: 'policy/v1' } as const;
type Features = typeof OLD | typeof NEW;

// A control plane outside of the cluster has its rights from its kubeconfig.
const { controlPlane: _, ...OUTSIDE } = SETTINGS;
const prodSpace = exampleSpace({
  compliance: ['socs', 'prod', 'internal'],
  egress: 'sealed',
  quota: { cpu: 8, memory: 16 * 1024 ** 3, dynos: 40 },
});
const prodApp = exampleApp({
  compliance: ['prod'],
  credentials: { DATABASE_URL: 'postgres://example' },
  processes: [
    exampleProcess(
      { quantity: 3, healthcheck: '/health', renewal: { before: '2026-01-01T00:00:00Z', dynos: {} } },
      ['prod'],
    ),
    exampleProcess({ type: 'worker', quantity: 1 }, ['prod']),
    exampleProcess({ type: 'clock', quantity: 1 }, ['prod']),
  ],
});
const oneOff = (hasTerminal: boolean): Manifest =>
  oneOffPod(
    'web-run-x1y2z',
    exampleApp(),
    exampleRelease(4),
    { command: 'echo "$$ $(date)"', size: sizeIn([]), env: { A: 'b' }, timeout: 60 },
    hasTerminal,
    SETTINGS,
  );
const imageRelease = exampleRelease(7, {
  artifact: { kind: 'image', image: 'registry.example/team/web@sha256:abc' },
  commands: { web: 'node server.js --price "$(cat price)"' },
});

const EXAMPLES: Readonly<Record<string, (features: Features) => Manifest[]>> = {
  platform: () => platformObjects(SETTINGS),
  space: () => [
    ...spaceObjects(exampleSpace(), SETTINGS),
    discoveryObject(exampleSpace(), { WEB_SERVICE_HOST: '10.96.0.7', WEB_SERVICE_PORT: '80' }, SETTINGS),
  ],
  'space-prod': () => spaceObjects(prodSpace, { ...OUTSIDE, slugAddresses: '192.0.2.7/32' }),
  app: (features) => appObjects(exampleApp(), exampleRelease(1), SETTINGS, features),
  'app-prod': (features) => appObjects(prodApp, exampleRelease(12), SETTINGS, features),
  'app-image': (features) => appObjects(exampleApp(), imageRelease, SETTINGS, features),
  'one-off': () => [oneOff(false)],
  'one-off-terminal': () => [oneOff(true)],
};

/** With AKA_TEST_UPDATE=1, what is made now becomes what is expected. */
describe.each(Object.entries(EXAMPLES))('the objects of %s', (name, make) => {
  test('are as expected', () => {
    const file = join(HERE, 'golden', `${name}.yaml`);
    const text = make(NEW)
      .map((object) => yaml.safeDump(object, { noRefs: true, lineWidth: -1 }))
      .join('---\n');
    if (process.env.AKA_TEST_UPDATE === '1') writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  test('fit Kubernetes 1.36', () => {
    const schemas = JSON.parse(readFileSync(join(HERE, 'openapi-1.36.json'), 'utf8')) as Schemas;
    expect(make(NEW).flatMap((object) => faultsOf(object, schemas))).toEqual([]);
  });
});

test('an object that fits no Kubernetes is told', () => {
  const schemas = JSON.parse(readFileSync(join(HERE, 'openapi-1.36.json'), 'utf8')) as Schemas;
  const metadata = { name: 'x' };
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: { podSelector: [], egres: [] },
  };
  expect(faultsOf(policy, schemas)).toEqual([
    'NetworkPolicy x.spec.podSelector: not an object',
    'NetworkPolicy x.spec.egres: unknown',
  ]);
  expect(faultsOf({ apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget', metadata }, schemas)).toEqual([
    "PodDisruptionBudget x: policy/v1beta1 isn't served",
  ]);
});

test('no secret is in an object that isn’t a Secret', () => {
  const others = appObjects(prodApp, exampleRelease(1), SETTINGS, NEW).filter(
    ({ kind }) => kind !== 'Secret',
  );
  const text = JSON.stringify(others);
  for (const secret of ['for-this-slug', 'postgres://example', 'hello']) expect(text).not.toContain(secret);
});

describeCluster('the objects on a real API server', ({ kubeconfig }) => {
  test('fit its own schemas', async () => {
    const client = adminClient(kubeconfig);
    const { definitions } = await client.read<{ definitions: Schemas }>('/openapi/v2');
    await client.close();
    const objects = Object.values(EXAMPLES).flatMap((make) => make(OLD));
    expect(objects.flatMap((object) => faultsOf(object, definitions))).toEqual([]);
  });
});
