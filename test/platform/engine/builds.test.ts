import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeEngines, openTestEngine, type TestEngine } from './engines.js';

describeEngines('an engine for builds', (identity) => {
  let engine: TestEngine;
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

  test('what is written in place stays; otherwise it does not', async () => {
    await engine.execute(['sh', '-c', 'echo private > made.txt']);
    expect(existsSync(join(engine.slug, 'made.txt'))).toBe(false);
    const { stderr } = await engine.execute(
      ['sh', '-c', 'echo built > hello.txt; : > /tmp/x; rm hello.txt || true'],
      {
        inPlace: true,
      },
    );
    expect(stderr).toMatch(/^(rm: .*)?$/s);
    expect(readBack()).toBe('built\n');
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
    await expect(engine.ensureSpace({ name: 'a', blocks: [0] })).rejects.toMatchObject({ id: 'invalid' });
  });

  /** The folder isn't the program's, so it can write to the file but not take it away. */
  function readBack(): string {
    return readFileSync(join(engine.slug, 'hello.txt'), 'utf8');
  }
});
