import { createServer, type Server } from 'node:http';
import { isHttp1 } from '../server/http-version.js';
import { endWithProblem, hostName, originForm } from './client.js';
import { single } from './headers.js';
import type { Limits } from './limits.js';
import { PROBLEMS, type Problem } from './pages.js';

const HOST = /^([a-z0-9.-]{1,253})(?::\d{1,5})?$/i;
const TARGET = /^\/[\x21-\x7e]*$/;

/** A server of plain HTTP that sends everybody to the same name and path in https, whatever the name. */
export function redirectServer(limits: Limits, httpsPort: () => number): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headers,
    requestTimeout: limits.headers,
    keepAliveTimeout: limits.keepAlive,
    connectionsCheckingInterval: checkingInterval(limits),
  });
  // Also for connections of dynos: Node looks at its other limits only in a server that listens.
  server.timeout = limits.headers;
  server.on('request', (request, response) => {
    const { target, authority } = originForm(request.url ?? '', request.method ?? '');
    const host = single(request.rawHeaders, 'host') ?? authority ?? '';
    const [, name] = HOST.exec(host) ?? [];
    const length = { 'Content-Length': 0 };
    // Whatever body there is, nobody reads it.
    response.shouldKeepAlive = false;
    request.resume();
    const refuse = ({ status }: Problem): void => void response.writeHead(status, length).end();
    if (!isHttp1(request)) return refuse(PROBLEMS.versionNotSupported);
    const isOther = authority !== undefined && hostName(authority) !== hostName(host);
    if (name === undefined || isOther || !TARGET.test(target)) return refuse(PROBLEMS.badRequest);
    const port = httpsPort();
    const location = `https://${name.toLowerCase()}${port === 443 ? '' : `:${port}`}${target}`;
    response.writeHead(308, { ...length, Location: location, 'Cache-Control': 'no-store' }).end();
  });
  server.on('clientError', endWithProblem);
  return server;
}

/** How often connections are looked at that take too long. */
export function checkingInterval({ headers }: Limits): number {
  return Math.ceil(Math.min(4000, headers) / 4);
}
