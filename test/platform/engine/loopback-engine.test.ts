import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DynoSpec, DynoState } from '../../../src/platform/engine/engine.js';
import type { LoopbackEngine } from '../../../src/platform/engine/loopback-engine.js';
import { openEngine } from '../../../src/platform/engine/open.js';
import {
  agentCommand,
  buildProgram,
  collect,
  commandLines,
  GRACEFUL,
  gracefulSlug,
  POOL,
  pidOf,
  readableFolder,
  until,
  whenListening,
} from './engines.js';

describe('the loopback engine', () => {
  let folder: string;
  let slug: string;
  let engine: LoopbackEngine;
  let exits: DynoState[];
  let printed: string;

  beforeEach(async () => {
    folder = readableFolder();
    slug = readableFolder();
    writeFileSync(join(slug, 'hello.txt'), 'from the slug\n');
    const ended: DynoState[] = [];
    exits = ended;
    printed = '';
    engine = (await openEngine({
      pool: POOL,
      agent: agentCommand(),
      dir: join(folder, 'dynos'),
      name: 'loopback',
      mode: 'loopback',
      events: {
        // An earlier test's engine must not tell this one.
        onExit: (state) => ended.push(state),
        onOutput: (_id, _from, bytes) => {
          printed += String(bytes);
        },
      },
    })) as LoopbackEngine;
    await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
  });
  afterEach(async () => {
    await engine.close();
    for (const path of [folder, slug]) rmSync(path, { recursive: true, force: true });
  });

  test('says what it does not enforce, and why', () => {
    expect(engine.facts).toMatchObject({ mode: 'loopback', sharedPorts: true });
    expect(engine.facts.enforced.filter(({ holds }) => holds)).toEqual([]);
    for (const { how } of engine.facts.enforced) expect(how).toContain('the platform was set to it');
  });

  test('/dev/stdout and /dev/stderr can be opened by a program', async () => {
    const program = await engine.run(
      spec('run', ['sh', '-c', 'echo a > /dev/stdout; echo b | tee /dev/stderr']),
    );
    expect(await collect(program)).toMatchObject({ stdout: 'a\nb\n', stderr: 'b\n' });
  });

  test.each(GRACEFUL)('%s has its grace time, and its last line is kept', async (_name, argv) => {
    const env = { PATH: process.env.PATH ?? '' };
    await engine.start({ ...spec('web', ['x']), slug: gracefulSlug(), program: { argv, env } });
    await until('it is up', () => printed.includes('up'));
    await engine.stop('web', 10_000);
    await until('its last line', () => printed.includes('last'));
  });

  test('runs a program in a copy of its slug, with its environment and nothing else', async () => {
    const program = await engine.run(
      spec('run', [
        'sh',
        '-c',
        'cat; cat hello.txt; echo x > hello.txt; echo "$HOME" | grep -c dynos; exec env; exit 4',
      ]),
    );
    program.stdin.end('in\n');
    const { stdout, exit } = await collect(program);
    expect(stdout).toMatch(/^in\nfrom the slug\n1\n/);
    const names = stdout
      .split('\n')
      .slice(3)
      .map((line) => line.split('=')[0]);
    expect(names.filter((name) => name !== '' && name !== 'PWD' && name !== '_').sort()).toEqual([
      'A',
      'HOME',
      'PATH',
    ]);
    expect(exit).toEqual({ code: 0, signal: null });
    await until('its copy is gone', () => readdirSync(join(folder, 'dynos')).length === 0);
    expect((await collect(await engine.run(spec('again', ['cat', 'hello.txt'])))).stdout).toBe(
      'from the slug\n',
    );
  });

  test('tells how a program ended, and refuses one that is not there', async () => {
    await engine.start(spec('killed', ['sh', '-c', 'echo out; kill -SEGV $$']));
    await until('the exit', () => exits.length === 1);
    expect(exits[0]).toMatchObject({
      id: 'killed',
      state: 'exited',
      exit: { code: null, signal: 'SIGSEGV' },
    });
    expect(printed).toBe('out\n');
    await expect(engine.start(spec('none', ['no-such-program']))).rejects.toMatchObject({ id: 'failed' });
    expect(engine.list().map(({ id }) => id)).toEqual(['killed']);
    await expect(engine.start(spec('killed', ['true']))).rejects.toMatchObject({ id: 'exists' });
    await expect(engine.start({ ...spec('lost', ['true']), slug: '/nowhere' })).rejects.toMatchObject({
      id: 'failed',
    });
    await expect(engine.start({ ...spec('lost', ['true']), space: 'z' })).rejects.toMatchObject({
      id: 'not_found',
    });
  });

  test('stops a program and what it started in its group', async () => {
    await engine.start(
      spec('stubborn', ['sh', '-c', 'trap "" TERM; sleep 6001 & echo up; while :; do sleep 0.05; done']),
    );
    await until('it is up', () => printed.includes('up'));
    await engine.stop('stubborn', 50);
    expect(exits[0]?.exit).toEqual({ code: null, signal: 'SIGKILL' });
    await until('its child is gone', () => !commandLines().includes('sleep\x006001\x00'));
    expect(engine.list()).toEqual([]);
  });

  test('says where the programs of a dyno listen, and not where others do', async () => {
    const program = `for (const host of ['127.0.0.1', '::1'])
      require('node:http').createServer().listen(0, host, function () {
        console.log(host, this.address().port);
      });`;
    await engine.start(spec('web', ['sh', '-c', `${process.execPath} -e "${program}"; true`]));
    await until('it listens twice', () => printed.split('\n').length === 3);
    const expected = printed
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([host, port]) => ({ host, port: Number(port) }));
    expect(await engine.listeners('web')).toEqual(expect.arrayContaining(expected));
    expect(await engine.listeners('web')).toHaveLength(2);
  });

  test('serves stable addresses of 127/8 and dials dynos', async () => {
    // Below those that the kernel gives to clients.
    const ports = [21_871, 21_872];
    await Promise.all(
      ports.map((port) =>
        engine.start(
          spec(`web.${port}`, [
            process.execPath,
            '-e',
            `require('net').createServer((s)=>s.on('error',()=>{}).end('${port}')).listen(${port})`,
          ]),
        ),
      ),
    );
    for (const port of ports) (await whenListening(engine, `web.${port}`, port)).destroy();
    await engine.setService({
      space: 'a',
      address: 2,
      port: 8080,
      targets: ports.map((port) => ({ dyno: `web.${port}`, port })),
    });
    expect([await read('127.64.0.2', 8080), await read('127.64.0.2', 8080)].sort()).toEqual([
      '21871',
      '21872',
    ]);
    await engine.removeSpace('a');
    await expect(read('127.64.0.2', 8080)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(engine.list()).toEqual([]);
  });

  test('ends what runs, and says so, if the process that watches over it is killed', async () => {
    await engine.start(spec('orphan', ['sh', '-c', 'sleep 6004 & wait']));
    await until('it runs', () => pidOf('sleep\x006004\x00'));
    process.kill(watchdogPid(), 'SIGKILL');
    expect(await engine.ended).toMatchObject({ id: 'lost' });
    await until('nothing runs', () => pidOf('sleep\x006004\x00') === undefined);
    await until('its exit is told', () => exits.some(({ id }) => id === 'orphan'));
  });

  test('leaves no program behind after kill -9 of the daemon', async () => {
    const program = join(folder, 'daemon.mjs');
    buildProgram(
      `import { openEngine } from './src/platform/engine/open.js';
       const engine = await openEngine({ ...JSON.parse(process.argv[2]), mode: 'loopback', events: { onExit() {}, onOutput() {} } });
       await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
       const dyno = (id, script) => ({ id, space: 'a', address: 130, slug: ${JSON.stringify(slug)}, limits: {}, hosts: [],
         program: { argv: ['sh', '-c', script], env: { PATH: '/usr/bin:/bin' } } });
       await engine.start(dyno('gone', 'true'));
       await engine.start(dyno('stays', 'sleep 6002 & sleep 6003'));
       console.log('up'); setInterval(() => {}, 1000);`,
      program,
    );
    const options = { pool: POOL, agent: agentCommand(), dir: join(folder, 'other'), name: 'other' };
    const daemon = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(daemon.stdout, 'data');
    await until('both run', () => there() === 2);
    daemon.kill('SIGKILL');
    await until('nothing runs', () => there() === 0);
    expect(existsSync(join(folder, 'other'))).toBe(true);
  });

  function spec(id: string, argv: readonly [string, ...string[]]): DynoSpec {
    const env = { PATH: process.env['PATH'] ?? '', A: 'a' };
    return { id, space: 'a', address: 130, program: { argv, env }, slug, limits: {}, hosts: [] };
  }
});

async function read(host: string, port: number): Promise<string> {
  const socket = connect(port, host);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** Of the only engine of this process. */
function watchdogPid(): number {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  const pid = /^ *(\d+) \/bin\/sh -c .*while read -r word group/m.exec(stdout)?.[1];
  if (pid === undefined) throw new Error(`there is no watchdog: ${stdout}`);
  return Number(pid);
}

/** How many of the daemon's programs run. */
function there(): number {
  return commandLines().filter((line) => /^sleep\x00600[23]\x00$/.test(line)).length;
}
