import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EgressProxy } from '../../../src/platform/engine/egress.js';
import { GATEWAY_HOST } from '../../../src/platform/engine/engine.js';
import { HostServices } from '../../../src/platform/reconciler/host-services.js';
import { allowedHosts } from '../../../src/platform/reconciler/hosts.js';
import { egressVars, WayOut } from '../../../src/platform/reconciler/way-out.js';
import { describeEngines, openTestEngine, type TestEngine, until } from '../engine/engines.js';
import { type Temporary, temporaryPlatform } from './temporary-platform.js';

/** Connects to HOST:PORT, sends what it is told and prints what it hears, or why not. */
const CLIENT = `
  const [target, text = ''] = process.argv.slice(1);
  const [host, port] = target.split(':');
  const socket = require('node:net').connect({ host, port: Number(port), allowHalfOpen: true });
  socket.on('data', (data) => process.stdout.write(data)).on('error', (error) => { console.log(error.code); process.exit(); });
  socket.on('end', () => process.exit());
  if (text === 'stay') socket.write('x'); else socket.end(text);
`;

describeEngines('ways out of spaces', (identity) => {
  let platform: Temporary;
  let engine: TestEngine;
  let wayOut: WayOut;
  let services: HostServices;
  let server: Server;
  let port: number;
  const notes: string[] = [];

  beforeEach(async () => {
    platform = temporaryPlatform();
    const { store, api } = platform;
    for (const name of ['a', 'b']) await api.spaces.create({ name: `space-${name}` });
    wayOut = new WayOut(store, new EgressProxy({ refuses: () => false }));
    engine = await openTestEngine(identity, { onEgress: (from, socket) => wayOut.serve(from, socket) });
    await engine.ensureSpace({ name: 'space-a', network: { first: 0, count: 1 } });
    await engine.ensureSpace({ name: 'space-b', network: { first: 1, count: 1 } });
    services = new HostServices(store, engine, (text) => notes.push(text));
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.write('machine ');
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    services.close();
    wayOut.close();
    server.close();
    await engine.close();
    platform.remove();
  });

  const ask = async (space: 'a' | 'b', target: string, text = 'hello'): Promise<string> => {
    const { stdout } = await engine.execute([process.execPath, '-e', CLIENT, '--', target, text], {
      space: `space-${space}`,
      address: space === 'a' ? 200 : 256 + 200,
      hosts: allowedHosts(platform.store, `space-${space}` as never),
    });
    return stdout.trim();
  };

  test('a service of the machine is reached by name from the spaces it is allowed to, and from no other', async () => {
    const { hosts } = platform.api;
    expect(await ask('a', `${GATEWAY_HOST}:${port}`)).toBe('ECONNREFUSED');
    await hosts.allow({ space: 'space-a', port });
    services.look();
    expect(await ask('a', `host.internal:${port}`)).toBe('machine hello');
    expect(await ask('b', `${GATEWAY_HOST}:${port}`)).not.toContain('machine');
    expect(await ask('a', `${GATEWAY_HOST}:${port + 1}`)).toBe('ECONNREFUSED');
    await hosts.allow({ space: 'space-b', port, name: 'Database.Internal' });
    services.look();
    expect(await ask('b', `database.internal:${port}`)).toBe('machine hello');
    expect(await hosts.list()).toMatchObject([
      { space: { name: 'space-a' }, name: 'host.internal', port },
      { space: { name: 'space-b' }, name: 'database.internal', port },
    ]);
    expect((await platform.api.audits.list({ size: 2 })).map(({ action, space }) => [action, space])).toEqual(
      [
        ['host.allow', 'space-b'],
        ['host.allow', 'space-a'],
      ],
    );
    expect(notes).toEqual([]);
  });

  test('what is denied ends at once, also where it is open', async () => {
    const { hosts } = platform.api;
    await hosts.allow({ space: 'space-a', port });
    await hosts.allow({ space: 'space-b', port });
    services.look();
    const accepted = once(server, 'connection');
    const staying = ask('a', `${GATEWAY_HOST}:${port}`, 'stay');
    await accepted;
    await hosts.deny({ space: 'space-a', port: String(port) });
    services.look();
    expect(await staying).toMatch(/ECONNRESET$/);
    expect(await ask('a', `${GATEWAY_HOST}:${port}`)).not.toContain('machine');
    expect(await ask('b', `${GATEWAY_HOST}:${port}`)).toBe('machine hello');
    await hosts.deny({ space: 'space-b', port: String(port) });
    services.look();
    expect(await ask('b', `${GATEWAY_HOST}:${port}`)).toBe('ECONNREFUSED');
  });

  test('a service that is not there refuses, and nothing else is harmed', async () => {
    server.close();
    await platform.api.hosts.allow({ space: 'space-a', port });
    services.look();
    expect(await ask('a', `${GATEWAY_HOST}:${port}`)).toMatch(/ECONN|^$/);
    expect(await ask('a', `${GATEWAY_HOST}:${port}`)).toMatch(/ECONN|^$/);
  });

  test('only administrators decide, and not about every port', async () => {
    const user = platform.as('user').hosts;
    await expect(user.allow({ space: 'space-a', port })).rejects.toMatchObject({ status: 403 });
    await expect(user.deny({ space: 'space-a', port: '1' })).rejects.toMatchObject({ status: 403 });
    const { hosts } = platform.api;
    await expect(hosts.allow({ space: 'space-a', port: 3128 })).rejects.toMatchObject({ status: 409 });
    for (const bad of [
      { port: 0 },
      { port: 65_536 },
      { port, name: 'x.localhost' },
      { port, name: '10.0.0.1' },
      { port, name: 'a b' },
    ]) {
      await expect(hosts.allow({ space: 'space-a', ...bad })).rejects.toMatchObject({ status: 422 });
    }
    expect(await hosts.list()).toEqual([]);
  });

  test('the way out is announced and open, or sealed for running programs, too', async () => {
    const { store, api } = platform;
    await api.apps.create({ name: 'web', space: 'space-a' });
    await api.platform.configure({ network: 'subnet' });
    const { apps } = await api.spaces.discovery({ space: 'space-a' });
    const vars = egressVars(store, 'space-a' as never);
    expect(vars).toMatchObject({
      HTTPS_PROXY: `http://${GATEWAY_HOST}:3128`,
      http_proxy: `http://${GATEWAY_HOST}:3128`,
    });
    expect(vars['NO_PROXY']?.split(',')).toEqual(
      expect.arrayContaining(['localhost', '127.0.0.1', '.localhost', apps[0]?.host]),
    );
    const through = `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(await ask('a', `${GATEWAY_HOST}:3128`, through)).toMatch(
      / 200 Connection Established[\s\S]*machine/,
    );
    const staying = once(server, 'connection').then(([socket]) => once(socket as Socket, 'data'));
    const program = engine.execute(
      [
        process.execPath,
        '-e',
        `const s = require('net').connect(3128, '${GATEWAY_HOST}'); s.write(${JSON.stringify(through)}); s.on('data', (d) => process.stdout.write(d, () => s.write('x'))).on('error', () => 0).on('close', () => { console.log('cut'); process.exit(); });`,
      ],
      { space: 'space-b', address: 256 + 201 },
    );
    await staying;
    await api.platform.configure({ egress: 'sealed' });
    wayOut.look();
    expect((await program).stdout).toMatch(/200[\s\S]*cut/);
    expect(await ask('a', `${GATEWAY_HOST}:3128`, through)).toMatch(/ 403 Forbidden[\s\S]*sealed/);
    expect(egressVars(store, 'space-a' as never)).toEqual({});
    await api.platform.configure({ egress: 'open' });
    expect(
      await until('it is open', async () =>
        (await ask('a', `${GATEWAY_HOST}:3128`, through)).includes(' 200 '),
      ),
    ).toBe(true);
    await api.platform.configure({ network: 'loopback' });
    expect(egressVars(store, 'space-a' as never)).toEqual({});
  });
});
