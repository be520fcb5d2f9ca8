import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Ended, quoted, ROOT, type Started, User } from '../../scenarios/aka.js';
import { Terminal } from '../../scenarios/terminal.js';
import { describeEngines, until } from '../engine/engines.js';
import { openServed, type Served, TOKEN } from './served.js';

/** One that listens on another port, too, and says who it is. */
const SERVER = `
const { createServer } = require('node:net');
for (const port of [process.env.PORT, 7000]) createServer({ allowHalfOpen: true }, (socket) => {
  let text = '';
  socket.on('data', (data) => { text += data; }).on('end', () => socket.end(process.env.DYNO + ' ' + port + ' ' + text.length)).on('error', () => {});
}).listen(port);
`;

describeEngines('what is typed', (identity) => {
  let served: Served;
  let user: User;
  beforeAll(async () => {
    served = await openServed(identity);
    user = new User();
    await served.m.app('web', { 'server.js': SERVER });
  });
  afterAll(async () => {
    user.remove();
    await served.close();
  });

  const api = (): string[] => ['--api', served.socket];
  const platform = (): string => `Platform: ${served.socket}\n`;
  const run = (...words: string[]): Promise<Ended> =>
    user.run(['run', '-a', 'web-shop', ...api(), ...words], { stdin: '' });
  const oneLeft = (): Promise<unknown> =>
    until('only the web dyno is left', () => served.m.engine.list().length === 1);

  test('run:detached returns at once, and what its program prints goes to the log', async () => {
    const { m } = served;
    const line = 'read x; echo out; echo err >&2; exit 3';
    const detached = await user.run(['run:detached', '-a', 'web-shop', ...api(), '--', line]);
    expect(detached).toMatchObject({ code: 0, stdout: 'Running in run.1 of web-shop.\n' });
    await until('it has ended', () => m.lines.includes('run.1 system: Ended with code 3'));
    const own = m.lines.filter((each) => each.startsWith('run.1 std'));
    expect(own.toSorted()).toEqual(['run.1 stderr: err', 'run.1 stdout: out']);
    expect(m.lines.indexOf('run.1 system: Ended with code 3')).toBeGreaterThan(m.lines.indexOf(own[1] ?? ''));
    await oneLeft();
    // It outlives the command that started it.
    await user.does('run:detached', '-a', 'web-shop', ...api(), '--', 'exec sleep 1000');
    const [left] = (await m.api.dynos.list({ app: 'web-shop' })).filter(({ name }) => name === 'run.1');
    expect(left).toMatchObject({ command: 'exec sleep 1000' });
    await m.engine.stop(left?.id ?? '', 0);
    await oneLeft();
  });

  test('run passes streams and code on, and says by 125 what is its own failure', async () => {
    expect(await run('--', 'echo out; echo err >&2; exit 3')).toMatchObject({
      code: 3,
      stdout: 'out\n',
      stderr: `${platform()}err\n`,
    });
    expect(await run('--', 'kill -KILL $$')).toMatchObject({ code: 137, stdout: '' });
    expect(
      await user.run(['run', '-a', 'web-shop', ...api(), '--', 'sh', '-c', 'tr a-z A-Z'], { stdin: 'shout' }),
    ).toMatchObject({ code: 0, stdout: 'SHOUT' });
    expect(await run('--env', 'A=b=c', '--size', 'gp2', '--', 'echo $A')).toMatchObject({
      code: 0,
      stdout: 'b=c\n',
    });
    expect(await run('--size', 'huge', '--', 'true')).toMatchObject({
      code: 125,
      stderr: expect.stringContaining('huge'),
    });
    expect(await user.run(['run', '-a', 'wbe-shop', ...api(), 'true'])).toMatchObject({ code: 125 });
    const json = await run('--json', '--', 'echo out; exit 4');
    expect(json).toMatchObject({ code: 4, stderr: `${platform()}out\n` });
    expect(json.json()).toEqual({ app: 'web-shop', dyno: 'run.1', exit_code: 4, signal: null });
    const fromFile = await user.sh(
      `echo from-file > input; aka run -a web-shop --api ${quoted(served.socket)} -- cat < input`,
    );
    expect(fromFile).toMatchObject({ code: 0, stdout: 'from-file\n', stderr: platform() });
    const overTcp = await user.run(['run', '-a', 'web-shop', '--api', served.url, '--', 'echo tcp'], {
      stdin: '',
      env: { AKA_TOKEN: TOKEN },
    });
    expect(overTcp).toMatchObject({ code: 0, stdout: 'tcp\n' });
    await oneLeft();
  });

  test('run is interactive at a terminal: keys, Ctrl-C, its size, and the terminal as it was afterwards', async () => {
    const { code, screen } = await user.atTerminal(
      ['run', '-a', 'web-shop', ...api(), '--', 'sh'],
      async (terminal) => {
        terminal.types('stty size; echo $((40 + 2))\r');
        await terminal.sees('50 80');
        await terminal.sees('42');
        terminal.types('trap "echo caught" INT; (echo rea""dy; exec sleep 1000)\r');
        await terminal.sees('ready');
        terminal.press('ctrl-c');
        await terminal.sees('^Ccaught');
        terminal.types('exit 5\r');
      },
    );
    expect({ code, screen }).toMatchObject({ code: 5 });
    await oneLeft();
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'run takes its dyno along when it is ended by %s',
    async (signal) => {
      const started = user.start(['run', '-a', 'web-shop', ...api(), '--', 'echo ready; exec sleep 1000']);
      await started.written('stdout', 'ready\n');
      started.child.kill(signal);
      const ended = await started.ended;
      expect(ended.code ?? ended.signal).toBe({ SIGTERM: 143, SIGHUP: 129, SIGKILL: 'SIGKILL' }[signal]);
      await oneLeft();
    },
  );

  test('run leaves a terminal that works, even if it is killed', async () => {
    const words = [
      process.execPath,
      join(ROOT, 'bin', 'run.js'),
      'run',
      '-a',
      'web-shop',
      ...api(),
      '--',
      'sh',
    ];
    const script = `before=$(stty -g); sh -c 'echo $$ > pid; exec "$@"' sh ${words.map(quoted).join(' ')}
      until [ "$(stty -g)" = "$before" ]; do sleep 0.05; done; echo as it was`;
    const terminal = new Terminal(`sh -c ${quoted(script)}`, {
      columns: 80,
      bound: 10_000,
      cwd: user.cwd,
      env: { PATH: process.env['PATH'], HOME: user.home, TERM: 'xterm' },
    });
    terminal.types('echo $((40 + 2))\r');
    await terminal.sees('42');
    process.kill(Number(readFileSync(join(user.cwd, 'pid'), 'utf8')), 'SIGKILL');
    await terminal.sees('as it was');
    expect(await terminal.ended()).toMatchObject({ code: 0 });
    await oneLeft();
  });

  test('run passes an interrupt on', async () => {
    const started = user.start([
      'run',
      '-a',
      'web-shop',
      ...api(),
      '--',
      'trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.05; done',
    ]);
    await started.written('stdout', 'ready\n');
    started.child.kill('SIGINT');
    expect(await started.ended).toMatchObject({ code: 9, stdout: 'ready\ncaught\n' });
    await oneLeft();
  });

  const forwarded = async (...words: string[]): Promise<{ started: Started; port: number }> => {
    const started = user.start(['apps:forward', 'web-shop', ...words, ...api(), '--json']);
    const { address } = JSON.parse(await started.written('stdout', '}')) as { address: string };
    return { started, port: Number(address.split(':')[1]) };
  };

  test('apps:forward brings any port here, many connections at once and half-closed ones', async () => {
    const { started, port } = await forwarded('7000', '--local', '17321');
    expect(port).toBe(17_321);
    const big = 'x'.repeat(3_000_000);
    expect(await Promise.all([ask(port, big), ask(port, ''), ask(port, 'abc')])).toEqual([
      'web.1 7000 3000000',
      'web.1 7000 0',
      'web.1 7000 3',
    ]);
    expect(
      await user.run(['apps:forward', 'web-shop', '7000', '--local', String(port), ...api()]),
    ).toMatchObject({ code: 5, stderr: expect.stringContaining('Another program listens') });
    started.child.kill('SIGINT');
    expect(await started.ended).toMatchObject({ code: 130 });
  });

  const refused = (...words: string[]): Promise<Ended> => user.run(['apps:forward', ...words, ...api()]);
  test('apps:forward refuses what is not there', async () => {
    expect(await refused('web-shop', '7001')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Nothing listens on port 7001'),
    });
    expect(await refused('web-shop', '7000', '--dyno', 'web.2')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('web.1'),
    });
    expect(await refused('wbe-shop', '7000')).toMatchObject({ code: 4 });
    // Neither the platform's own ports nor a path to another place: the port is always one of the dyno's own.
    expect(await refused('web-shop', '3128')).toMatchObject({ code: 5 });
    expect(served.defects).toEqual([]);
  });
});

/** What a server at a port of this machine says to a text and its end. */
async function ask(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.end(text);
  let all = '';
  for await (const chunk of socket) all += String(chunk);
  return all;
}
