import { userInfo } from 'node:os';
import { join } from 'node:path';
import { homeFolder } from '../../model/home-folder.js';
import { isolatedNetwork, isRegistry, machineNetwork } from '../builds/build-network.js';
import { Builds } from '../builds/builds.js';
import { installerSettings, packageFolders } from '../builds/installer-settings.js';
import type { Slugs } from '../builds/slugs.js';
import { agentCommand } from '../engine/agent-command.js';
import { EgressProxy } from '../engine/egress.js';
import { openBuildEngine } from '../engine/open.js';
import { runtimes } from '../engine/runtimes.js';
import { upstreamOf } from '../engine/upstream-proxy.js';
import { BUILDS } from '../files/data-folders.js';
import { discard } from '../files/trash.js';
import { BuildQueue, type BuildQueueOptions } from '../reconciler/build-queue.js';
import { openUploads } from '../services/sources.js';

/** Opens the queue of builds, each in an engine of its own below the data folder. */
export async function openBuildQueue(
  slugs: Slugs,
  name: string,
  { session, ...rest }: Pick<BuildQueueOptions, 'session' | 'logs' | 'note' | 'mayBegin'>,
): Promise<BuildQueue> {
  const { store } = session;
  const folder = join(store.folders.dataDir, BUILDS);
  const env = { ...installerSettings(homeFolder(process.env, () => userInfo().homedir)), ...process.env };
  const proxy = new EgressProxy({ allows: isRegistry(env), upstream: upstreamOf(env) });
  let engines = 0;
  return new BuildQueue({
    session,
    ...rest,
    slugs,
    uploads: await openUploads(store),
    builds: await Builds.open({ folder, slugs, env }),
    openEngine: async () => {
      const number = ++engines;
      const dir = join(folder, `engine-${number}`);
      const isolated = store.settings.all().build_network === 'isolated';
      const engine = await openBuildEngine({
        pool: store.meta.pool,
        agent: agentCommand(),
        dir,
        name: `${name}-build-${number}`,
        runtimes: [...runtimes(), ...packageFolders(env)],
        machineNetwork: !isolated,
        events: {
          onExit: () => {},
          onOutput: () => {},
          onEgress: (from, socket) => proxy.serve(from, socket),
        },
      });
      const open = engine.facts.enforced.find(({ promise, holds }) => promise === 'isolation' && !holds);
      return {
        facts: engine.facts,
        ownerOf: (space) => engine.ownerOf(space),
        network: open === undefined ? isolatedNetwork(env) : machineNetwork(),
        ...(isolated && open !== undefined && { notIsolated: open.how }),
        run: (program) => engine.run(program),
        stop: (id, graceMs) => engine.stop(id, graceMs),
        async close() {
          await engine.close();
          await discard(dir, folder);
        },
      };
    },
  });
}
