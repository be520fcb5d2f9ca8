import { join } from 'node:path';
import { Credentials } from '../../src/client/credentials.js';
import { httpApi } from '../../src/client/http-api.js';
import { serve } from '../../src/platform/server/serve.js';
import { bearerTokens } from '../../src/platform/server/tokens.js';
import { temporaryPlatform } from './platforms.js';
import type { Reached } from './suite/given.js';
import { contractSuite } from './suite/suite.js';

const ADMIN = { name: 'adam', role: 'admin', secret: 'an-administrator-of-these-tests-' } as const;
const USER = { name: 'ursula', role: 'user', secret: 'an-ordinary-user-of-these-tests-' } as const;

/** Client, server and platform, connected by what `way` chooses for the administrator; the user comes by TCP. */
async function reachOver(way: 'unix:' | 'http:'): Promise<Reached> {
  const temporary = temporaryPlatform();
  const { platform, folder } = temporary;
  const server = await serve(platform, {
    socket: { path: join(folder, 'run', 'socket'), user: 'ann' },
    listen: { host: '127.0.0.1', port: 0, tokens: bearerTokens([ADMIN, USER]) },
  });
  const at = (scheme: string) => server.addresses.find((address) => address.startsWith(scheme)) ?? '';
  const warnings: string[] = [];
  const as = (url: string, secret: string) =>
    httpApi(
      { url, credentials: Credentials.bearer(secret) },
      { onWarning: (warning) => warnings.push(warning) },
    );
  const admin = as(at(way), ADMIN.secret);
  const user = as(at('http:'), USER.secret);
  return {
    admin,
    user,
    origin: way === 'unix:' ? 'unix' : 'tcp 127.0.0.1',
    dataDir: temporary.dataDir,
    built: (app, types) => temporary.built(app, types),
    async close() {
      await Promise.all([admin.close(), user.close()]);
      await server.close();
      temporary.remove();
      if (warnings.length > 0) throw new Error(`The client warned: ${warnings.join(' ')}`);
    },
  };
}

contractSuite('client, server and platform over a unix socket', () => reachOver('unix:'));
contractSuite('client, server and platform over TCP with a token', () => reachOver('http:'));
