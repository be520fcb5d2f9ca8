import { join } from 'node:path';
import { openPlatform } from '../../../src/platform/embedded.js';
import { serve } from '../../../src/platform/server/serve.js';
import { bearerTokens } from '../../../src/platform/server/tokens.js';
import { dynoTunnels } from '../../../src/platform/tunnels/dyno-tunnels.js';
import { Runs } from '../../../src/platform/tunnels/runs.js';
import type { Identity } from '../engine/engines.js';
import { type Machinery, openMachinery } from '../reconciler/machinery.js';

/** Of somebody who may use another space only. */
export const GUEST_TOKEN = 'a-token-of-thirty-two-characters-for-elsewhere';
export const TOKEN = 'a-token-of-thirty-two-characters-and-more';

/** A platform with dynos that is served, as the daemon serves it. */
export interface Served {
  readonly m: Machinery;
  readonly runs: Runs;
  /** For `--api`: over its unix socket, and over TCP. */
  readonly socket: string;
  readonly url: string;
  /** What the log of the server heard. */
  readonly defects: string[];
  close(): Promise<void>;
}

export async function openServed(identity: Identity): Promise<Served> {
  const m = await openMachinery(identity);
  const { folders } = m.session.store;
  const platform = openPlatform(folders);
  const defects: string[] = [];
  const runs = new Runs({
    session: m.session,
    engine: m.engine,
    network: m.reconciler.network,
    room: m.reconciler.room,
    logs: {
      write: ({ dyno, stream }, bytes) =>
        void m.lines.push(`${dyno} ${stream}: ${bytes.toString().trimEnd()}`),
      end: () => {},
      flush: async () => {},
    },
    slugFolder: async (digest) => join(folders.dataDir, '..', 'slugs', digest),
    given: { TRUST: 'me' },
  });
  const { engine, reconciler, session } = m;
  const path = join(folders.dataDir, 'aka.sock');
  const tokens = bearerTokens([
    { name: 'tess', role: 'user', secret: TOKEN },
    { name: 'guest', role: 'user', spaces: ['elsewhere'], secret: GUEST_TOKEN },
  ]);
  const serving = await serve(
    platform,
    { socket: { path, user: 'ann' }, listen: { host: '127.0.0.1', port: 0, tokens } },
    {
      tunnels: dynoTunnels({ session, engine, reconciler, runs }),
      log: (line) => defects.push(line),
    },
  );
  return {
    m,
    runs,
    defects,
    socket: `unix:${path}`,
    url: serving.addresses.find((address) => address.startsWith('http')) ?? '',
    async close() {
      await serving.close();
      await runs.close();
      platform.close();
      await m.close();
    },
  };
}
