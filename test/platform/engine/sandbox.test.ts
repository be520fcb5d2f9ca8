import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemBundle } from '../../../src/platform/daemon/trust.js';
import { TRUSTED } from '../../../src/platform/engine/engine.js';
import { newAuthority } from '../router/ingress.js';
import { commandLines, describeEngines, openTestEngine, pidOf, type TestEngine, until } from './engines.js';

const VICTIM_SECRET = 'the-secret-of-the-victim';
const MIB = 1024 ** 2;
const X64_CALLS = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  bpf: 321,
  userfaultfd: 323,
  perf_event_open: 298,
  open_by_handle_at: 304,
  socketpair: 53,
  'x32 getpid': 0x40000000 + 39,
};
const ARM64_CALLS = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  add_key: 217,
  request_key: 218,
  keyctl: 219,
  bpf: 280,
  userfaultfd: 282,
  perf_event_open: 241,
  open_by_handle_at: 265,
  socketpair: 199,
};
/** Takes more and more memory. */
const GREEDY = 'const held = []; for (;;) held.push(Buffer.alloc(8_000_000, 1));';

describeEngines('a hostile dyno', (identity) => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await openTestEngine(identity);
    await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
    // In the same space: closer than that no other dyno is.
    await engine.start(
      engine.spec('victim', ['true'], {
        program: {
          argv: ['sh', '-c', 'echo private > /tmp/private; echo private > private; echo up; exec sleep 4001'],
          env: { PATH: '/usr/bin:/bin', SECRET: VICTIM_SECRET },
        },
      }),
    );
    await until('the victim is up', () => engine.printed.get('victim'));
  });
  afterAll(() => engine.close());

  test('sees its own processes only, and can neither signal nor read others', async () => {
    const script = `
      for p in /proc/[0-9]*; do echo "$p $(tr '\\0' ' ' < $p/cmdline)"; done
      for p in /proc/[0-9]*; do cat $p/environ $p/maps; ls $p/root/ $p/fd; done 2>/dev/null | grep -a -c ${VICTIM_SECRET}
      kill -9 -1; sleep 0.1`;
    const { stdout } = await engine.execute(['sh', '-c', script]);
    expect(stdout).not.toContain('4001');
    expect(stdout).not.toContain('agent');
    expect(stdout.split('\n').filter((line) => line.startsWith('/proc/')).length).toBeLessThan(8);
    expect(stdout).toMatch(/^0$/m);
    expect(engine.list().find(({ id }) => id === 'victim')?.state).toBe('running');
  });

  test("can't look into the processes that made it", async () => {
    const code = `
      import { openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
      const attempt = (action) => { try { action(); return 'open'; } catch (error) { return error.code; } };
      console.log(JSON.stringify([
        attempt(() => readFileSync('/proc/1/environ')),
        attempt(() => readFileSync('/proc/1/maps')),
        attempt(() => openSync('/proc/1/mem', 'r+')),
        attempt(() => readdirSync('/proc/1/root')),
        attempt(() => readdirSync('/proc/1/cwd/')),
        attempt(() => readlinkSync('/proc/1/fd/4')),
        attempt(() => openSync('/proc/1/fd/4')),
        attempt(() => readlinkSync('/proc/1/ns/net')),
      ]));`;
    expect(await engine.evaluate(code)).toEqual(Array.from({ length: 8 }, () => 'EACCES'));
  });

  test('has no privilege and gets none', async () => {
    const attempts = [
      'mount -t tmpfs none /tmp',
      'mount -o remount,rw /usr',
      'umount /proc/sys',
      'unshare -U true',
      'unshare -Ur true',
      'unshare -n true',
      'nsenter -t 1 -n true',
      'nsenter -t 1 -m true',
      'chroot / true',
      'pivot_root . .',
      'ip link set eth0 down',
      'ip addr add 10.64.0.9/24 dev eth0',
      'ip rule add pref 1 lookup main',
      'hostname other',
      'mknod /tmp/null c 1 3',
      'chown 12345 hello.txt',
      'echo 1 > /proc/sys/net/ipv4/ip_forward',
      'echo x > /proc/sys/kernel/core_pattern',
      'echo b > /proc/sysrq-trigger',
      'echo -900 > /proc/self/oom_score_adj',
      'touch /usr/x',
      'touch /etc/passwd',
      'touch /new',
      'echo x > /run/platform/hosts',
      'renice -n -5 $$',
      'su -c true',
    ];
    const script = attempts
      .map((attempt) => `if (${attempt}) >/dev/null 2>&1; then echo '${attempt}'; fi`)
      .join('\n');
    expect((await engine.execute(['sh', '-c', script])).stdout).toBe('');
    const { stdout } = await engine.execute([
      'grep',
      '-E',
      '^(Cap|NoNewPrivs|Groups|Uid)',
      '/proc/self/status',
    ]);
    const none = '0000000000000000';
    expect(
      Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split(':\t')),
      ),
    ).toEqual({
      CapInh: none,
      CapPrm: none,
      CapEff: none,
      CapBnd: none,
      CapAmb: none,
      NoNewPrivs: '1',
      Groups: expect.stringMatching(/^(65534 ?)?\s*$/),
      Uid: '1000\t1000\t1000\t1000',
    });
  });

  test('is not root of the machine, whoever started the platform', async () => {
    await engine.start(engine.spec('who', ['sleep', '4002']));
    const pid = await until('the program', () => pidOf('sleep\x004002\x00'));
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    expect(uid).toBe(String(engine.ownerOf('a')?.uid ?? identity.user?.uid ?? process.getuid?.()));
    expect(uid).not.toBe('0');
    await engine.stop('who', 0);
  });

  test("finds nothing of the machine's people, other dynos or the platform", async () => {
    const secret = mkdtempSync(join(tmpdir(), 'aka-secret-'));
    writeFileSync(join(secret, 'key'), 'the key', { mode: 0o644 });
    // A home that a dyno has as well, such as /tmp, would be its own.
    const homes = [homedir(), '/root', '/home'].filter((path) => path !== '/tmp');
    const system = ['/work', '/var/lib', '/mnt', '/boot', '/sys', '/etc/shadow', '/etc/ssh'];
    const sockets = ['/run/user', '/run/docker.sock', '/var/run/docker.sock'];
    const paths = [...homes, ...system, ...sockets, secret, engine.slug, '/tmp/private'];
    const code = `
      import { chmodSync, existsSync, readdirSync } from 'node:fs';
      console.log(JSON.stringify({
        found: ${JSON.stringify(paths)}.filter(existsSync),
        ...Object.fromEntries(['/', '/run', '/tmp', '/var', '/dev', '/dev/shm'].map((path) => [path, readdirSync(path).sort()])),
      }));`;
    const seen = await engine.evaluate(code);
    rmSync(secret, { recursive: true });
    const links = readdirSync('/').filter((name) => /^(s?bin|lib.*)$/.test(name));
    expect(seen).toEqual({
      found: [],
      '/': [...links, 'app', 'dev', 'etc', 'proc', 'run', 'tmp', 'usr', 'var'].sort(),
      '/run': ['platform'],
      '/tmp': [],
      '/var': ['run', 'tmp'],
      '/dev': 'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' '),
      '/dev/shm': [],
    });
  });

  test('its list of mounts tells no folder of the platform', async () => {
    const { stdout } = await engine.execute(['cat', '/proc/self/mounts']);
    expect(stdout).toContain('overlay');
    const flags = Object.fromEntries(
      stdout.split('\n').map((line) => [line.split(' ')[1], line.split(' ')[3]?.split(',')]),
    );
    for (const path of ['/usr', '/etc/ssl', '/run/platform']) {
      expect(flags[path]).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev']));
    }
    expect(flags['/proc/sys']).toContain('ro');
    expect(stdout).not.toContain('aka-engine');
  });

  test('inherits no descriptor', async () => {
    // The fourth is the folder it lists.
    expect((await engine.execute(['ls', '/proc/self/fd'])).stdout).toBe('0\n1\n2\n3\n');
  });

  test('reaches no unix socket of the machine, named or abstract', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aka-socket-'));
    const names = [join(folder, 'platform.sock'), `\0aka-test-${process.pid}`];
    const servers = await Promise.all(
      names.map(async (path) => {
        const server = createServer((socket) => socket.end('the platform')).listen(path);
        await once(server, 'listening');
        if (path === names[0]) chmodSync(path, 0o777);
        return server;
      }),
    );
    const code = `
      import { connect } from 'node:net';
      const attempt = (path) => new Promise((resolve) => {
        connect(path).on('data', (data) => resolve(String(data))).on('error', (error) => resolve(error.code));
      });
      console.log(JSON.stringify(await Promise.all(${JSON.stringify(names)}.map(attempt))));`;
    const tried = await engine.evaluate(code);
    for (const server of servers) server.close();
    expect(tried).toEqual(['ENOENT', 'ECONNREFUSED']);
    rmSync(folder, { recursive: true });
  });

  test('shares no shared memory or message queue with others', async () => {
    const { stdout } = await engine.execute(['sh', '-c', 'ipcmk -M 4096 >/dev/null && ipcs -m | grep -c 0x']);
    expect(stdout.trim()).toBe('1');
    const again = await engine.execute(['sh', '-c', 'ipcs -m | grep -c 0x']);
    expect(again.stdout.trim()).toBe('0');
  });

  const withPython = existsSync('/usr/bin/python3') ? test : test.skip;
  withPython('reaches no part of the kernel that apps need not', async () => {
    const code = `
import ctypes, errno, json, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def call(*args):
    return 'open' if libc.syscall(*args) >= 0 else errno.errorcode[ctypes.get_errno()]
def make(*args):
    try: socket.socket(*args); return 'open'
    except OSError as error: return errno.errorcode[error.errno]
numbers = json.loads('${JSON.stringify(process.arch === 'arm64' ? ARM64_CALLS : X64_CALLS)}')
print(json.dumps({
    **{name: call(number, *[0] * 6) for name, number in numbers.items()},
    'AF_VSOCK': make(40, socket.SOCK_STREAM), 'AF_ALG': make(38, socket.SOCK_SEQPACKET), 'AF_RXRPC': make(33, 2, 2),
    'AF_VSOCK pair': call(numbers['socketpair'], 40, 1, 0, ctypes.create_string_buffer(8)),
    'NETLINK_NETFILTER': make(socket.AF_NETLINK, socket.SOCK_RAW, 12),
    'allowed': [make(socket.AF_INET, 1), make(socket.AF_INET6, 2), make(socket.AF_UNIX, 1), make(socket.AF_NETLINK, 3, 0)],
}))`;
    const { stdout } = await engine.execute(['/usr/bin/python3', '-c', code]);
    expect(JSON.parse(stdout)).toEqual({
      io_uring_setup: 'ENOSYS',
      io_uring_enter: 'ENOSYS',
      io_uring_register: 'ENOSYS',
      add_key: 'ENOSYS',
      request_key: 'ENOSYS',
      keyctl: 'ENOSYS',
      bpf: 'EPERM',
      userfaultfd: 'EPERM',
      perf_event_open: 'EPERM',
      open_by_handle_at: 'EPERM',
      socketpair: 'EAFNOSUPPORT',
      ...(process.arch === 'x64' && { 'x32 getpid': 'ENOSYS' }),
      AF_VSOCK: 'EAFNOSUPPORT',
      AF_ALG: 'EAFNOSUPPORT',
      AF_RXRPC: 'EAFNOSUPPORT',
      'AF_VSOCK pair': 'EAFNOSUPPORT',
      NETLINK_NETFILTER: 'EPROTONOSUPPORT',
      allowed: ['open', 'open', 'open', 'open'],
    });
    expect(engine.facts.enforced.find(({ promise }) => promise === 'syscalls')?.holds).toBe(true);
  });
  withPython('takes nothing that the kernel counts by user from other spaces, or it is said', async () => {
    const code = `
import ctypes, sys
libc = ctypes.CDLL(None)
made = 0
while made < int(sys.argv[1]) and libc.inotify_init() >= 0: made += 1
print(made, flush=True)
sys.stdin.read()`;
    const watcher = (most: number): [string, ...string[]] => ['/usr/bin/python3', '-c', code, String(most)];
    await engine.ensureSpace({ name: 'other', network: { first: 1, count: 1 } });
    const watching = await engine.run(engine.spec('watcher', watcher(1000)));
    const [most] = (await once(watching.stdout, 'data')) as [Buffer];
    // As many as the machine gives to one user.
    expect(Number(most)).toBeGreaterThan(1);
    expect(Number(most)).toBeLessThan(1000);
    const { stdout } = await engine.execute(watcher(1), { space: 'other', address: 256 + 200 });
    const said = engine.facts.enforced.find(({ promise }) => promise === 'user_limits');
    expect(stdout).toBe(said?.holds === true ? '1\n' : '0\n');
    expect(said?.holds).toBe(!identity.rootless);
    await engine.stop('watcher', 0);
    await engine.removeSpace('other');
  });
  withPython('makes no raw or packet socket', async () => {
    const code = `
import socket, json
out = []
for family, kind, proto in [(socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_PACKET, socket.SOCK_RAW, 0x300)]:
    try:
        socket.socket(family, kind, proto); out.append('open')
    except PermissionError: out.append('refused')
print(json.dumps(out))`;
    const { stdout } = await engine.execute(['/usr/bin/python3', '-c', code]);
    expect(JSON.parse(stdout)).toEqual(['refused', 'refused']);
  });

  test('gets no terminal of the machine', async () => {
    const { stdout } = await engine.execute(['sh', '-c', '(: < /dev/tty) 2>&1; ls /dev/pts']);
    expect(stdout).toMatch(/No such device/);
    expect(stdout).not.toMatch(/^\d+$/m);
  });

  test('a link in its slug leads nowhere outside', async () => {
    mkdirSync(join(engine.slug, 'links'), { recursive: true });
    const { stdout } = await engine.execute([
      'sh',
      '-c',
      'ln -s /etc/shadow s; ln -s ../../../../root r; cat s; ls r/; cat /proc/self/root/etc/shadow',
    ]);
    expect(stdout).toBe('');
  });

  test('a fork bomb ends at its own limit, and others go on', async () => {
    expect(engine.facts.enforced.find(({ promise }) => promise === 'pids')?.holds).toBe(true);
    const bomb = 'i=0; while [ $i -lt 400 ]; do sleep 4003 & i=$((i+1)); done 2>/dev/null; echo through';
    await engine.start(engine.spec('bomb', ['bash', '-c', `${bomb}; sleep 4004`], { limits: { pids: 40 } }));
    await until('it is at its limit', () => count('sleep\x004003\x00') > 20);
    expect((await engine.execute(['echo', 'fine'], { limits: { pids: 40 } })).stdout).toBe('fine\n');
    expect(count('sleep\x004003\x00')).toBeLessThan(41);
    await engine.stop('bomb', 0);
    expect(count('sleep\x004003\x00')).toBe(0);
  });

  test('one that takes more memory than it may is ended, and it is told', async () => {
    const limits = { memory: 200_000_000 };
    await engine.start(engine.spec('greedy', [process.execPath, '-e', GREEDY], { limits }));
    const { exit } = await until('the exit', () => engine.exits.find(({ id }) => id === 'greedy'));
    expect(exit).toEqual({ code: null, signal: 'SIGKILL', overMemory: true });
    await engine.stop('greedy', 0);
  });

  test.each([
    [
      'shared memory',
      `import mmap, time; m = mmap.mmap(-1, 300 << 20); m.write(b'x' * (300 << 20)); time.sleep(600)`,
    ],
    [
      'files without a name',
      `import os, time; f = os.memfd_create('x'); [os.write(f, b'x' * (1 << 20)) for _ in range(300)]; time.sleep(600)`,
    ],
    [
      'a little of each',
      `import mmap, os, time; m = mmap.mmap(-1, 140 << 20); m.write(b'x' * (140 << 20))
f = os.memfd_create('x'); [os.write(f, b'x' * (1 << 20)) for _ in range(140)]; time.sleep(600)`,
    ],
    ['files in /tmp', `import time; open('/tmp/x', 'wb').write(b'x' * (240 << 20)); time.sleep(600)`],
  ])('one that takes it as %s is ended, too', async (what, code) => {
    const id = `greedy-${what.replace(/\W+/g, '-')}`;
    const limits = { memory: 200_000_000, scratch: 300 * MIB };
    await engine.start(engine.spec(id, ['/usr/bin/python3', '-c', code], { limits }));
    const { exit } = await until('the exit', () => engine.exits.find((each) => each.id === id));
    expect(exit).toEqual({ code: null, signal: 'SIGKILL', overMemory: true });
    await engine.stop(id, 0);
  });

  // Where control groups can be written, the kernel counts.
  const whereWatched = identity.rootless ? test : test.skip;
  whereWatched.each([
    [
      'that its processes share',
      `import mmap, os, time
m = mmap.mmap(-1, 120 << 20); m.write(b'x' * (120 << 20))
for _ in range(3): os.fork() or (m[::4096], print('read', flush=True), time.sleep(600))
time.sleep(600)`,
    ],
    ...['/tmp', '/app', '/dev/shm'].map((folder): [string, string] => [
      `of files in ${folder} that it maps`,
      `import mmap, os, time
size = (60 if '${folder}' == '/dev/shm' else 150) << 20
own = b'x' * ((200 << 20) - size if size < 100 << 20 else 0)
f = open('${folder}/x', 'w+b'); [f.write(b'x' * (1 << 20)) for _ in range(size >> 20)]; f.flush()
m = mmap.mmap(f.fileno(), size)
sum(m[i] for i in range(0, size, 4096)); print('read' * 3, flush=True); time.sleep(600)`,
    ]),
    [
      'of files without a name that it maps',
      `import mmap, os, time
f = os.memfd_create('x'); [os.write(f, b'x' * (1 << 20)) for _ in range(140)]
m = mmap.mmap(f, 140 << 20)
for _ in range(3): os.fork() or (sum(m[i] for i in range(0, 140 << 20, 4096)), print('read', flush=True), time.sleep(600))
time.sleep(600)`,
    ],
  ])('memory %s is counted once', async (what, code) => {
    const id = `sharing-${what.replace(/\W+/g, '-')}`;
    const limits = { memory: 250_000_000, scratch: 300 * MIB };
    await engine.start(engine.spec(id, ['/usr/bin/python3', '-c', code], { limits }));
    await until('all have read it', () => engine.printed.get(id)?.split('read').length === 4);
    // Two looks at the memory later it is still there: the second of the watch has passed for another dyno.
    await engine.start(
      engine.spec('witness', [process.execPath, '-e', GREEDY], { limits: { memory: 200_000_000 } }),
    );
    await until('the other one ended', () => engine.exits.find((each) => each.id === 'witness'));
    expect(engine.exits.find((each) => each.id === id)).toBeUndefined();
    expect(engine.list().find((each) => each.id === id)?.state).toBe('running');
    for (const each of [id, 'witness']) await engine.stop(each, 0);
    engine.exits.length = 0;
  });

  test('one that may go over its memory for a while is told to end after that, and not before', async () => {
    const limits = { memory: 200 * MIB, memorySpike: 200 * MIB, memorySpikeMs: 2000 };
    await engine.start(engine.spec('spiking', holding(250), { limits }));
    await engine.start(engine.spec('modest', holding(50), { limits }));
    await until('it is over', () => engine.printed.get('spiking') === 'holds true\n');
    const over = Date.now();
    const { exit } = await until('the exit', () => engine.exits.find(({ id }) => id === 'spiking'));
    expect(exit).toEqual({ code: 0, signal: null, overMemory: true, overTime: true });
    // It takes a moment to say so.
    expect(Date.now() - over).toBeGreaterThanOrEqual(1500);
    expect(engine.printed.get('spiking')).toBe('holds true\ntold\n');
    expect(engine.list().find(({ id }) => id === 'modest')?.state).toBe('running');
    for (const id of ['spiking', 'modest']) await engine.stop(id, 0);
  });

  test('nor may it go over that, however short', async () => {
    const limits = { memory: 100 * MIB, memorySpike: 50 * MIB, memorySpikeMs: 60_000 };
    await engine.start(engine.spec('leaping', holding(250), { limits }));
    const { exit } = await until('the exit', () => engine.exits.find(({ id }) => id === 'leaping'));
    expect(exit).toEqual({ code: null, signal: 'SIGKILL', overMemory: true });
    await engine.stop('leaping', 0);
  });
});

describeEngines('a program that ignores its environment', (identity) => {
  const withBundle = systemBundle() === undefined ? test.skip : test;
  withBundle("trusts the platform's authority, and this machine's", async () => {
    const authority = await newAuthority();
    const { chain, key } = await authority.issue(['app.localhost']);
    const server = createHttpsServer({ cert: chain, key }, (_request, response) => response.end('over TLS'));
    const bundle = systemBundle() ?? '';
    const trusted = `${readFileSync(bundle, 'utf8')}${authority.certificate}`;
    const engine = await openTestEngine(
      identity,
      { onLoopbackTls: (_from, socket) => server.emit('connection', socket) },
      { etc: { [TRUSTED]: trusted } },
    );
    try {
      await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
      const hosts = [{ host: '127.0.0.1', names: ['app.localhost'] }];
      for (const command of ['curl -sS', 'wget -qO-'].filter((each) =>
        existsSync(`/usr/bin/${each.split(' ')[0]}`),
      )) {
        const argv = ['sh', '-c', `exec env -i /usr/bin/${command} https://app.localhost/`] as const;
        const { stdout, stderr } = await engine.execute(argv, { hosts });
        expect([command, stdout, stderr]).toEqual([command, 'over TLS', '']);
      }
      const seen = await engine.execute(['cat', bundle]);
      expect(seen.stdout).toBe(trusted);
    } finally {
      server.close();
      await engine.close();
    }
  });
});

describeEngines('a dyno that sends descriptors and never takes them', (identity) => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await openTestEngine(identity);
    await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
  });
  afterAll(() => engine.close());

  test('keeps nobody from being started, reached and stopped', async () => {
    const flood = `
import array, os, socket, time
fd = os.open('/dev/null', os.O_RDONLY)
pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(200)]
batch = array.array('i', [fd] * 253)
sent, error = 0, None
for one, other in pairs:
    one.setblocking(False)
    try:
        while True:
            one.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, batch)])
            sent += 253
    except BlockingIOError:
        pass
    except OSError as refused:
        error = refused.errno
        break
print('sent', sent, 'refused', error, flush=True)
time.sleep(3600)
`;
    await engine.start(engine.spec('flood', ['/usr/bin/python3', '-c', flood]));
    await until('it sent all it can', () => engine.printed.get('flood')?.includes('sent'));
    // ETOOMANYREFS: the limit of its own files holds it back.
    expect(engine.printed.get('flood')).toMatch(/ refused 109$/m);
    const serve = `require('net').createServer((s) => s.end('here')).listen(5000, () => console.log('up'))`;
    await engine.start(engine.spec('web', [process.execPath, '-e', serve]));
    await until('the other one is up', () => engine.printed.get('web')?.includes('up'));
    for (let time = 0; time < 3; time += 1) {
      const socket = await engine.dial('web', 5000);
      const [came] = (await once(socket, 'data')) as [Buffer];
      expect(String(came)).toBe('here');
      socket.destroy();
    }
    for (const id of ['web', 'flood']) await engine.stop(id, 0);
  });
});

/** Holds so many MiB, says so, and says when it is told to end. */
function holding(mib: number): readonly [string, ...string[]] {
  const code = `const held = Buffer.alloc(${mib} * 1024 ** 2, 1); console.log('holds', held.length > 0);
    process.on('SIGTERM', () => { console.log('told'); process.exit(0); }); setInterval(() => {}, 1000);`;
  return [process.execPath, '-e', code];
}

/** How many processes of the machine have this command line. */
function count(command: string): number {
  return commandLines().filter((line) => line === command).length;
}
