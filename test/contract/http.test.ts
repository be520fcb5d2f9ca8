import { join } from 'node:path';
import { Credentials } from '../../src/client/credentials.js';
import { httpApi } from '../../src/client/http-api.js';
import type { AppsApi } from '../../src/contract/apps-api.js';
import { DAEMON } from '../../src/platform/caller.js';
import { serve } from '../../src/platform/server/serve.js';
import { bearerTokens, storedTokens } from '../../src/platform/server/tokens.js';
import { temporaryPlatform } from './platforms.js';
import type { Reached } from './suite/given.js';
import { contractSuite } from './suite/suite.js';

const ADMIN = { name: 'adam', role: 'admin', secret: 'an-administrator-of-these-tests-' } as const;
const USER = { name: 'ursula', role: 'user', secret: 'an-ordinary-user-of-these-tests-' } as const;

/** Client, server and platform, connected by what `way` chooses for the administrator; the user comes by TCP. */
async function reachOver(way: 'unix:' | 'http:', of?: string): Promise<Reached> {
  const temporary = temporaryPlatform(of);
  const { platform, folder } = temporary;
  const [own, stored] = [bearerTokens([ADMIN, USER]), storedTokens(platform.session(DAEMON))];
  const server = await serve(platform, {
    socket: { path: join(folder, 'run', 'socket'), user: 'ann' },
    listen: { host: '127.0.0.1', port: 0, tokens: (bearer) => own(bearer) ?? stored(bearer) },
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
  const guests: AppsApi[] = [];
  const hangUp = async (): Promise<void> => {
    await Promise.all([admin, user, ...guests].map((api) => api.close()));
    await server.close();
  };
  return {
    admin,
    user,
    async guest(name, spaces) {
      const { secret } = await admin.tokens.create({ name, role: 'user', spaces: [...spaces] });
      const api = as(at('http:'), secret);
      guests.push(api);
      return api;
    },
    origin: way === 'unix:' ? 'unix' : 'tcp 127.0.0.1',
    dataDir: temporary.dataDir,
    built: (app, types) => temporary.built(app, types),
    async keep() {
      await hangUp();
      temporary.keep();
      return folder;
    },
    async close() {
      await hangUp();
      temporary.remove();
      if (warnings.length > 0) throw new Error(`The client warned: ${warnings.join(' ')}`);
    },
  };
}

contractSuite('client, server and platform over a unix socket', (of) => reachOver('unix:', of));
contractSuite('client, server and platform over TCP with a token', (of) => reachOver('http:', of));
