import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { KubernetesClient } from '../../../../src/platform/kubernetes/client/client.js';
import { clusterAccess } from '../../../../src/platform/kubernetes/client/kubeconfig.js';
import { type StoredObject, watch } from '../../../../src/platform/kubernetes/client/watch.js';
import { describeCluster } from '../../../cluster/cluster.js';
import { until } from '../../../cluster/until.js';
import { anonymousClient, makeNamespace } from '../testing.js';
import { type FakeApi, fakeApi, json } from './fake-api.js';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

const name = ({ metadata }: StoredObject): string => metadata.name;

/** Follows config maps and writes down what it is told. */
function follow(client: KubernetesClient, options: { namespace?: string; timeoutSeconds?: number } = {}) {
  const told: string[] = [];
  const controller = new AbortController();
  const ended = watch<StoredObject>(
    client,
    CONFIG_MAP,
    {
      onList: (items) =>
        told.push(
          `list ${items
            .map(name)
            .filter((each) => each !== 'kube-root-ca.crt')
            .join(' ')}`.trim(),
        ),
      onChange: (change, object) => told.push(`${change} ${name(object)}`),
      onLost: ({ id }) => told.push(`lost ${id}`),
      onResumed: () => told.push('resumed'),
    },
    { ...options, signal: controller.signal, firstRetryMs: 10 },
  );
  return {
    told,
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

const list =
  (resourceVersion: string, ...names: string[]) =>
  (response: ServerResponse): void =>
    json(response, 200, {
      metadata: { resourceVersion },
      items: names.map((each) => ({ metadata: { name: each } })),
    });
const events =
  (...lines: object[]) =>
  (response: ServerResponse): void => {
    response.writeHead(200).end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
const event = (type: string, object: string, resourceVersion: string) => ({
  type,
  object: { metadata: { name: object, resourceVersion } },
});
const broken = (response: ServerResponse): void => void response.destroy();

describe('a watch', () => {
  let api: FakeApi;
  let client: KubernetesClient;
  let followed: ReturnType<typeof follow>;

  /** Each answer is for one request, a list or a watch, in turn; then watches stay open. */
  async function answers(...each: ((response: ServerResponse) => void)[]): Promise<void> {
    api = await fakeApi((response, _, number) => (each[number - 1] ?? ((open) => open.write('')))(response));
    client = anonymousClient(api.url);
    followed = follow(client);
  }

  afterEach(async () => {
    await followed.stop();
    await client.close();
    await api.close();
  });

  const versions = (): (string | null)[] =>
    api.requests.map(({ url }) => new URL(url, api.url).searchParams.get('resourceVersion'));

  test('that the server ends goes on after the last change or bookmark', async () => {
    await answers(
      list('5', 'a'),
      events(event('ADDED', 'b', '6'), event('BOOKMARK', '', '9')),
      events(event('DELETED', 'a', '12')),
    );
    await until(() => api.requests.length === 4, 'a third watch');
    expect(followed.told).toEqual(['list a', 'ADDED b', 'DELETED a']);
    expect(versions()).toEqual([null, '5', '9', '12']);
  });

  test('lists again when its version expired, which comes as an event', async () => {
    const expired = {
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
    };
    await answers(list('1', 'a'), events(expired), list('7', 'b'));
    await until(() => api.requests.length === 4, 'a second watch');
    expect(followed.told).toEqual(['list a', 'list b']);
    expect(versions()).toEqual([null, '1', null, '7']);
  });

  test('says that it is lost and goes on from where it was when the server is back', async () => {
    await answers(list('3'), broken, broken, events(event('ADDED', 'a', '4')));
    await until(() => followed.told.includes('ADDED a'), 'the change');
    expect(followed.told).toEqual(['list', 'lost unreachable', 'lost unreachable', 'resumed', 'ADDED a']);
    expect(versions().slice(0, 4)).toEqual([null, '3', '3', '3']);
  });

  test('takes changes that come in pieces, within a character too', async () => {
    const line = Buffer.from(`${JSON.stringify(event('ADDED', 'ä', '2'))}\n`);
    const cut = line.indexOf(0xc3) + 1;
    await answers(list('1'), (response) => {
      response.write(line.subarray(0, cut));
      setImmediate(() => response.write(line.subarray(cut)));
    });
    await until(() => followed.told.length === 2, 'the change');
    expect(followed.told).toEqual(['list', 'ADDED ä']);
  });
});

/** Counts the watches that it opens. */
class CountingClient extends KubernetesClient {
  watches = 0;

  override stream(
    ...request: Parameters<KubernetesClient['stream']>
  ): ReturnType<KubernetesClient['stream']> {
    this.watches += 1;
    return super.stream(...request);
  }
}

describeCluster('a watch of a real API server', ({ kubeconfig }) => {
  test('tells every change once, over many watches, with one list', async () => {
    const client = new CountingClient(clusterAccess({ path: kubeconfig }));
    const namespace = await makeNamespace(client);
    const followed = follow(client, { namespace, timeoutSeconds: 1 });
    await until(() => followed.told.length > 0, 'the list');
    const names: string[] = [];
    while (client.watches < 4) {
      const added = `n${names.length}`;
      names.push(added);
      await client.create({ ...CONFIG_MAP, metadata: { name: added, namespace } });
      await until(() => followed.told.includes(`ADDED ${added}`), added);
    }
    await followed.stop();
    await client.close();
    const told = followed.told.filter((text) => !text.includes('kube-root-ca'));
    expect(told).toEqual(['list', ...names.map((added) => `ADDED ${added}`)]);
  });
});
