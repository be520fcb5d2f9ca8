import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubernetesClient } from '../../../../src/platform/kubernetes/client/client.js';
import { inClusterAccess } from '../../../../src/platform/kubernetes/client/in-cluster.js';
import { clusterAccess } from '../../../../src/platform/kubernetes/client/kubeconfig.js';
import { describeCluster } from '../../../cluster/cluster.js';
import { type FakeApi, fakeApi, json } from './fake-api.js';

let folder: string;
let api: FakeApi;
let refuse: (authorization: string | undefined) => boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aka-kubeconfig-'));
  refuse = () => false;
  api = await fakeApi((response, { headers }) =>
    refuse(headers.authorization)
      ? json(response, 401, { kind: 'Status', message: 'Unauthorized' })
      : json(response, 200, { gitVersion: 'v1.20.2' }),
  );
});

afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

/** Writes a kubeconfig whose user has these lines. */
function kubeconfig(user: string, { cluster = '', name = 'config' } = {}): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `apiVersion: v1
kind: Config
current-context: here
contexts:
- {name: here, context: {cluster: c, user: u, namespace: team}}
- {name: nowhere, context: {cluster: missing, user: u}}
clusters:
- name: c
  cluster:
    server: ${api.url}/base/
${indented(cluster)}
users:
- name: u
  user:
${indented(user)}
`,
  );
  return path;
}

function indented(lines: string): string {
  return lines.replace(/^/gm, '    ');
}

/** What the server gets of a request. */
async function requestWith(path: string, env: NodeJS.ProcessEnv = {}): Promise<FakeApi['requests'][number]> {
  const client = new KubernetesClient(clusterAccess({ path, env }));
  try {
    await client.read('/version');
    return api.requests.at(-1)!;
  } finally {
    await client.close();
  }
}

function plugin(script: string): string {
  const path = join(folder, 'plugin');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return `exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [one], env: [{name: GREETING, value: hi}], interactiveMode: IfAvailable, provideClusterInfo: true}`;
}

/** Prints a token and counts the calls. */
const COUNTING = `echo x >>"$(dirname "$0")/calls"
n=$(wc -l <"$(dirname "$0")/calls")`;

describe('a kubeconfig', () => {
  test('with a token sends it to the server, below the path of the cluster', async () => {
    const { headers, url } = await requestWith(kubeconfig('token: abc'));
    expect([headers.authorization, url]).toEqual(['Bearer abc', '/base/version']);
  });

  test('with a token that looks like a date or a number keeps it as text', async () => {
    expect((await requestWith(kubeconfig('token: 2026-01-01'))).headers.authorization).toBe(
      'Bearer 2026-01-01',
    );
  });

  test('with a token file reads it relative to the kubeconfig, and again after a 401', async () => {
    writeFileSync(join(folder, 'token'), 'old\n');
    const client = new KubernetesClient(clusterAccess({ path: kubeconfig('tokenFile: ./token') }));
    await client.read('/version');
    writeFileSync(join(folder, 'token'), 'new\n');
    refuse = (authorization) => authorization === 'Bearer old';
    await client.read('/version');
    await client.close();
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
  });

  test('with a user name and a password sends both', async () => {
    const { headers } = await requestWith(kubeconfig('username: ann\npassword: secret'));
    expect(headers.authorization).toBe(`Basic ${Buffer.from('ann:secret').toString('base64')}`);
  });

  test('that impersonates says whom', async () => {
    const { headers } = await requestWith(kubeconfig('token: abc\nas: bob\nas-groups: [devs]'));
    expect([headers['impersonate-user'], headers['impersonate-group']]).toEqual(['bob', 'devs']);
  });

  test('of several files merges them, and the first has the current context', async () => {
    const first = join(folder, 'first');
    writeFileSync(
      first,
      'current-context: mine\ncontexts: [{name: mine, context: {cluster: c, user: me}}]\nusers: [{name: me, user: {token: mine}}]\n',
    );
    const access = clusterAccess({ path: `${first}:${kubeconfig('token: abc')}` });
    expect([access.server, access.namespace]).toEqual([`${api.url}/base`, 'default']);
    expect((await access.credentials.current()).authorization).toBe('Bearer mine');
  });

  test('with a proxy is reached through it', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(String(request.url));
      const target = connect(Number(new URL(api.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      await requestWith(kubeconfig('token: abc', { cluster: `proxy-url: ${url}` }));
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
    expect(tunnels).toEqual([new URL(api.url).host]);
  });

  test.each([
    [
      'of a context that is missing',
      { context: 'other' },
      /there is no context other\. There is: here, nowhere\./,
    ],
    ['of a cluster that is missing', { context: 'nowhere' }, /there is no cluster missing\. There is: c\./],
  ])('%s is refused with the names that there are', (_, options, message) => {
    expect(() => clusterAccess({ path: kubeconfig('token: abc'), ...options })).toThrow(message);
  });

  test.each([
    ['auth-provider: {name: gcp}', /auth-provider was removed/],
    ['client-certificate: ./none\nclient-key: ./none', /none: it can't be read \(ENOENT\)/],
    ['token: [secret-one]', /users\.0\.user\.token is not as in a kubeconfig/],
  ])('with %j is refused, without a value in the message', (user, message) => {
    expect(() => clusterAccess({ path: kubeconfig(user) })).toThrow(message);
    expect(() => clusterAccess({ path: kubeconfig(user) })).not.toThrow(/secret-one/);
  });
});

describe('a credential plugin', () => {
  test('is run once for as long as its token is good, and knows the cluster', async () => {
    const user = plugin(`${COUNTING}
printf %s "$KUBERNETES_EXEC_INFO" >"$(dirname "$0")/info"
echo '{"status":{"token":"'"$1-$GREETING-$n"'","expirationTimestamp":"2999-01-01T00:00:00Z"}}'`);
    const client = new KubernetesClient(
      clusterAccess({ path: kubeconfig(user), env: { PATH: process.env.PATH } }),
    );
    await Promise.all([client.read('/version'), client.read('/version')]);
    await client.read('/version');
    await client.close();
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(3).fill('Bearer one-hi-1'),
    );
    const info = JSON.parse(readFileSync(join(folder, 'info'), 'utf8')) as {
      spec: { cluster: { server: string } };
    };
    expect(info.spec.cluster.server).toBe(`${api.url}/base`);
  });

  test('is run again before its token expires, and after the server refused it', async () => {
    const user = plugin(`${COUNTING}
case $n in 1) until=2001-01-01;; *) until=2999-01-01;; esac
echo '{"status":{"token":"'"$n"'","expirationTimestamp":"'"$until"'T00:00:00Z"}}'`);
    const client = new KubernetesClient(
      clusterAccess({ path: kubeconfig(user), env: { PATH: process.env.PATH } }),
    );
    await client.read('/version');
    refuse = (authorization) => authorization === 'Bearer 2';
    await client.read('/version');
    await client.close();
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer 2',
      'Bearer 2',
      'Bearer 3',
    ]);
  });

  test('that fails is named with its own reason', async () => {
    const path = kubeconfig(plugin('echo noise >&2; echo "Please log in: cloud login" >&2; exit 3'));
    await expect(requestWith(path, { PATH: process.env.PATH })).rejects.toThrow(
      'Credential plugin ./plugin: Please log in: cloud login.',
    );
  });

  test('that prints something else is named, without what it printed', async () => {
    const failed = requestWith(kubeconfig(plugin('echo secret-token')), { PATH: process.env.PATH });
    await expect(failed).rejects.toThrow('Credential plugin ./plugin: it did not print an ExecCredential.');
  });
});

describe('inside a cluster', () => {
  test('the service account of the pod is used', async () => {
    const account = join(folder, 'account');
    mkdirSync(account);
    for (const [name, text] of Object.entries({
      token: 'bound\n',
      namespace: 'aka-system',
      'ca.crt': 'PEM',
    })) {
      writeFileSync(join(account, name), text);
    }
    const access = inClusterAccess({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, account);
    expect(access).toMatchObject({
      server: 'https://[fd00::1]:443',
      namespace: 'aka-system',
      tls: { ca: 'PEM' },
    });
    expect((await access.credentials.current()).authorization).toBe('Bearer bound');
  });

  test('a pod without one is refused with the way out', () => {
    expect(() => inClusterAccess({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, folder)).toThrow(
      /automountServiceAccountToken: true/,
    );
  });
});

describeCluster('a kubeconfig for a real API server', ({ kubeconfig: admin, folder: cluster }) => {
  const certificate = (): string => {
    const path = join(folder, 'person');
    const { server } = clusterAccess({ path: admin });
    const pki = join(cluster, 'pki');
    writeFileSync(
      path,
      `current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "${server}", certificate-authority-data: ${readFileSync(join(pki, 'ca.crt')).toString('base64')}}}]
users: [{name: u, user: {client-certificate: ${pki}/person.crt, client-key: ${pki}/person.key}}]
`,
    );
    return path;
  };

  test.each([
    ['a token', () => admin],
    ['a client certificate', certificate],
  ])('works with %s', async (_, path) => {
    const client = new KubernetesClient(clusterAccess({ path: path() }));
    const { items } = await client.list<{ metadata: { name: string } }>({
      apiVersion: 'v1',
      kind: 'Namespace',
    });
    await client.close();
    expect(items.map(({ metadata }) => metadata.name)).toContain('kube-system');
  });

  test('is unauthorized with a wrong token', async () => {
    const path = join(folder, 'wrong');
    writeFileSync(path, readFileSync(admin, 'utf8').replace(/token: .*/, 'token: wrong'));
    const client = new KubernetesClient(clusterAccess({ path }));
    await expect(client.read('/api/v1/namespaces')).rejects.toMatchObject({
      id: 'unauthorized',
      details: { status: 401 },
    });
    await client.close();
  });

  test('is unreachable if the certificate of the server is not the one expected', async () => {
    const path = join(folder, 'untrusted');
    writeFileSync(path, readFileSync(admin, 'utf8').replace(/ *certificate-authority: .*\n/, ''));
    const client = new KubernetesClient(clusterAccess({ path }));
    await expect(
      client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }),
    ).rejects.toMatchObject({
      id: 'unreachable',
    });
    await client.close();
  });
});
