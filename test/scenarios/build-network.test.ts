import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { hello, running } from './running.js';

/** Prints, as JSON, which of the addresses in its argument a connection reaches; a proxy is asked for `proxied`. */
const PROBE = `
const { connect } = require('node:net');
const { direct, proxied, path } = JSON.parse(process.argv[2]);
const reaches = (to) => new Promise((resolve) => {
  const socket = connect(to, () => { resolve(true); socket.destroy(); });
  socket.on('error', () => resolve(false));
});
const { hostname, port } = new URL(process.env.HTTPS_PROXY ?? 'http://127.0.0.1:9');
const throughProxy = (target) => new Promise((resolve) => {
  const socket = connect(port, hostname, () => socket.write('CONNECT ' + target + ' HTTP/1.1\\r\\n\\r\\n'));
  socket.on('data', (data) => { resolve(String(data).split(' ')[1]); socket.destroy(); });
  socket.on('error', () => resolve('no proxy'));
});
(async () => {
  const found = {};
  for (const [name, port] of Object.entries(direct)) found[name] = await reaches({ port, host: '127.0.0.1' });
  found.socket = await reaches({ path: '\\0' + path });
  for (const target of proxied) found[target] = await throughProxy(target);
  console.log('PROBED ' + JSON.stringify({ ...found, package: require('little') }));
})();
`;

describe('builds', () => {
  running('reach registries that npm settings name, and nothing else of the machine', async (m) => {
    const { user } = m;
    const served: Server[] = [];
    const serve = async (server: Server, at?: string): Promise<number> => {
      served.push(server);
      server.listen(at === undefined ? { port: 0, host: '127.0.0.1' } : { path: `\0${at}` });
      await once(server, 'listening');
      return at === undefined ? (server.address() as AddressInfo).port : 0;
    };
    try {
      const registry = await serve(registryOf(join(user.cwd, 'packed')));
      const local = await serve(createServer((socket) => socket.on('error', () => undefined).end()));
      const path = `aka-test-${process.pid}-${local}`;
      await serve(
        createServer((socket) => socket.on('error', () => undefined).end()),
        path,
      );
      writeFileSync(join(user.home, '.npmrc'), `registry=http://127.0.0.1:${registry}/\n`);
      // Settings are read when the platform starts.
      await user.does('platform:stop');
      await user.does('platform:start');
      await user.does('spaces:create', 'closed', '--compliance', 'internal');
      await m.deploys('secret-closed', hello());
      const { internal_port: internal } = (await user.does('platform:configure', '--json')).json<{
        internal_port: number;
      }>();

      const sought = {
        direct: { local, internal, registry },
        proxied: [
          `127.0.0.1:${local}`,
          `localhost:${internal}`,
          `[::ffff:0:127.0.0.1]:${local}`,
          `127.0.0.1:${registry}`,
        ],
        path,
      };
      const project = {
        'package.json': JSON.stringify({
          name: 'probe',
          scripts: { build: `node probe.js '${JSON.stringify(sought)}'`, start: 'node server.js' },
          dependencies: { little: '1.0.0' },
        }),
        'probe.js': PROBE,
        ...hello(),
      };
      await user.does('spaces:create', 'shop');
      await user.does('apps:create', 'web', '--space', 'shop');
      const probed = async (): Promise<unknown> => {
        const { stderr } = await user.does('deploy', m.folder('web', project), '-a', 'web-shop');
        return JSON.parse(/^.*PROBED (.*)$/m.exec(stderr)?.[1] ?? 'null');
      };
      expect(await probed()).toEqual({
        local: false,
        internal: false,
        registry: false,
        socket: false,
        [`127.0.0.1:${local}`]: '403',
        [`localhost:${internal}`]: '403',
        [`[::ffff:0:127.0.0.1]:${local}`]: '403',
        [`127.0.0.1:${registry}`]: '200',
        package: 'a little package',
      });

      const { stderr } = await user.does('platform:configure', '--build-network', 'machine');
      expect(stderr).toContain('everything that listens on localhost of this machine');
      await user.does('config:set', 'ANOTHER=build', '-a', 'web-shop');
      expect(await probed()).toMatchObject({ local: true, internal: true, registry: true, socket: true });
    } finally {
      for (const server of served) server.close();
    }
  });
});

/** A registry of npm that has one package, `little`, which is packed in this folder. */
function registryOf(folder: string): Server {
  mkdirSync(join(folder, 'package'), { recursive: true });
  writeFileSync(
    join(folder, 'package', 'package.json'),
    JSON.stringify({ name: 'little', version: '1.0.0' }),
  );
  writeFileSync(join(folder, 'package', 'index.js'), "module.exports = 'a little package';");
  execFileSync('tar', ['czf', join(folder, 'little.tgz'), '-C', folder, 'package']);
  const tarball = readFileSync(join(folder, 'little.tgz'));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return createHttpServer((request, response) => {
    if (request.url === '/little.tgz') {
      response.end(tarball);
      return;
    }
    const dist = { tarball: `http://${request.headers.host}/little.tgz`, integrity };
    const version = { name: 'little', version: '1.0.0', dist };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ name: 'little', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }),
    );
  });
}
