import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import type { SpaceName } from '../../../src/model/names.js';
import { sizeIn } from '../../../src/model/sizes.js';
import type { DesiredApp, DesiredProcess, DesiredRelease } from '../../../src/platform/desired/app.js';
import { KubernetesClient } from '../../../src/platform/kubernetes/client/client.js';
import { clusterAccess } from '../../../src/platform/kubernetes/client/kubeconfig.js';
import type { StoredObject } from '../../../src/platform/kubernetes/client/watch.js';
import { namespaceOf } from '../../../src/platform/kubernetes/objects/names.js';
import { platformObjects } from '../../../src/platform/kubernetes/objects/platform.js';
import type { ClusterSettings } from '../../../src/platform/kubernetes/objects/settings.js';
import { KIND } from '../../../src/platform/kubernetes/observe/stored.js';
import { KubernetesOrchestrator } from '../../../src/platform/kubernetes/orchestrator.js';
import { describeCluster } from '../../cluster/cluster.js';
import { until } from '../../cluster/until.js';
import {
  appName,
  exampleApp,
  exampleProcess,
  exampleRelease,
  exampleSpace,
  SETTINGS,
  spaceName,
} from './objects/examples.js';
import { Recorder } from './recorder.js';
import { adminClient, uniqueName } from './testing.js';

const image = (version: number, command = 'node server.js'): DesiredRelease =>
  exampleRelease(version, {
    artifact: { kind: 'image', image: 'any' },
    commands: { web: command, worker: command },
  });
const processes = (quantity: number, more: Partial<DesiredProcess> = {}): DesiredProcess[] => [
  exampleProcess({ quantity, ...more }),
];

describeCluster('spaces on a cluster', ({ kubeconfig, folder }) => {
  const { controlPlane: _, ...common } = { ...SETTINGS, rolloutDeadline: 3 };
  const web = appName('web');
  let admin: KubernetesClient;
  /** A platform for each test, so that none hears of the apps of another. */
  let settings: ClusterSettings;
  let orchestrator: KubernetesOrchestrator;
  let recorder: Recorder;
  let space: SpaceName;

  beforeAll(async () => {
    admin = adminClient(kubeconfig);
    for (const object of platformObjects(common)) await admin.apply(object);
  });
  afterAll(() => admin.close());

  beforeEach(async () => {
    settings = { ...common, platform: uniqueName('p') };
    orchestrator = await KubernetesOrchestrator.open(adminClient(kubeconfig), settings);
    recorder = new Recorder();
    orchestrator.observe(recorder);
    space = spaceName(uniqueName('s'));
    await orchestrator.applySpace({ ...exampleSpace(), name: space, apps: [web, appName('api')] });
  });
  afterEach(() => orchestrator.close('leave'));

  const app = (more: Partial<DesiredApp>): DesiredApp =>
    exampleApp({ app: { space, name: web }, pending: undefined, ...more });
  const ref = (kind: { apiVersion: string; kind: string }, name: string) => ({
    ...kind,
    name,
    namespace: namespaceOf(space),
  });

  /** Runs release 1 with so many web dynos. */
  async function running(quantity = 2): Promise<string[]> {
    orchestrator.applyApp(app({ pending: image(1), processes: processes(quantity) }));
    const observed = await recorder.untilSettled('web', 1);
    expect(observed.rollout).toEqual({ release: 1, outcome: 'succeeded', failure: undefined });
    return recorder.up('web').map(({ name }) => name);
  }

  test('every app has its discovery vars before anything runs', async () => {
    const { data } = await admin.get<{ data: Record<string, string> }>(ref(KIND.configMap, 'discovery'));
    const address = async (name: string): Promise<string> =>
      (await admin.get<{ spec: { clusterIP: string } }>(ref(KIND.service, name))).spec.clusterIP;
    expect(data).toEqual({
      WEB_SERVICE_HOST: await address('web'),
      WEB_SERVICE_PORT: '80',
      API_SERVICE_HOST: await address('api'),
      API_SERVICE_PORT: '80',
    });
    await orchestrator.applySpace({ ...exampleSpace(), name: space, apps: [web] });
    const after = await admin.get<{ data: Record<string, string> }>(ref(KIND.configMap, 'discovery'));
    expect(Object.keys(after.data)).toEqual(['WEB_SERVICE_HOST', 'WEB_SERVICE_PORT']);
    expect(await admin.find(ref(KIND.service, 'api'))).toBeUndefined();
  });

  test('a release succeeds when all its dynos are ready', async () => {
    orchestrator.applyApp(
      app({
        pending: image(1, 'FAKE=ready-ms:400 node server.js'),
        processes: [...processes(2), exampleProcess({ type: 'worker', quantity: 1 })],
      }),
    );
    const { rollout, dynos } = await recorder.untilSettled('web', 1);
    expect(rollout?.outcome).toBe('succeeded');
    expect(dynos.map(({ type, state, release }) => [type, state, release]).sort()).toEqual([
      ['web', 'up', 1],
      ['web', 'up', 1],
      ['worker', 'up', 1],
    ]);
  });

  test('dynos of a release end only when those of the next one are ready', async () => {
    await running();
    recorder.fewestUp = Number.POSITIVE_INFINITY;
    orchestrator.applyApp(app({ current: image(1), pending: image(2, 'FAKE=ready-ms:300 node server.js') }));
    const { rollout } = await recorder.untilSettled('web', 2);
    expect([rollout?.outcome, recorder.fewestUp]).toEqual(['succeeded', 2]);
    await recorder.untilApp(
      'web',
      ({ dynos }) => dynos.length === 2 && dynos.every(({ release }) => release === 2),
      'only release 2',
    );
    // The config of release 1 is gone, and that of release 2 is there.
    await until(
      async () => (await admin.find(ref(KIND.secret, 'web-v1'))) === undefined,
      'the old config is removed',
    );
    expect(await admin.find(ref(KIND.secret, 'web-v2'))).toBeDefined();
  });

  test.each([
    ['image', 'image', /image not found/],
    ['crash', 'crash', /the program ended: exit code 1, 3 restarts/],
    ['unready', 'timeout', /not ready within the deadline/],
  ])('a release that fails with %s says so, and the one before goes on', async (fail, code, message) => {
    const before = await running();
    recorder.fewestUp = Number.POSITIVE_INFINITY;
    const failing = image(2, `FAKE=fail:${fail} node server.js`);
    orchestrator.applyApp(app({ current: image(1), pending: failing }));
    const { rollout } = await recorder.untilSettled('web', 2);
    expect(rollout).toEqual({
      release: 2,
      outcome: 'failed',
      failure: { code, message: expect.stringMatching(message) },
    });
    await recorder.untilApp(
      'web',
      ({ dynos }) => dynos.every(({ release }) => release === 1),
      'release 2 has no dynos',
    );
    expect(
      recorder
        .up('web')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(before.sort());
    expect(recorder.fewestUp).toBe(2);
    // It isn't tried again while it is still desired.
    orchestrator.applyApp(app({ current: image(1), pending: failing, processes: processes(3) }));
    await until(() => recorder.up('web').length === 3, 'another dyno');
    expect(recorder.apps.get('web')?.dynos.map(({ release }) => release)).toEqual([1, 1, 1]);
    expect(recorder.apps.get('web')?.rollout).toMatchObject({ release: 2, outcome: 'failed' });
  });

  test('a first release that fails leaves nothing running', async () => {
    orchestrator.applyApp(app({ pending: image(1, 'FAKE=fail:crash node server.js') }));
    const { rollout } = await recorder.untilSettled('web', 1);
    expect(rollout?.failure?.code).toBe('crash');
    await recorder.untilApp('web', ({ dynos }) => dynos.length === 0, 'no dynos');
  });

  test('a release that the quota of its space refuses says so at once', async () => {
    const quota = { cpu: 2.5, memory: 2 * 1024 ** 3, dynos: 20 };
    await orchestrator.applySpace({ ...exampleSpace(), name: space, apps: [web], quota });
    await running();
    orchestrator.applyApp(app({ current: image(1), pending: image(2) }));
    const { rollout } = await recorder.untilSettled('web', 2);
    expect(rollout?.failure).toEqual({ code: 'quota', message: expect.stringContaining('requests.cpu') });
    expect(recorder.up('web')).toHaveLength(2);
  });

  test('a release that no node has room for says so at its deadline', async () => {
    const huge = { ...sizeIn([]), cpu: 1000 };
    orchestrator.applyApp(app({ pending: image(1), processes: processes(1, { size: huge }) }));
    await recorder.untilApp('web', ({ dynos }) => dynos[0]?.unmet === 'unschedulable', 'it waits');
    const { rollout } = await recorder.untilSettled('web', 1);
    expect(rollout?.failure).toEqual({
      code: 'unschedulable',
      message: expect.stringContaining('Insufficient cpu'),
    });
  });

  test('an app is scaled without another release', async () => {
    const [first] = await running(1);
    orchestrator.applyApp(app({ current: image(1), processes: processes(3) }));
    await until(() => recorder.up('web').length === 3, 'three dynos');
    expect(recorder.up('web').map(({ name }) => name)).toContain(first);
    expect(recorder.apps.get('web')?.rollout).toMatchObject({ release: 1, outcome: 'succeeded' });
    orchestrator.applyApp(app({ current: image(1), processes: processes(0) }));
    await recorder.untilApp('web', ({ dynos }) => dynos.length === 0, 'no dynos');
  });

  test('one dyno is replaced, and the others stay', async () => {
    const [first = '', second = ''] = await running();
    const renewal = { before: null, dynos: { [first]: new Date().toISOString() } };
    orchestrator.applyApp(app({ current: image(1), processes: processes(2, { renewal }) }));
    await until(() => {
      const names = recorder.up('web').map(({ name }) => name);
      return names.length === 2 && !names.includes(first) && names.includes(second);
    }, 'the dyno is replaced');
  });

  test('a dyno that is deleted by hand comes back, and so does a process', async () => {
    await running(1);
    await admin.delete(ref({ apiVersion: 'apps/v1', kind: 'Deployment' }, 'web-web'));
    await recorder.untilApp('web', ({ dynos }) => dynos.length === 0, 'the dynos end');
    orchestrator.applyApp(app({ current: image(1), processes: processes(1) }));
    await until(() => recorder.up('web').length === 1, 'the dyno is back');
  });

  test('an app is removed with its config, and keeps no dynos', async () => {
    await running();
    orchestrator.removeApp({ space, name: web });
    await until(() => recorder.gone.includes('web'), 'the app is gone');
    expect(await admin.find(ref(KIND.secret, 'web-v1'))).toBeUndefined();
    expect(await admin.find(ref(KIND.secret, 'web-credentials'))).toBeUndefined();
  });

  test('another control plane adopts what runs', async () => {
    const names = await running();
    await orchestrator.close('leave');
    orchestrator = await KubernetesOrchestrator.open(adminClient(kubeconfig), settings);
    recorder = new Recorder();
    orchestrator.observe(recorder);
    const observed = await recorder.untilSettled('web', 1);
    expect(observed.rollout?.outcome).toBe('succeeded');
    expect(
      recorder
        .up('web')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort());
  });

  test('a space is removed with everything in it, and one removed by hand is told', async () => {
    await running(1);
    await orchestrator.removeSpace(space);
    expect(await admin.find({ ...KIND.namespace, name: namespaceOf(space) })).toBeUndefined();
    await orchestrator.removeSpace(space);
    expect(recorder.goneSpaces).toEqual([]);
    const other = spaceName(uniqueName('s'));
    await orchestrator.applySpace({ ...exampleSpace(), name: other, apps: [] });
    await admin.delete({ ...KIND.namespace, name: namespaceOf(other) });
    await until(() => recorder.goneSpaces.includes(other), 'it is told');
  }, 60_000);

  test('a namespace of something else is left alone', async () => {
    const other = spaceName(uniqueName('s'));
    await admin.create({ ...KIND.namespace, metadata: { name: namespaceOf(other) } });
    const desired = { ...exampleSpace(), name: other, apps: [] };
    await expect(orchestrator.applySpace(desired)).rejects.toThrow(/belongs to something else/);
    await expect(orchestrator.removeSpace(other)).rejects.toThrow(/belongs to something else/);
    const found = await admin.get<StoredObject>({ ...KIND.namespace, name: namespaceOf(other) });
    expect(found.metadata.labels).toBeUndefined();
  });

  test('a one-off dyno has the config of the app, and tells its exit code', async () => {
    await running(1);
    orchestrator.applyApp(app({ current: image(1), processes: processes(1) }));
    const program = await orchestrator.run(
      { space, name: web },
      {
        command: 'echo "$AKKERIS_SPACE $GIVEN"; read x; echo "$x"; exit 5',
        size: sizeIn([]),
        env: { GIVEN: 'a$(b) $$' },
      },
    );
    program.stdin.write('typed\n');
    expect([await text(program.stdout), await program.exit]).toEqual([`${space} a$(b) $$\ntyped\n`, 5]);
    await recorder.untilApp('web', ({ dynos }) => dynos.every(({ type }) => type === 'web'), 'it is gone');
  });

  test('a one-off dyno that is stopped ends', async () => {
    await running(1);
    orchestrator.applyApp(app({ current: image(1), processes: processes(1) }));
    const program = await orchestrator.run({ space, name: web }, { command: 'sleep 600', size: sizeIn([]) });
    await program.stop();
    expect(await program.exit).toBe(143);
  });

  test('a port of a dyno is reached', async () => {
    const [dyno = ''] = await running(1);
    const server: Server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = await orchestrator.dial(
      { app: { space, name: web }, dyno },
      (server.address() as AddressInfo).port,
    );
    expect(await text(socket)).toBe('hello');
    server.close();
    const missing = orchestrator.dial({ app: { space, name: web }, dyno: 'web.none' }, 80);
    await expect(missing).rejects.toMatchObject({ id: 'not_found' });
  });

  test('changes during a loss of the connection are told after it', async () => {
    await orchestrator.close('leave');
    const proxy = await cuttableProxy(new URL(clusterAccess({ path: kubeconfig }).server));
    const path = join(folder, `${space}.conf`);
    writeFileSync(path, readFileSync(kubeconfig, 'utf8').replace(/server: .*/, `server: ${proxy.url}`));
    orchestrator = await KubernetesOrchestrator.open(adminClient(path), settings);
    recorder = new Recorder();
    orchestrator.observe(recorder);
    await running(1);
    proxy.cut();
    await until(() => recorder.connection.at(-1) === 'disconnected', 'the loss is told');
    const dyno = recorder.up('web')[0]?.name;
    const { items } = await admin.list<StoredObject>(KIND.pod, { namespace: namespaceOf(space) });
    await admin.delete(ref(KIND.pod, items[0]!.metadata.name));
    proxy.mend();
    await until(() => recorder.connection.at(-1) === 'connected', 'the return is told');
    await until(
      () => recorder.up('web').length === 1 && recorder.up('web')[0]?.name !== dyno,
      'the new dyno is told',
    );
    await orchestrator.close('leave');
    proxy.close();
  }, 60_000);

  test('a control plane needs no more rights than those that are installed', async () => {
    const inCluster = { ...SETTINGS, rolloutDeadline: 30, platform: settings.platform };
    const { systemNamespace: namespace } = inCluster;
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'aka', namespace } };
    for (const object of [
      { ...KIND.namespace, metadata: { name: namespace } },
      account,
      ...platformObjects(inCluster),
    ]) {
      await admin.apply(object);
    }
    const path = join(folder, `${space}-account.conf`);
    const token = await accountToken(kubeconfig, namespace, account.metadata.name);
    writeFileSync(path, readFileSync(kubeconfig, 'utf8').replace(/token: .*/, `token: ${token}`));
    await orchestrator.close('leave');
    orchestrator = await KubernetesOrchestrator.open(adminClient(path), inCluster);
    recorder = new Recorder();
    orchestrator.observe(recorder);
    const own = spaceName(uniqueName('s'));
    await orchestrator.applySpace({ ...exampleSpace(), name: own, apps: [web] });
    const inOwn = { space: own, name: web };
    orchestrator.applyApp(app({ app: inOwn, pending: image(1), processes: processes(2) }));
    expect((await recorder.untilSettled('web', 1)).rollout?.outcome).toBe('succeeded');
    orchestrator.applyApp(app({ app: inOwn, current: image(1), processes: processes(1) }));
    const program = await orchestrator.run(inOwn, { command: 'exit 3', size: sizeIn([]) });
    expect(await program.exit).toBe(3);
    const proofs = await orchestrator.prove(own);
    expect(proofs.find(({ promise }) => promise === 'credentials')?.state).toBe('holds');
    expect(proofs.filter(({ evidence }) => evidence.includes('forbidden'))).toEqual([]);
    orchestrator.removeApp(inOwn);
    await until(() => recorder.gone.includes('web'), 'the app is gone');
    expect(recorder.failures).toEqual([]);
    await orchestrator.removeSpace(own);
  }, 60_000);

  test('what can be seen of a space is told, and what can’t is unknown', async () => {
    const proofs = await orchestrator.prove(space);
    expect(Object.fromEntries(proofs.map(({ promise, state }) => [promise, state]))).toEqual({
      discovery: 'holds',
      isolation: 'unknown',
      broadcast: 'broken',
      // Kubernetes 1.20 has no Pod Security admission, and the administrator of the tests can read everything.
      processes: 'broken',
      prod_first: 'holds',
      availability: 'holds',
      credentials: 'broken',
    });
    await admin.delete(ref(KIND.networkPolicy, 'space'));
    const isolation = (await orchestrator.prove(space)).find(({ promise }) => promise === 'isolation');
    expect(isolation).toMatchObject({ state: 'broken', evidence: expect.stringContaining('is missing') });
  });
});

/** A token of a service account, as a pod has one. */
async function accountToken(kubeconfig: string, namespace: string, account: string): Promise<string> {
  const { server, tls, credentials } = clusterAccess({ path: kubeconfig });
  const dispatcher = new Agent({ connect: { ...tls } });
  const { body } = await request(
    `${server}/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    {
      method: 'POST',
      dispatcher,
      headers: {
        authorization: (await credentials.current()).authorization,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
    },
  );
  const { status } = (await body.json()) as { readonly status: { readonly token: string } };
  await dispatcher.close();
  return status.token;
}

/** A way to the API server that can be cut. */
async function cuttableProxy(target: URL) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => {}).on('close', () => sockets.delete(each));
    }
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      isCut = false;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
