import { afterEach } from '@jest/globals';
import type { AppsApi } from '../../../src/contract/apps-api.js';
import type { Hook, HookResult } from '../../../src/contract/wire.js';
import { DAEMON } from '../../../src/platform/caller.js';
import { deliverHooks } from '../../../src/platform/daemon/deliver-hooks.js';
import { openPlatform } from '../../../src/platform/embedded.js';
import { type Post, poster } from '../../../src/platform/hooks/post.js';
import { openLogs } from '../../../src/platform/logs/logs.js';
import { logsFolder } from '../../../src/platform/logs/segments.js';
import type { Part } from '../../../src/platform/part.js';
import type { Session } from '../../../src/platform/services/session.js';
import type { Folders } from '../../../src/platform/store/store.js';
import { ADMIN, temporaryFolders, USER } from '../store/temporary.js';

export const SECRET = 'what calls are signed with';

/** A platform whose clock only the test moves, with app web-shop, and what calls its hooks. */
export interface World {
  readonly folders: Folders;
  readonly api: AppsApi;
  readonly user: AppsApi;
  readonly session: Session;
  /** What the daemon noted. */
  readonly notes: string[];
  readonly later: (ms: number) => void;
  /** Has hooks called from now on, as the daemon does. */
  readonly run: (post?: Post) => Promise<Part>;
  /** A hook of an app, web-shop unless told. */
  readonly hook: (url: string, events: string[], app?: string) => Promise<Hook>;
  /** The calls of a hook, when they are as is said. */
  readonly results: (hook: Hook, are: (results: HookResult[]) => boolean) => Promise<HookResult[]>;
}

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

export async function world({
  compliance = [],
  start = '2026-11-27T09:00:00.000Z',
}: {
  readonly compliance?: string[];
  readonly start?: string;
} = {}): Promise<World> {
  const folders = temporaryFolders();
  let now = new Date(start);
  const platform = openPlatform({ ...folders, now: () => now });
  const api = platform.as(ADMIN);
  const parts: Part[] = [];
  const notes: string[] = [];
  const logs = openLogs({ dir: logsFolder(folders.dataDir) });
  open.push({
    async close() {
      for (const part of parts) await part.stop();
      await logs.close();
      platform.close();
    },
  });
  await api.spaces.create({ name: 'shop', compliance });
  await api.apps.create({ name: 'web', space: 'shop' });
  return {
    folders,
    api,
    user: platform.as(USER),
    session: platform.session(DAEMON),
    notes,
    later(ms) {
      now = new Date(now.getTime() + ms);
    },
    async run(post = poster({ timeoutMs: 2000 })) {
      const part = await deliverHooks({ look: 20, post })({
        folders,
        platform,
        logs,
        note: (line) => notes.push(line),
      });
      parts.push(part);
      return part;
    },
    hook: (url, events, app = 'web-shop') => api.hooks.create({ app, url, events, secret: SECRET }),
    async results(hook, are) {
      for (;;) {
        const results = await api.hooks.results({ app: 'web-shop', hook: hook.id });
        if (are(results)) return results;
        await new Promise((next) => {
          setImmediate(next);
        });
      }
    },
  };
}
