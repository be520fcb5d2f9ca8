// A process of the router's benchmark: `dyno`, a trivial server, or `router`, which has that dyno for its one app. It
// says on its IPC channel where it listens, and goes when that closes.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { inFolder } from './sandbox.mjs';
import { sources } from './sources.mjs';

const [role, dynoPort] = process.argv.slice(2);
process.on('disconnect', () => process.exit());

if (role === 'dyno') {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/plain');
    response.end('hello, world\n');
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
} else {
  const { openRouter, openAuthority } = await sources(
    'src/platform/router/router.ts',
    'src/platform/router/authority.ts',
  );
  // The authority is in memory once it is open.
  const authority = await inFolder((folder) =>
    openAuthority({ folder: join(folder, 'authority'), bases: ['localhost'] }),
  );
  const route = {
    app: 'web',
    space: 'bench',
    key: 'web-bench',
    internal: false,
    maintenance: false,
    upstreams: [{ dyno: 'web.1', port: Number(dynoPort) }],
  };
  const router = await openRouter({
    routes: { find: (host) => (host === 'web-bench.local.localhost' ? route : undefined) },
    dial: (_, port) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
      }),
    authority,
    stacks: () => [{ stack: 'local', base: 'localhost' }],
    listeners: { public: { host: '127.0.0.1', port: 0 } },
  });
  process.send({ port: router.addresses.public.port });
}
