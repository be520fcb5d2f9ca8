import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { homeFolder } from '../../model/home-folder.js';
import { Builds } from '../builds/builds.js';
import { installerSettings, packageFolders } from '../builds/installer-settings.js';
import type { Slugs } from '../builds/slugs.js';
import { agentCommand } from '../engine/agent-command.js';
import { openBuildEngine } from '../engine/open.js';
import { runtimes } from '../engine/runtimes.js';
import { BuildQueue, type BuildQueueOptions } from '../reconciler/build-queue.js';
import { openUploads } from '../services/sources.js';
import { BUILDS } from './quotas.js';

/** Opens the queue of builds, each in an engine of its own below the data folder. */
export async function openBuildQueue(
  slugs: Slugs,
  name: string,
  { session, ...rest }: Pick<BuildQueueOptions, 'session' | 'logs' | 'note' | 'mayBegin'>,
): Promise<BuildQueue> {
  const { store } = session;
  const folder = join(store.folders.dataDir, BUILDS);
  const env = { ...installerSettings(homeFolder(process.env, () => userInfo().homedir)), ...process.env };
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
      const engine = await openBuildEngine({
        pool: store.meta.pool,
        agent: agentCommand(),
        dir,
        name: `${name}-build-${number}`,
        runtimes: [...runtimes(), ...packageFolders(env)],
        events: { onExit: () => {}, onOutput: () => {} },
      });
      return {
        facts: engine.facts,
        run: (program) => engine.run(program),
        stop: (id, graceMs) => engine.stop(id, graceMs),
        async close() {
          await engine.close();
          await rm(dir, { recursive: true, force: true });
        },
      };
    },
  });
}
