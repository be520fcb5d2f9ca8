import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Limits } from '../../../src/platform/engine/engine.js';
import {
  agentCommand,
  collect,
  commandLines,
  describeEngines,
  GRACEFUL,
  gracefulSlug,
  openTestEngine,
  type TestEngine,
  until,
  whenListening,
} from './engines.js';

describeEngines('dynos', (identity) => {
  let engine: TestEngine;
  const floods = new Map<string, number>();
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });

  beforeAll(async () => {
    engine = await openTestEngine(identity, {
      onOutput: async (id, _from, bytes) => {
        if (id.startsWith('flood')) {
          floods.set(id, (floods.get(id) ?? 0) + bytes.length);
          await held;
        }
        engine.printed.set(id, (engine.printed.get(id) ?? '') + bytes.toString('latin1'));
      },
    });
    await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
  });
  afterAll(() => engine.close());

  test('a program starts in its slug, with values exactly as given', async () => {
    const { stdout, stderr, exit } = await engine.execute(['x'], {
      program: {
        argv: ['sh', '-c', 'cat hello.txt; pwd; printf "%s|" "$A" "$EMPTY" "$UID"'],
        env: { PATH: '/usr/bin:/bin', A: "it's\n$HOME `x` \\", EMPTY: '', UID: '7' },
      },
    });
    expect({ stdout, stderr, exit }).toEqual({
      stdout: "from the slug\n/app\nit's\n$HOME `x` \\||7|",
      stderr: '',
      exit: { code: 0, signal: null },
    });
  });

  test('the environment is exactly what was given', async () => {
    const { stdout } = await engine.execute(['x'], {
      program: { argv: ['/usr/bin/env'], env: { ONLY: 'this' } },
    });
    expect(stdout).toBe('ONLY=this\n');
  });

  test.each([
    ['exit 0', { code: 0, signal: null }],
    ['exit 143', { code: 143, signal: null }],
    ['kill -TERM $$', { code: null, signal: 'SIGTERM' }],
    ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
    ['exec no-such-program', { code: 127, signal: null }],
  ])('how it ended is told exactly: %s', async (script, exit) => {
    expect((await engine.execute(['sh', '-c', script])).exit).toEqual(exit);
  });

  test('a program that is not there says so on stderr and ends with 127', async () => {
    const { stderr, exit } = await engine.execute(['./no-such-program']);
    expect(stderr).toContain('no-such-program');
    expect(exit.code).toBe(127);
  });

  test('a slug that is not there fails the start and leaves nothing', async () => {
    const spec = engine.spec('lost', ['true'], { slug: join(engine.slug, 'nowhere') });
    await expect(engine.start(spec)).rejects.toMatchObject({
      id: 'failed',
      message: expect.stringContaining('nowhere'),
    });
    expect(engine.list().map(({ id }) => id)).not.toContain('lost');
    await engine.start(engine.spec('lost', ['true'], { address: spec.address }));
    await until('it ends', () => engine.exits.some(({ id }) => id === 'lost'));
    await engine.stop('lost', 0);
  });

  test('an id is taken until it is stopped', async () => {
    await engine.start(engine.spec('twice', ['sleep', '100']));
    await expect(engine.start(engine.spec('twice', ['true']))).rejects.toMatchObject({ id: 'exists' });
    await engine.stop('twice', 0);
    await engine.start(engine.spec('twice', ['true']));
    await engine.stop('twice', 1000);
    expect(engine.list().filter(({ id }) => id === 'twice')).toEqual([]);
  });

  test('what it writes is its own: the slug and the next dyno are untouched', async () => {
    const script = 'echo mine > hello.txt; echo more > new.txt; echo t > /tmp/t; cat hello.txt';
    expect(await engine.execute(['sh', '-c', script])).toMatchObject({ stdout: 'mine\n', stderr: '' });
    expect(await engine.execute(['sh', '-c', 'cat hello.txt; ls . /tmp'])).toMatchObject({
      stdout: 'from the slug\n.:\nhello.txt\n\n/tmp:\n',
    });
    expect(existsSync(join(engine.slug, 'new.txt'))).toBe(false);
    expect(readFileSync(join(engine.slug, 'hello.txt'), 'utf8')).toBe('from the slug\n');
  });

  test('what it may write is bounded', async () => {
    const { stderr, exit } = await engine.execute(['sh', '-c', 'head -c 3000000 /dev/zero > big'], {
      limits: { scratch: 2_000_000 },
    });
    expect(exit.code).not.toBe(0);
    expect(stderr).toContain('No space left');
  });

  test('stdin, stdout and stderr carry bytes, not text, to their end', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    const program = await engine.run(engine.spec('bytes', ['sh', '-c', 'cat; echo done >&2']));
    program.stdin.end(bytes);
    const out = createHash('sha256');
    for await (const chunk of program.stdout) out.update(chunk as Buffer);
    let error = '';
    for await (const chunk of program.stderr) error += String(chunk);
    expect(out.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(error).toBe('done\n');
    expect(await program.exit).toEqual({ code: 0, signal: null });
    await engine.stop('bytes', 0);
  });

  test('a terminal has the size asked for, hears of a new one and carries the exit code', async () => {
    const script =
      'tty >/dev/null && stty size; trap "stty size; exit 9" WINCH; echo ready; while :; do sleep 0.05; done';
    const program = await engine.run(engine.spec('tty', ['sh', '-c', script]), { rows: 33, columns: 99 });
    let seen = '';
    program.stdout.on('data', (chunk) => {
      seen += String(chunk);
    });
    await until('it is ready', () => seen.includes('ready'));
    expect(seen).toContain('33 99');
    await program.resize({ rows: 44, columns: 111 });
    expect(await program.exit).toEqual({ code: 9, signal: null });
    await until('the new size', () => seen.includes('44 111'));
    await engine.stop('tty', 0);
  });

  test('a second program runs beside the first one: same files, processes and network', async () => {
    await engine.start(engine.spec('host', ['sh', '-c', 'echo one > shared; exec sleep 1000']));
    await until('the file', async () => (await beside('cat shared')).stdout === 'one\n');
    const { stdout, exit } = await beside(
      'cat shared; ps -e -o args= 2>/dev/null || cat /proc/*/cmdline; exit 5',
    );
    expect(stdout).toMatch(/sleep.1000/);
    expect(exit).toEqual({ code: 5, signal: null });
    const left = await engine.runInside('host', {
      argv: ['sh', '-c', 'echo up; exec sleep 1000'],
      env: { PATH: '/usr/bin:/bin' },
    });
    await once(left.stdout, 'data');
    await left.signal('SIGTERM');
    expect(await left.exit).toEqual({ code: null, signal: 'SIGTERM' });
    const other = await engine.runInside('host', {
      argv: ['sh', '-c', 'echo up; exec sleep 1000'],
      env: { PATH: '/usr/bin:/bin' },
    });
    await once(other.stdout, 'data');
    await engine.stop('host', 0);
    expect(await other.exit).toMatchObject({ code: null });
    await expect(beside('true')).rejects.toMatchObject({ id: 'not_found' });

    async function beside(script: string): ReturnType<typeof collect> {
      const env = { PATH: '/usr/bin:/bin' };
      const program = await engine.runInside('host', { argv: ['sh', '-c', script], env });
      program.stdin.end();
      return collect(program);
    }
  });

  test('programs that come as a dyno ends, or end as they begin, are no harm to others', async () => {
    await engine.start(engine.spec('bystander', ['sleep', '1000']));
    for (let round = 0; round < 10; round++) {
      const id = `brief-${round}`;
      await engine.start(engine.spec(id, ['sleep', '1000'], { limits: { memory: 64 * 1024 * 1024 } }));
      const beside = Array.from({ length: 5 }, () =>
        engine.runInside(id, { argv: ['true'], env: {} }).then(({ exit }) => exit),
      );
      await Promise.allSettled([...beside, engine.stop(id, 0)]);
    }
    expect(engine.list().find(({ id }) => id === 'bystander')?.state).toBe('running');
    await engine.stop('bystander', 0);
  });

  test('stop asks first, and everything in the dyno', async () => {
    const script = 'trap "echo told; exit 3" TERM; echo up; while :; do sleep 0.05; done';
    await engine.start(engine.spec('polite', ['sh', '-c', script]));
    await until('it is up', () => engine.printed.get('polite')?.includes('up'));
    await engine.stop('polite', 10_000);
    expect(engine.exits.find(({ id }) => id === 'polite')?.exit).toEqual({ code: 3, signal: null });
    expect(engine.printed.get('polite')).toContain('told');
  });

  test('/dev/stdout and /dev/stderr can be opened, by every program of the dyno', async () => {
    const script = `echo a > /dev/stdout; echo b | tee /dev/stderr; echo c >> /dev/stderr`;
    const { stdout, stderr, exit } = await engine.execute(['sh', '-c', script]);
    expect({ stdout, stderr, exit }).toEqual({
      stdout: 'a\nb\n',
      stderr: 'b\nc\n',
      exit: { code: 0, signal: null },
    });
  });

  test.each(GRACEFUL)('%s has its grace time, and its last line is kept', async (name, argv) => {
    const id = `graceful-${name.length}`;
    const env = { PATH: process.env.PATH ?? '', HOME: '/tmp' };
    await engine.start(engine.spec(id, argv, { slug: gracefulSlug(), program: { argv, env } }));
    await until('it is up', () => engine.printed.get(id)?.includes('up'));
    await engine.stop(id, 10_000);
    expect(engine.printed.get(id)).toContain('last');
  });

  test('stop is heard at every moment of a start, long before the grace time', async () => {
    const moments = Array.from({ length: 25 }, (_, number) => number);
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error('It was not heard.')), 8000).unref();
    });
    const stopped = moments.map(async (number) => {
      const id = `new-${number}`;
      const started = engine.start(engine.spec(id, ['sleep', '60'])).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, number * 2));
      await engine.stop(id, 20_000);
      await started;
      await engine.stop(id, 20_000);
    });
    await Promise.race([Promise.all(stopped), late]);
    expect(engine.list().filter(({ id }) => id.startsWith('new-'))).toEqual([]);
  });

  test('one that ignores SIGTERM, closes its streams and forks away is gone after the grace time', async () => {
    const script =
      'trap "" TERM; (setsid sh -c "trap \\"\\" TERM; sleep 3001" &); exec >&- 2>&- <&-; while :; do sleep 0.05; done';
    await engine.start(engine.spec('stubborn', ['sh', '-c', `echo up; ${script}`]));
    await until('the one that forked away', () => running('3001'));
    await engine.stop('stubborn', 50);
    expect(engine.exits.find(({ id }) => id === 'stubborn')?.exit).toEqual({ code: null, signal: 'SIGKILL' });
    expect(running('3001')).toBe(false);
  });

  test('what a program leaves running ends with it', async () => {
    await engine.start(engine.spec('daemon', ['sh', '-c', '(setsid sleep 3002 &) ; sleep 0.2']));
    await until('the exit', () => engine.exits.some(({ id }) => id === 'daemon'));
    expect(running('3002')).toBe(false);
    await engine.stop('daemon', 0);
  });

  test('one that stops itself can be woken, and its end is noticed', async () => {
    const script = '(sleep 0.1; kill -CONT $$) & kill -STOP $$; echo awake; exit 6';
    const { stdout, exit } = await engine.execute(['sh', '-c', script]);
    expect({ stdout, exit }).toEqual({ stdout: 'awake\n', exit: { code: 6, signal: null } });
  });

  test('those that are stopped before they began never begin', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `early-${index}`);
    const starts = ids.map((id) =>
      engine.start(engine.spec(id, ['sleep', '4100'])).catch(({ id: why }) => why),
    );
    await Promise.all(ids.map((id) => engine.stop(id, 0)));
    for (const result of await Promise.all(starts)) expect([undefined, 'failed']).toContain(result);
    expect(engine.list().filter(({ id }) => ids.includes(id))).toEqual([]);
    expect(running('4100')).toBe(false);
  });

  test('orphans are reaped, not kept', async () => {
    const script =
      'i=0; while [ $i -lt 50 ]; do (true & ) ; i=$((i+1)); done; sleep 0.1; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l';
    expect((await engine.execute(['sh', '-c', script])).stdout.trim()).toBe('0');
  });

  test('a flood of output waits until somebody takes it', async () => {
    await engine.start(engine.spec('flood', ['sh', '-c', 'head -c 30000000 /dev/zero; echo end']));
    await until('the first of it', () => floods.has('flood'));
    const other = await engine.execute(['echo', 'another is not held up']);
    expect(other.stdout).toContain('another');
    expect(floods.get('flood')).toBeLessThan(1_000_000);
    expect(engine.exits.some(({ id }) => id === 'flood')).toBe(false);
    release?.();
    await until('the exit', () => engine.exits.some(({ id }) => id === 'flood'));
    expect(engine.printed.get('flood')?.length).toBe(30_000_004);
    await engine.stop('flood', 0);
  });

  test('a port of a dyno can be dialled, also when the dyno speaks first', async () => {
    writeFileSync(
      join(engine.slug, 'greet.mjs'),
      "import { createServer } from 'node:net'; createServer((s) => { s.on('error', () => {}); s.write('hello '); s.pipe(s); }).listen(4000);",
    );
    await engine.start(engine.spec('greeter', [process.execPath, 'greet.mjs']));
    (await whenListening(engine, 'greeter', 4000)).destroy();
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const socket = await engine.dial('greeter', 4000);
        socket.end(String(index));
        let answer = '';
        for await (const chunk of socket) answer += String(chunk);
        return answer;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => `hello ${index}`));
    await expect(engine.dial('greeter', 4001)).rejects.toMatchObject({ id: 'refused' });
    await expect(engine.dial('nobody', 4000)).rejects.toMatchObject({ id: 'not_found' });
    await engine.stop('greeter', 0);
    await expect(engine.dial('greeter', 4000)).rejects.toMatchObject({ id: 'not_found' });
  });

  test('many start at once', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    await Promise.all(ids.map((id) => engine.start(engine.spec(id, ['sleep', '1000']))));
    expect(engine.list().filter(({ id, state }) => ids.includes(id) && state === 'running')).toHaveLength(20);
    await Promise.all(ids.map((id) => engine.stop(id, 2000)));
    expect(engine.list()).toEqual([]);
  });
});

describeEngines('a platform that the kernel would end early itself', (identity) => {
  test('has dynos all the same, that go before it', async () => {
    const { command, args } = agentCommand();
    const script = 'echo 600 > /proc/self/oom_score_adj; exec "$@"';
    const agent = { command: 'sh', args: ['-c', script, 'sh', command, ...args] };
    const engine = await openTestEngine(identity, {}, { agent });
    await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
    const scoreWith = async (limits: Limits): Promise<string> =>
      (await engine.execute(['cat', '/proc/self/oom_score_adj'], { limits })).stdout;
    const scores = [
      await scoreWith({ oomScore: 0 }),
      await scoreWith({}),
      await scoreWith({ oomScore: 900 }),
    ];
    await engine.close();
    expect(scores).toEqual(['600\n', '900\n', '1000\n']);
  });
});

/** Whether a `sleep` of so long runs anywhere on the machine. */
function running(seconds: string): boolean {
  return commandLines().includes(`sleep\0${seconds}\0`);
}
