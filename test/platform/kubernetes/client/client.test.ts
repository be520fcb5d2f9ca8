import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubernetesClient } from '../../../../src/platform/kubernetes/client/client.js';
import { collectionPath } from '../../../../src/platform/kubernetes/client/resources.js';
import { describeCluster } from '../../../cluster/cluster.js';
import { adminClient, anonymousClient, makeNamespace } from '../testing.js';
import { fakeApi, json } from './fake-api.js';

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

test.each([
  [{ apiVersion: 'v1', kind: 'Pod' }, 'a', '/api/v1/namespaces/a/pods'],
  [{ apiVersion: 'v1', kind: 'Pod' }, undefined, '/api/v1/pods'],
  [{ apiVersion: 'v1', kind: 'Namespace' }, 'a', '/api/v1/namespaces'],
  [
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
    'a',
    '/apis/networking.k8s.io/v1/namespaces/a/networkpolicies',
  ],
  [
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
    'a',
    '/apis/networking.k8s.io/v1/namespaces/a/ingresses',
  ],
  [
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
    undefined,
    '/apis/scheduling.k8s.io/v1/priorityclasses',
  ],
])('the path of %j in %s', (resource, namespace, path) => {
  expect(collectionPath(resource, namespace)).toBe(path);
});

describe('a request', () => {
  test('that the server did not take is sent again, whatever it does', async () => {
    const api = await fakeApi((response, _, number) =>
      number < 3
        ? json(response, 429, { message: 'slow down' }, { 'retry-after': '0' })
        : json(response, 201, { metadata: { name: 'a' } }),
    );
    const client = anonymousClient(api.url);
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
    expect(api.requests).toHaveLength(3);
    await client.close();
    await api.close();
  });

  test('is given up after four attempts, with the text of the server', async () => {
    const api = await fakeApi((response) =>
      json(response, 503, { message: 'etcd is away' }, { 'retry-after': '0' }),
    );
    const client = anonymousClient(api.url);
    await expect(client.read('/version')).rejects.toMatchObject({
      id: 'busy',
      message: 'GET /version: etcd is away',
    });
    expect(api.requests).toHaveLength(4);
    await client.close();
    await api.close();
  });

  test('that changes something is not repeated when its connection broke: it may have been made', async () => {
    const api = await fakeApi((response) => response.destroy());
    const client = anonymousClient(api.url);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } };
    await expect(client.create(namespace)).rejects.toMatchObject({ id: 'unreachable' });
    expect(api.requests).toHaveLength(1);
    await client.close();
    await api.close();
  });
});

describeCluster('the client', ({ kubeconfig }) => {
  let client: KubernetesClient;
  let namespace: string;

  beforeAll(async () => {
    client = adminClient(kubeconfig);
    namespace = await makeNamespace(client);
  });
  afterAll(() => client.close());

  const configMap = (name: string, data: Readonly<Record<string, string>>) => ({
    ...CONFIG_MAP,
    metadata: { name, namespace },
    data,
  });
  const ref = (name: string) => ({ ...CONFIG_MAP, name, namespace });

  test('applies: what it no longer sends is removed, what others set stays', async () => {
    await client.apply(configMap('applied', { a: '1', b: '2' }));
    await client.merge(ref('applied'), { data: { other: 'x' } });
    await client.apply(configMap('applied', { a: '3' }));
    // The merge was by the same manager, but not through apply.
    expect((await client.get<ConfigMap>(ref('applied'))).data).toEqual({ a: '3', other: 'x' });
  });

  test('an apply without force says which field is another manager’s', async () => {
    await client.create(configMap('taken', { a: '1' }));
    const merged = client.apply(configMap('taken', { a: '2' }), { force: false });
    await expect(merged).rejects.toMatchObject({
      id: 'conflict',
      details: { causes: [{ field: '.data.a' }] },
    });
    await client.apply(configMap('taken', { a: '2' }));
    expect((await client.get<ConfigMap>(ref('taken'))).data).toEqual({ a: '2' });
  });

  test('a dry run makes nothing', async () => {
    await client.apply(configMap('dry', {}), { dryRun: true });
    expect(await client.find(ref('dry'))).toBeUndefined();
  });

  test('tells what exists, what is missing and what is invalid', async () => {
    await client.create(configMap('once', {}));
    await expect(client.create(configMap('once', {}))).rejects.toMatchObject({ id: 'exists' });
    await expect(client.get(ref('never'))).rejects.toMatchObject({ id: 'not_found' });
    await expect(client.create(configMap('Not_a_name', {}))).rejects.toMatchObject({
      id: 'invalid',
      details: { causes: [{ field: 'metadata.name' }] },
    });
  });

  test('deletes the object that is meant, and not its successor', async () => {
    const first = await client.create<ConfigMap>(configMap('successor', {}));
    expect(await client.delete(ref('successor'), { uid: first.metadata.uid })).toBe(true);
    await client.create(configMap('successor', {}));
    await expect(client.delete(ref('successor'), { uid: first.metadata.uid })).rejects.toMatchObject({
      id: 'conflict',
    });
    expect(await client.find(ref('successor'))).toBeDefined();
    expect(await client.delete(ref('never'))).toBe(false);
  });

  test('lists everything in pages, by label', async () => {
    const names = Array.from({ length: 505 }, (_, index) => `page-${index}`);
    const make = (name: string) =>
      client.create({ ...configMap(name, {}), metadata: { name, namespace, labels: { page: 'yes' } } });
    for (let start = 0; start < names.length; start += 50) {
      await Promise.all(names.slice(start, start + 50).map(make));
    }
    const { items } = await client.list<ConfigMap>(CONFIG_MAP, { namespace, labels: 'page=yes' });
    expect(new Set(items.map(({ metadata }) => metadata.name))).toEqual(new Set(names));
  });
});
