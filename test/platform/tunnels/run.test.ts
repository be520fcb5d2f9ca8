import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Credentials } from '../../../src/client/credentials.js';
import { RemoteRun } from '../../../src/client/remote-run.js';
import { openTunnel } from '../../../src/client/tunnel.js';
import { FRAME_MAX, frame, jsonFrame, STDIN_WINDOW } from '../../../src/contract/frames.js';
import { firstFrame, type RunOrder, TUNNELS, type TunnelName } from '../../../src/contract/tunnels.js';
import { describeEngines, until } from '../engine/engines.js';
import { refusal } from '../store/temporary.js';
import { GUEST_TOKEN, openServed, type Served, TOKEN } from './served.js';

describeEngines('one-off dynos', (identity) => {
  let served: Served;
  let app: string;
  beforeAll(async () => {
    served = await openServed(identity);
    app = await served.m.app('web');
  });
  afterAll(() => served.close());

  const start = (order: RunOrder): Promise<RemoteRun> => RemoteRun.start({ url: served.socket }, app, order);
  const shell = (line: string, rest: Omit<RunOrder, 'command'> = {}): Promise<RemoteRun> =>
    start({ command: [line], ...rest });
  const listed = async (): Promise<string[]> =>
    (await served.m.api.dynos.list({ app }))
      .map(({ name }) => name)
      .filter((name) => name.startsWith('run.'));
  const gone = (): Promise<unknown> =>
    until('nothing of it is left', async () => {
      const programs = served.m.engine.list().length;
      return programs === 1 && (await listed()).length === 0;
    });

  test('have streams apart, an end of input, and the code of the program', async () => {
    const run = await shell('cat; echo to-err >&2; exit 7');
    run.stdin.end('to and fro');
    expect(await collect(run)).toEqual({
      stdout: 'to and fro',
      stderr: 'to-err\n',
      exit: { code: 7, signal: null },
    });
    const killed = await shell('kill -TERM $$');
    expect((await collect(killed)).exit).toEqual({ code: null, signal: 'SIGTERM' });
    await gone();
  });

  test('take room like others: what there is none for is refused, and what others need is ended', async () => {
    const { m } = served;
    await m.api.platform.configure({ capacity_memory: 1100 * 1024 ** 2 });
    const run = await shell('trap "echo told; exit 4" TERM; echo ready; while :; do sleep 0.01; done');
    await expect(shell('true')).rejects.toMatchObject({ id: 'no_room', status: 409 });
    await expect(shell('true', { size: 'gp4' })).rejects.toMatchObject({ id: 'too_big', status: 409 });
    await m.api.spaces.create({ name: 'live', compliance: ['prod'] });
    const ended = collect(run);
    const prod = await m.app('prod', undefined, undefined, 'live');
    expect(await ended).toMatchObject({ stdout: 'ready\ntold\n', exit: { code: 4, signal: null } });
    expect(m.lines).toContainEqual(
      expect.stringMatching(/^run\.1 system: Evicted: gave way to a dyno of a prod/),
    );
    await m.api.apps.destroy({ app: prod });
    await m.api.platform.configure({ capacity_memory: null });
    await gone();
  });

  test('are as the release is: its files, config vars, siblings - and what is said for the run alone', async () => {
    const run = await start({
      command: [
        'node',
        '-e',
        'console.log(JSON.stringify([process.env, process.argv.slice(1), require("fs").readdirSync(".")]))',
        'a b',
        '$HOME',
      ],
      env: { OWN: 'x y', TRUST: 'you' },
    });
    const { stdout } = await collect(run);
    const [env, argv, files] = JSON.parse(stdout) as [Record<string, string>, string[], string[]];
    expect(argv).toEqual(['a b', '$HOME']);
    expect(files).toEqual(['server.js']);
    expect(env).toMatchObject({
      DYNO: 'run.1',
      OWN: 'x y',
      TRUST: 'you',
      AKKERIS_APPLICATION: app,
      WEB_SERVICE_PORT: '80',
    });
    await gone();
  });

  test('are, as every way into a dyno, refused to who may use other spaces only, and that is recorded', async () => {
    const orders: Readonly<Record<TunnelName, unknown>> = {
      'aka-run': { command: ['true'] },
      'aka-forward': { port: 5000 },
    };
    const { id } = await served.m.api.apps.get({ app });
    const target = { url: served.url, credentials: Credentials.bearer(GUEST_TOKEN) };
    for (const name of TUNNELS) {
      for (const key of [app, id]) {
        const error = await refusal(openTunnel(target, { name, app: key, order: orders[name] }));
        expect([name, error.status, error.id]).toEqual([name, 403, 'not_your_space']);
        const [space] = app.split('-').slice(1);
        const newest = await served.m.api.audits.list({ size: 1 });
        expect(newest).toMatchObject([{ outcome: 'refused', username: 'guest', space }]);
      }
    }
    expect(served.m.engine.list()).toHaveLength(1);
  });

  test('are listed while they run, in the log by their start and end, and audited without secrets', async () => {
    const before = served.m.lines.length;
    const run = await shell('echo secret-output; read -r line; curl -u a:hunter22 x || exit 3', {
      env: { KEY: 'hunter33' },
    });
    const other = await shell('read -r line');
    expect([run.dyno, other.dyno]).toEqual(['run.1', 'run.2']);
    expect(await listed()).toEqual(['run.1', 'run.2']);
    run.stdin.end('\n');
    other.stdin.end('\n');
    await Promise.all([collect(run), collect(other)]);
    await gone();
    const said = served.m.lines.slice(before).join('\n');
    expect(said).toContain('run.1 system: Started by ann: echo');
    expect(said).toContain('run.1 system: Ended with code 3');
    expect(said).not.toContain('\nrun.1 stdout');
    const [event] = (await served.m.api.audits.list({ size: 50 })).filter(
      ({ info }) => info.includes('run.1') && info.includes('curl'),
    );
    expect(event).toMatchObject({ action: 'dyno.run', username: 'ann', app: 'web', space: 'shop' });
    expect(JSON.parse(event?.info ?? '')).toMatchObject({ details: { size: 'gp1', env: ['KEY'] } });
    expect(said + JSON.stringify(event)).not.toMatch(/hunter/);
  });

  test('have a terminal if wanted, of the size that it has now', async () => {
    const run = await shell('test -t 0 && stty size; read -r line; stty size; tty >/dev/null && echo $TERM', {
      terminal: { rows: 30, columns: 100, kind: 'xterm' },
    });
    const seen = reading(run);
    await until('the first size', () => seen().includes('30 100'));
    for (let columns = 60; columns <= 90; columns++) run.resize({ rows: 20, columns });
    // A resize takes a process, and is answered by nothing.
    await until('the second size', async () => {
      const probe = await served.m.engine.runInside(program(), {
        argv: ['/bin/sh', '-c', 'for t in /dev/pts/[0-9]*; do stty size -F $t; done'],
        env: { PATH: '/usr/bin:/bin' },
      });
      return (await text(probe.stdout)).includes('20 90');
    });
    run.stdin.write('\r');
    const exit = await run.exit;
    expect(seen()).toMatch(/20 90[\s\S]*xterm/);
    expect(exit).toEqual({ code: 0, signal: null });
    await gone();
  });

  test('get signals, and only those for programs', async () => {
    const run = await shell('trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.05; done');
    const seen = reading(run);
    await until('it is ready', () => seen().includes('ready'));
    run.signal('SIGINT');
    expect(await run.exit).toEqual({ code: 9, signal: null });
    expect(seen()).toContain('caught');
    await gone();
  });

  test('carry much both ways, unchanged, no faster than it is read, in bounded memory', async () => {
    const size = 64 * 1024 * 1024;
    const run = await shell(`head -c ${size} /dev/zero; cat >/dev/null`);
    // Nobody reads for now: what waits must wait in the program.
    await until('something came', () => run.stdout.readableLength > 0);
    const before = process.memoryUsage().arrayBuffers;
    const feed = Buffer.alloc(1024 * 1024);
    let fed = 0;
    while (run.stdin.write(feed)) fed += feed.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    let got = 0;
    run.stdout.on('data', (chunk: Buffer) => {
      got += chunk.length;
    });
    run.stdin.end();
    expect(await run.exit).toEqual({ code: 0, signal: null });
    expect(got).toBe(size);
    await gone();
  });

  test('may ignore their input, and end before it does', async () => {
    const run = await shell('exec true');
    run.stdin.write(Buffer.alloc(4 * STDIN_WINDOW));
    expect(await run.exit).toEqual({ code: 0, signal: null });
    const closed = await shell('exec 0<&-; sleep 0.2; echo done');
    closed.stdin.end(Buffer.alloc(4 * STDIN_WINDOW));
    expect(await collect(closed)).toMatchObject({ stdout: 'done\n', exit: { code: 0 } });
    await gone();
  });

  test.each([
    ['is closed', (socket: Socket) => socket.destroy()],
    ['is half closed', (socket: Socket) => socket.end()],
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['says what is no frame', (socket: Socket) => socket.write(Buffer.alloc(100, 0xff))],
    ['says what only servers say', (socket: Socket) => socket.write(frame('stdout', Buffer.from('x')))],
    [
      'sends more than can be taken',
      (socket: Socket) => {
        for (let sent = 0; sent <= 2 * STDIN_WINDOW; sent += FRAME_MAX)
          socket.write(frame('stdin', Buffer.alloc(FRAME_MAX)));
      },
    ],
    [
      'sends a signal that is none',
      (socket: Socket) => socket.write(frame('signal', Buffer.from('SIGSEGV'))),
    ],
    [
      'gives the terminal no size',
      (socket: Socket) => socket.write(jsonFrame('resize', { rows: 0, columns: 1e9 })),
    ],
  ])('end with their connection when it %s', async (_, act) => {
    const socket = await raw('aka-run');
    socket.write(jsonFrame('open', { command: ['echo ready; exec sleep 1000'] }));
    expect((await firstFrame(socket, 10_000)).type).toBe('opened');
    expect((await firstFrame(socket, 10_000)).type).toBe('stdout');
    socket.resume();
    act(socket);
    await gone();
    expect(served.defects).toEqual([]);
  });

  test('are not reached by what is no order, or comes too early', async () => {
    for (const bytes of [
      jsonFrame('open', { command: [] }),
      jsonFrame('open', { command: ['x\0y'] }),
      jsonFrame('open', { command: ['true'], user: 'root' }),
      jsonFrame('open', null),
      frame('open', Buffer.from('{')),
      frame('stdin', Buffer.from('x')),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.concat([Buffer.of(1), Buffer.from([0xff, 0xff, 0xff, 0xff])]),
    ]) {
      const socket = await raw('aka-run');
      socket.write(bytes);
      const answer = await firstFrame(socket, 10_000);
      expect(answer.type).toBe('error');
      expect(JSON.parse(answer.payload.toString())).toMatchObject({
        status: expect.any(Number),
        id: expect.stringMatching(/invalid_input|bad_frame/),
      });
      socket.destroy();
    }
    expect(served.m.engine.list()).toHaveLength(1);
    expect(served.defects).toEqual([]);
  });

  test('are refused for an app that is not there or has no release, a size or a name that is none', async () => {
    await served.m.api.apps.create({ name: 'empty', space: 'shop' });
    const refused = (key: string, order: Partial<RunOrder> = {}): Promise<unknown> =>
      RemoteRun.start({ url: served.socket }, key, { command: ['true'], ...order }).then(
        () => undefined,
        ({ id, status }: { id: string; status: number }) => [id, status],
      );
    expect(await refused('wbe-shop')).toEqual(['not_found', 404]);
    expect(await refused('empty-shop')).toEqual(['no_release', 409]);
    expect(await refused(app, { size: 'huge' })).toEqual(['unknown_size', 422]);
    expect(await refused(app, { env: { 'A B': 'x' } })).toEqual(['invalid_env_name', 422]);
    expect(await refused(app, { command: ['x'.repeat(140_000)] })).toEqual(['argument_too_long', 422]);
    expect(served.m.engine.list()).toHaveLength(1);
  });

  test('are for whoever has a token over TCP, and for nobody else', async () => {
    const run = await RemoteRun.start({ url: served.url, credentials: Credentials.bearer(TOKEN) }, app, {
      command: ['echo hello'],
    });
    expect(await collect(run)).toMatchObject({ stdout: 'hello\n' });
    for (const credentials of [undefined, Credentials.bearer(`${TOKEN}x`)]) {
      await expect(
        RemoteRun.start({ url: served.url, ...(credentials && { credentials }) }, app, { command: ['true'] }),
      ).rejects.toMatchObject({ id: 'unauthorized', status: 401 });
    }
    const audits = await served.m.api.audits.list({ size: 1 });
    expect(audits).toMatchObject([{ action: 'dyno.run', username: 'tess' }]);
    await gone();
  });

  test('need an upgrade that is known', async () => {
    for (const head of [
      'POST /apps/web-shop/dynos HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      'GET /apps/web-shop/dynos HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: aka-run\r\n\r\n',
      'POST /apps HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: aka-run\r\n\r\n',
      'POST /apps/%ff/dynos HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: aka-run\r\n\r\n',
    ]) {
      const socket = connect(served.socket.slice('unix:'.length));
      socket.write(head);
      expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
    }
  });

  test('end with their app', async () => {
    const doomed = await served.m.app('doomed');
    const run = await RemoteRun.start({ url: served.socket }, doomed, { command: ['sleep', '1000'] });
    await served.m.api.apps.destroy({ app: doomed });
    served.runs.look();
    expect(await run.exit).toMatchObject({ signal: 'SIGTERM' });
    await until('its dynos are gone, too', () => served.m.engine.list().length === 1);
  });

  const program = (): string =>
    served.m.engine
      .list()
      .map(({ id }) => id)
      .find((id) => id.endsWith('.0') && !upPrograms().includes(id)) ?? '';
  const upPrograms = (): string[] =>
    served.m.session.store.apps
      .inSpace('shop')
      .flatMap(({ id }) => served.m.reconciler.dynosOf(id).map((dyno) => dyno.program));

  /** A connection that was upgraded and has said nothing yet. */
  async function raw(name: string): Promise<Socket> {
    const { port, host } = new URL(served.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /apps/${app}/dynos HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: Upgrade\r\nUpgrade: ${name}\r\n\r\n`,
    );
    let head = '';
    while (!head.includes('\r\n\r\n')) head += String((await once(socket, 'data'))[0]);
    expect(head).toMatch(/^HTTP\/1.1 101 /);
    return socket;
  }
});

async function collect(run: RemoteRun): Promise<{ stdout: string; stderr: string; exit: unknown }> {
  const [stdout, stderr, exit] = await Promise.all([text(run.stdout), text(run.stderr), run.exit]);
  return { stdout, stderr, exit };
}

/** What it printed so far. */
function reading(run: RemoteRun): () => string {
  let all = '';
  run.stdout.on('data', (chunk: Buffer) => {
    all += String(chunk);
  });
  return () => all;
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += String(chunk);
  return all;
}
