import { createServer, type Server } from 'node:http';
import type { Clients } from './clients.js';
import { clientAddress } from './clients.js';
import { single } from './headers.js';
import type { Limits } from './limits.js';
import { PROBLEMS, rawPage } from './pages.js';

const HOST = /^([a-z0-9.-]{1,253})(?::\d{1,5})?$/i;
const TARGET = /^\/[\x21-\x7e]*$/;

/** A server of plain HTTP that sends everybody to the same name and path in https, whatever the name. */
export function redirectServer(limits: Limits, clients: Clients, httpsPort: () => number): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headers,
    requestTimeout: limits.headers,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: checkingInterval(limits),
  });
  server.on('connection', (socket) => clients.admit(socket, clientAddress(socket)));
  server.on('request', (request, response) => {
    const [, name] = HOST.exec(single(request.rawHeaders, 'host') ?? '') ?? [];
    const target = request.url ?? '';
    const length = { 'Content-Length': 0 };
    // Whatever body there is, nobody reads it.
    response.shouldKeepAlive = false;
    request.resume();
    if (name === undefined || !TARGET.test(target)) {
      response.writeHead(PROBLEMS.badRequest.status, length).end();
      return;
    }
    const port = httpsPort();
    const location = `https://${name.toLowerCase()}${port === 443 ? '' : `:${port}`}${target}`;
    response.writeHead(308, { ...length, Location: location, 'Cache-Control': 'no-store' }).end();
  });
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end(rawPage(PROBLEMS.badRequest), () => socket.destroy());
    else socket.destroy();
  });
  return server;
}

/** How often connections are looked at that take too long. */
export function checkingInterval({ headers }: Limits): number {
  return Math.ceil(Math.min(4000, headers) / 4);
}
