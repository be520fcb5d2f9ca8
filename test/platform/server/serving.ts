import { join } from 'node:path';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import { DAEMON } from '../../../src/platform/caller.js';
import type { Limits } from '../../../src/platform/server/http-server.js';
import { anyOf, reporterTokens } from '../../../src/platform/server/reporter-tokens.js';
import { serve } from '../../../src/platform/server/serve.js';
import { bearerTokens, storedTokens } from '../../../src/platform/server/tokens.js';
import { temporaryPlatform } from '../../contract/platforms.js';

export const TOKEN = 'a-token-of-the-server-tests-only-';

export interface TestServer {
  /** What this user is asked for by node:net. */
  readonly unix: { path: string };
  readonly tcp: { host: string; port: number };
  readonly log: string[];
  /** The platform behind it, called directly. */
  readonly api: AppsApi;
  /** The same on behalf of a user of this name. */
  as(name: string): AppsApi;
  readonly folder: string;
  close(): Promise<void>;
}

/** A server of a new platform on a unix socket and on TCP; `change` puts other operations in front of its own. */
export async function startServer(
  limits: Partial<Limits> = {},
  change: (api: AppsApi) => Partial<AppsApi> = () => ({}),
): Promise<TestServer> {
  const temporary = temporaryPlatform();
  const { platform, folder } = temporary;
  const log: string[] = [];
  const socket = join(folder, 'run', 'socket');
  const session = platform.session(DAEMON);
  const tokens = anyOf([
    bearerTokens([{ name: 'ursula', role: 'user', secret: TOKEN }]),
    storedTokens(session),
    reporterTokens(session.store),
  ]);
  const server = await serve(
    {
      ...platform,
      as: (caller) => {
        const api = platform.as(caller);
        return { ...api, ...change(api) };
      },
    },
    { socket: { path: socket, user: 'olga' }, listen: { host: '127.0.0.1', port: 0, tokens } },
    { limits, log: (line) => log.push(line) },
  );
  const [tcp = ''] = server.addresses;
  let closed: Promise<void> | undefined;
  return {
    unix: { path: socket },
    tcp: { host: '127.0.0.1', port: Number(new URL(tcp).port) },
    log,
    api: platform.as({ name: 'adam', role: 'admin', origin: 'cli' }),
    as: (name) => platform.as({ name, role: 'user', origin: 'cli' }),
    folder,
    close: () => (closed ??= server.close().then(() => temporary.remove())),
  };
}
