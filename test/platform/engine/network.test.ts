import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type DynoRef, EGRESS_PORT, GATEWAY_HOST } from '../../../src/platform/engine/engine.js';
import { describeEngines, openTestEngine, type TestEngine, until, whenListening } from './engines.js';

const SERVER = `
import { createServer } from 'node:net';
const [port, text, host = '0.0.0.0'] = process.argv.slice(2);
createServer((s) => { s.on('error', () => {}); s.end(text); }).listen(Number(port), host, () => console.log('up'));
`;
/** Answers a datagram with its own name; joins a group if one is given. */
const LISTENER = `
import { createSocket } from 'node:dgram';
const [port, group] = process.argv.slice(2);
const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (text, from) => console.log('heard ' + text + ' from ' + from.address));
socket.bind(Number(port), () => { if (group) socket.addMembership(group); console.log('up'); });
`;
/** Prints what each target answers: the text, or the code of the error. */
const TRY = `
import { connect } from 'node:net';
const attempt = (target) => new Promise((resolve) => {
  const [host, port] = target.split(':');
  let text = '';
  const socket = connect({ host, port: Number(port) });
  socket.setTimeout(1500, () => { socket.destroy(); resolve('no answer'); });
  socket.on('data', (data) => { text += data; });
  socket.on('error', (error) => resolve(error.code));
  socket.on('close', () => resolve(text));
});
console.log(JSON.stringify(await Promise.all(process.argv.slice(1).filter((a) => a.includes(':')).map(attempt))));
`;

/** Connects, holding on to what it gets, until a connection that was taken is reset. */
const GREEDY = `
const [host, port] = process.argv[1].split(':');
let open = 0;
const next = () => {
  if (open++ > 4096) return console.log('took them all');
  const socket = require('net').connect(port, host);
  socket.once('data', next);
  socket.on('error', (error) => console.log(error.code));
};
for (let i = 0; i < 8; i++) next();
`;

describeEngines('the network of a space', (identity) => {
  let engine: TestEngine;
  const knocks: (DynoRef & { at: string })[] = [];

  beforeAll(async () => {
    engine = await openTestEngine(
      identity,
      {
        onLoopbackTls: ({ id, space }, socket, port) => {
          knocks.push({ id, space, at: 'loopback' });
          socket.end(`router ${port}`);
        },
        onEgress: ({ id, space }, socket) => {
          knocks.push({ id, space, at: 'egress' });
          socket.end('proxy');
        },
      },
      { loopbackPorts: [8443] },
    );
    writeFileSync(join(engine.slug, 'server.mjs'), SERVER);
    writeFileSync(join(engine.slug, 'listener.mjs'), LISTENER);
    await engine.ensureSpace({ name: 'a', network: { first: 0, count: 1 } });
    await engine.ensureSpace({ name: 'b', network: { first: 1, count: 1 } });
    await server('one', 130, 80, 'one');
    await server('two', 131, 80, 'two');
    await server('other', 256 + 130, 80, 'other', { space: 'b' });
  });
  afterAll(() => engine.close());

  test('dynos reach their siblings on any port, also below 1024', async () => {
    expect(await answers(['10.64.0.130:80', '10.64.0.131:80', '10.64.0.131:81'])).toEqual([
      'one',
      'two',
      'ECONNREFUSED',
    ]);
  });

  test('nothing of another space answers: neither dynos, stable addresses nor its bridge', async () => {
    await engine.setService({
      space: 'b',
      address: 256 + 2,
      port: 80,
      targets: [{ dyno: 'other', port: 80 }],
    });
    const inside = { space: 'b', address: 256 + 140 };
    expect(await answers(['10.64.1.2:80', '10.64.1.130:80'], inside)).toEqual(['other', 'other']);
    const refused = await answers([
      '10.64.1.2:80',
      '10.64.1.130:80',
      '10.64.1.1:80',
      `10.64.1.1:${EGRESS_PORT}`,
    ]);
    for (const answer of refused) expect(['no answer', 'EHOSTUNREACH', 'ENETUNREACH']).toContain(answer);
  });

  test('nor when a dyno picks the device and the address by hand', async () => {
    const neighbours = await engine.execute([
      'sh',
      '-c',
      'ip route add 10.64.1.0/24 via 10.64.0.1; ip addr add 10.64.1.140/24 dev eth0; ip neigh add 10.64.1.130 lladdr 02:ac:0a:40:01:82 dev eth0; ip link set eth0 address 02:ac:0a:40:01:82',
    ]);
    expect(neighbours.stderr.match(/Operation not permitted/g)).toHaveLength(4);
  });

  test('the stable address goes round the dynos, skips one that refuses and refuses without any', async () => {
    const service = { space: 'a', address: 2, port: 80 };
    const at = Array.from({ length: 6 }, () => '10.64.0.2:80');
    await engine.setService({ ...service, targets: [] });
    expect(await answers(['10.64.0.2:80'])).toEqual(['ECONNREFUSED']);
    await engine.setService({
      ...service,
      targets: [
        { dyno: 'one', port: 80 },
        { dyno: 'two', port: 80 },
      ],
    });
    expect((await answers(at)).sort()).toEqual(['one', 'one', 'one', 'two', 'two', 'two']);
    await engine.setService({
      ...service,
      targets: [
        { dyno: 'one', port: 81 },
        { dyno: 'two', port: 80 },
      ],
    });
    expect(await answers(at)).toEqual(at.map(() => 'two'));
    await engine.setService({ ...service, targets: [{ dyno: 'one', port: 81 }] });
    expect(await answers(['10.64.0.2:80'])).toEqual(['ECONNRESET']);
    await engine.setService({ ...service, targets: [] });
    expect(await answers(['10.64.0.2:80'])).toEqual(['ECONNREFUSED']);
    await expect(
      engine.setService({ ...service, targets: [{ dyno: 'nobody', port: 80 }] }),
    ).rejects.toMatchObject({ id: 'not_found' });
  });

  test('the last word on a stable address holds, however fast they come', async () => {
    const service = { space: 'a', address: 3, port: 80 };
    const targets = [{ dyno: 'one', port: 80 }];
    const words = [targets, [], targets, targets, []];
    await Promise.all(words.map((word) => engine.setService({ ...service, targets: word })));
    expect(await answers(['10.64.0.3:80'])).toEqual(['ECONNREFUSED']);
    await Promise.all([[], targets].map((word) => engine.setService({ ...service, targets: word })));
    expect(await answers(['10.64.0.3:80'])).toEqual(['one']);
    await Promise.all([
      engine.removeService('a', 3),
      engine.setService({ ...service, targets }),
      engine.removeService('a', 3),
    ]);
    expect(['EHOSTUNREACH', 'no answer']).toContain((await answers(['10.64.0.3:80']))[0]);
  });

  test('the stable address carries large bodies both ways and half-closed connections', async () => {
    const echo =
      "require('net').createServer({allowHalfOpen:true},(s)=>s.pipe(s)).listen(90,()=>console.log('up'))";
    await engine.start(engine.spec('echo', [process.execPath, '-e', echo], { address: 135 }));
    await until('it is up', () => engine.printed.get('echo'));
    await engine.setService({ space: 'a', address: 9, port: 90, targets: [{ dyno: 'echo', port: 90 }] });
    const code = `
      import { connect } from 'node:net';
      import { createHash, randomBytes } from 'node:crypto';
      const body = randomBytes(5_000_000);
      const socket = connect(90, '10.64.0.9');
      const back = createHash('sha256');
      socket.on('data', (data) => back.update(data));
      socket.end(body);
      await new Promise((resolve) => socket.on('end', resolve));
      console.log(JSON.stringify(back.digest('hex') === createHash('sha256').update(body).digest('hex')));`;
    expect(await engine.evaluate(code)).toBe(true);
    await engine.stop('echo', 0);
  });

  test.each([
    ['the broadcast address of the block', '10.64.0.255', ''],
    ['255.255.255.255', '255.255.255.255', ''],
    ['a multicast group', '224.0.0.251', '224.0.0.251'],
  ])('a datagram to %s is heard in the space and nowhere else', async (_title, target, group) => {
    const ids = ['hear-1', 'hear-2', 'hear-b'];
    await Promise.all(
      ids.map(async (id, index) => {
        const place = id === 'hear-b' ? { space: 'b', address: 256 + 150 } : { address: 150 + index };
        await engine.start(engine.spec(id, [process.execPath, 'listener.mjs', '5353', group], place));
        await until(`${id} is up`, () => engine.printed.get(id)?.includes('up'));
      }),
    );
    const send = `
      const socket = require('dgram').createSocket('udp4');
      socket.bind(() => { socket.setBroadcast(true); socket.send('hi', 5353, '${target}', () => socket.close()); });`;
    await engine.execute([process.execPath, '-e', send], { address: 160 });
    await until('both heard it', () =>
      ['hear-1', 'hear-2'].every((id) => engine.printed.get(id)?.includes('heard hi from 10.64.0.160')),
    );
    // What is sent in the other space is heard there, so silence above was not for want of listening.
    await engine.execute([process.execPath, '-e', send.replace('10.64.0.255', '10.64.1.255')], {
      space: 'b',
      address: 256 + 161,
    });
    await until('the other heard its own', () => engine.printed.get('hear-b')?.includes('from 10.64.1.161'));
    expect(engine.printed.get('hear-b')).not.toContain('10.64.0.160');
    expect(engine.printed.get('hear-1')).not.toContain('10.64.1.161');
    await Promise.all(ids.map((id) => engine.stop(id, 0)));
    for (const id of ids) engine.printed.delete(id);
  });

  test('neighbours are found by ARP, and only those of the space', async () => {
    const script = `${process.execPath} -e "${"require('net').connect(80,'10.64.0.130').on('close',()=>{}).resume()"}"; ip neigh`;
    const { stdout } = await engine.execute(['sh', '-c', script]);
    expect(stdout).toMatch(/^10\.64\.0\.130 dev eth0 lladdr 02:ac:0a:40:00:82/m);
  });

  test('dynos of all blocks of a space are in one subnet; addresses of apps may be outside of it', async () => {
    await engine.ensureSpace({ name: 'wide', network: { first: 8, count: 8 } });
    await server('low', 8 * 256 + 130, 80, 'low', { space: 'wide' });
    await server('high', 15 * 256 + 254, 80, 'high', { space: 'wide' });
    for (const address of [15 * 256 + 2, 2 * 256 + 2])
      await engine.setService({ space: 'wide', address, port: 80, targets: [{ dyno: 'low', port: 80 }] });
    const targets = ['10.64.8.130:80', '10.64.15.254:80', '10.64.15.2:80', '10.64.2.2:80'];
    const hears = [process.execPath, 'listener.mjs', '9001'] as const;
    const places = [8, 12, 15].map((block) => ({ space: 'wide', address: block * 256 + 140 }));
    for (const { space, address } of places) {
      expect(await answers(targets, { space, address: address + 1 })).toEqual(['low', 'high', 'low', 'low']);
      await engine.start(engine.spec(`hears-${address}`, hears, { space, address }));
      await until('it listens', () => engine.printed.get(`hears-${address}`)?.includes('up'));
    }
    // The broadcast address that a program computes from its own address and mask.
    const send = `
      const { address, netmask } = require('os').networkInterfaces().eth0[0];
      const octets = (text) => text.split('.').map(Number);
      const to = octets(address).map((octet, n) => octet | (255 - octets(netmask)[n])).join('.');
      const socket = require('dgram').createSocket('udp4');
      socket.bind(() => { socket.setBroadcast(true); socket.send('hi', 9001, to, () => { console.log(to); socket.close(); }); });`;
    const sent = await engine.execute([process.execPath, '-e', send], {
      space: 'wide',
      address: 10 * 256 + 150,
    });
    expect(sent.stdout).toBe('10.64.15.255\n');
    await until('all hear it', () =>
      places.every(({ address }) => engine.printed.get(`hears-${address}`)?.includes('from 10.64.10.150')),
    );
    await engine.removeSpace('wide');
    expect(engine.list().filter(({ space, state }) => space === 'wide' && state !== 'exited')).toEqual([]);
    await Promise.all(['low', 'high'].map((id) => engine.stop(id, 0)));
    // Its blocks can be had again, by another space.
    await engine.ensureSpace({ name: 'next', network: { first: 15, count: 1 } });
    await server('next', 15 * 256 + 130, 80, 'next', { space: 'next' });
    expect(await answers(['10.64.15.130:80'], { space: 'next', address: 15 * 256 + 131 })).toEqual(['next']);
    await engine.removeSpace('next');
  });

  test('addresses answer ARP and ping while they are those of an app, and no others do', async () => {
    const service = { space: 'a', port: 80, targets: [] };
    for (const address of [20, 21]) await engine.setService({ ...service, address });
    await engine.removeService('a', 21);
    const scan = `
import json, re, select, socket, time
found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
hosts = ['10.64.0.%d' % n for n in (1, 20, 21, 22, 126, 130, 199)]
for host in hosts: found.sendto(b'\\x08\\0\\0\\0\\0\\0\\0\\1', (host, 0))
answered = set()
end = time.time() + 10
complete = set()
while time.time() < end:
    if select.select([found], [], [], 0.05)[0]: answered.add(found.recvfrom(100)[1][0])
    lines = open('/proc/net/arp').read().splitlines()[1:]
    complete = {line.split()[0] for line in lines if line.split()[2] != '0x0'}
    if {'10.64.0.1', '10.64.0.20', '10.64.0.130'} <= answered and time.time() > end - 9: break
print(json.dumps([sorted(answered), sorted(complete)]))
`;
    const { stdout, stderr } = await engine.execute(['python3', '-c', scan]);
    expect(stderr).toBe('');
    const there = ['10.64.0.1', '10.64.0.130', '10.64.0.20'];
    expect(JSON.parse(stdout)).toEqual([there, there]);
    await engine.removeService('a', 20);
  });

  test("the router's ports at 127.0.0.1 in a dyno lead to it, and it knows who asks; other ports are its own", async () => {
    const code = `
      const { createServer, connect } = require('net');
      createServer((s) => s.end('own')).listen(444, '127.0.0.1', async () => {
        const ask = (port) => new Promise((resolve) => {
          let text = '';
          connect(port, '127.0.0.1').on('data', (d) => { text += d; }).on('error', (e) => resolve(e.code)).on('close', () => resolve(text));
        });
        console.log(JSON.stringify([await ask(443), await ask(8443), await ask(444), await ask(445)]));
        process.exit();
      });`;
    const knocked = knocks.length;
    const { stdout } = await engine.execute([process.execPath, '-e', code], {
      space: 'b',
      address: 256 + 170,
    });
    expect(JSON.parse(stdout)).toEqual(['router 443', 'router 8443', 'own', 'ECONNREFUSED']);
    expect(knocks.slice(knocked)).toMatchObject([
      { space: 'b', at: 'loopback' },
      { space: 'b', at: 'loopback' },
    ]);
  });

  test('a dyno whose $PORT is one of these reaches itself there', async () => {
    const code = `
      const { createServer, connect } = require('net');
      createServer((s) => s.end('own')).listen(8443, '127.0.0.1', () => {
        connect(8443, '127.0.0.1').on('data', (d) => process.stdout.write(d)).on('close', () => process.exit());
      });`;
    const { program } = engine.spec('own-port', [process.execPath, '-e', code]);
    const { stdout } = await engine.execute(program.argv, {
      program: { ...program, env: { ...program.env, PORT: '8443' } },
    });
    expect(stdout).toBe('own');
  });

  test('the gateway serves the way out, at the same address everywhere, and nothing else', async () => {
    const knocked = knocks.length;
    expect(
      await answers([`${GATEWAY_HOST}:${EGRESS_PORT}`, `${GATEWAY_HOST}:443`, `${GATEWAY_HOST}:22`]),
    ).toEqual(['proxy', 'ECONNREFUSED', 'ECONNREFUSED']);
    expect(knocks.slice(knocked)).toMatchObject([{ space: 'a', at: 'egress' }]);
  });

  test('a port of the gateway can be opened for a service of this machine, and closed', async () => {
    const close = await engine.serveGateway(5432, ({ id, space }, socket) => socket.end(`${space} ${id}`));
    const place = { space: 'b', address: 256 + 175 };
    expect((await answers([`${GATEWAY_HOST}:5432`], place))[0]).toMatch(/^b run-/);
    await expect(engine.serveGateway(5432, () => undefined)).rejects.toMatchObject({ id: 'exists' });
    close();
    expect(await answers([`${GATEWAY_HOST}:5432`], place)).toEqual(['ECONNREFUSED']);
  });

  test('one dyno can take neither all connections to stable addresses nor all to the gateway', async () => {
    const holds =
      "require('net').createServer((s) => { s.on('error', () => {}); s.write('taken') }).listen(80)";
    await engine.start(engine.spec('holds', [process.execPath, '-e', holds], { address: 192 }));
    (await whenListening(engine, 'holds', 80)).destroy();
    await engine.setService({ space: 'a', address: 4, port: 80, targets: [{ dyno: 'holds', port: 80 }] });
    await engine.setService({ space: 'a', address: 5, port: 80, targets: [{ dyno: 'one', port: 80 }] });
    const close = await engine.serveGateway(5433, (_, socket) => void socket.write('taken'));
    for (const target of ['10.64.0.4:80', `${GATEWAY_HOST}:5433`]) {
      const greedy = await engine.run(engine.spec('greedy', [process.execPath, '-e', GREEDY, target]));
      const [told] = (await once(greedy.stdout, 'data')) as [Buffer];
      expect(String(told)).toMatch(/^ECONNRESET/);
      // It holds on to what it got, and still others get through.
      expect(await answers(['10.64.0.5:80'])).toEqual(['one']);
      await engine.stop('greedy', 0);
    }
    close();
    await engine.stop('holds', 0);
  });

  test('services of this machine are out of reach', async () => {
    const open = createServer((socket) => socket.end('the machine')).listen(0, '0.0.0.0');
    await once(open, 'listening');
    const { port } = open.address() as { port: number };
    const targets = ['127.0.0.1', '10.64.0.1', GATEWAY_HOST, '1.1.1.1'].map((host) => `${host}:${port}`);
    for (const answer of await answers(targets)) {
      expect(['ECONNREFUSED', 'no answer', 'EHOSTUNREACH', 'ENETUNREACH']).toContain(answer);
    }
    open.close();
  });

  test('a loopback service of a sibling is out of reach, whatever device is chosen', async () => {
    await engine.start(
      engine.spec('private', [process.execPath, 'server.mjs', '8000', 'private', '127.0.0.1'], {
        address: 180,
      }),
    );
    await until('it is up', () => engine.printed.get('private'));
    await engine.execute(['true']);
    // curl can bind to a device; a route by hand was refused above.
    const { stdout, exit } = await engine.execute([
      'curl',
      '--interface',
      'eth0',
      '-sS',
      '--max-time',
      '2',
      'telnet://127.0.0.1:8000',
    ]);
    expect(stdout).not.toContain('private');
    expect(exit.code).not.toBe(0);
    await engine.stop('private', 0);
  });

  test('names in the hosts file are known, and change while the program runs', async () => {
    const script = 'while :; do getent hosts web-a.local.localhost; sleep 0.02; done';
    await engine.start(engine.spec('asks', ['sh', '-c', script], { hosts: names('10.64.0.2') }));
    await until('the first address', () => engine.printed.get('asks')?.includes('10.64.0.2 '));
    await engine.setHosts('asks', names('10.64.0.3'));
    await until('the second address', () => engine.printed.get('asks')?.includes('10.64.0.3 '));
    await engine.stop('asks', 0);
  });

  test('an address is free again as soon as its dyno was stopped', async () => {
    for (const text of ['first', 'second', 'third']) {
      await server('again', 190, 80, text);
      expect(await answers(['10.64.0.190:80'], { address: 191 })).toEqual([text]);
      await engine.stop('again', 0);
    }
  });

  async function server(
    id: string,
    address: number,
    port: number,
    text: string,
    rest: { space?: string } = {},
  ): Promise<void> {
    const argv = [process.execPath, 'server.mjs', String(port), text] as const;
    await engine.start(engine.spec(id, [...argv], { address, ...rest }));
    (await whenListening(engine, id, port)).destroy();
  }

  async function answers(
    targets: readonly string[],
    place: { space?: string; address?: number } = {},
  ): Promise<string[]> {
    const argv = [process.execPath, '--input-type=module', '-e', TRY, ...targets] as const;
    const { stdout, stderr } = await engine.execute([...argv], place);
    expect(stderr).toBe('');
    return JSON.parse(stdout) as string[];
  }
});

function names(host: string): { host: string; names: string[] }[] {
  return [{ host, names: ['web-a.local.localhost'] }];
}
