import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeEngines, openTestEngine, type TestEngine } from './engines.js';

describeEngines('an engine for builds', (identity) => {
  let engine: TestEngine;
  const name = hostname();
  beforeAll(async () => {
    engine = await openTestEngine(identity, {}, { machineNetwork: true });
  });
  afterAll(() => engine.close());

  test('programs use the network of the machine', async () => {
    const server = createServer((socket) => socket.end('a registry')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const code = `
      import { connect } from 'node:net';
      let text = '';
      connect(${port}, '127.0.0.1').on('data', (data) => { text += data; }).on('close', () => console.log(JSON.stringify(text)));`;
    const answer = await engine.evaluate(code);
    server.close();
    expect(answer).toBe('a registry');
    expect((await engine.execute(['cat', '/etc/resolv.conf'])).stdout).toBe(
      existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8') : '',
    );
  });

  test('but not its name', async () => {
    expect((await engine.execute(['cat', '/proc/sys/kernel/hostname'])).stdout).toBe('dyno\n');
    expect((await engine.execute(['hostname'], { hostname: 'build' })).stdout).toBe('build\n');
    expect(hostname()).toBe(name);
  });

  test('what is written in place stays; otherwise it does not', async () => {
    await engine.execute(['sh', '-c', 'echo private > made.txt']);
    expect(existsSync(join(engine.slug, 'made.txt'))).toBe(false);
    const script = 'echo built > made.txt; rm hello.txt; : > /tmp/not-in-place';
    const { stderr } = await engine.execute(['sh', '-c', script], { inPlace: true });
    expect(stderr).toBe('');
    expect(readdirSync(engine.slug)).toEqual(['made.txt']);
    expect(readFileSync(join(engine.slug, 'made.txt'), 'utf8')).toBe('built\n');
  });

  test('they have no privilege, and see no other files or processes', async () => {
    writeFileSync(join(engine.slug, '..', 'beside.txt'), 'secret');
    const script = `ls ${join(engine.slug, '..')} /root /home 2>/dev/null; ls /proc | grep -c '^[0-9]'; unshare -U true 2>/dev/null && echo no; id -u`;
    const [processes, uid, ...rest] = (await engine.execute(['sh', '-c', script])).stdout.split('\n');
    expect(Number(processes)).toBeLessThan(7);
    expect([uid, ...rest]).toEqual(['1000', '']);
  });

  test('it says that nothing keeps them off the network, and has no spaces', async () => {
    expect(engine.facts.enforced.find(({ promise }) => promise === 'isolation')).toMatchObject({
      holds: false,
    });
    await expect(engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } })).rejects.toMatchObject({
      id: 'invalid',
    });
  });
});
