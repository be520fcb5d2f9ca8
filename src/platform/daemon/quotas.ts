import { join } from 'node:path';
import { isDigest } from '../../model/digest.js';
import { Caches } from '../builds/caches.js';
import { Slugs } from '../builds/slugs.js';
import { DAEMON } from '../caller.js';
import { CACHES, SLUGS, trashFolders } from '../files/data-folders.js';
import { sweep } from '../files/trash.js';
import type { Part, StartPart } from '../part.js';
import { type Change, Changes } from '../reconciler/changes.js';
import { openUploads, SPARED, uploadsToBuild } from '../services/sources.js';
import { Repeated } from './repeated.js';

/** Between two looks where nothing asks for one, in milliseconds: what was too new for the last may go at the next. */
const INTERVAL = SPARED;

/**
 * Keeps what slugs, sources, builds and logs take of the disk within the quotas that administrators set: now and then,
 * and whenever a quota or what is needed changes. What runs, or is about to, is never removed, however much it takes.
 * Also removes what builds and dynos left behind, however many files that are; a stop of the platform doesn't wait for it.
 */
export const keepQuotas: StartPart = async ({
  folders: { dataDir },
  platform,
  logs,
  note,
}): Promise<Part> => {
  const { store } = platform.session(DAEMON);
  const slugs = await Slugs.open(join(dataDir, SLUGS));
  const uploads = await openUploads(store);
  const caches = await Caches.open(join(dataDir, CACHES));

  const stopping = new AbortController();
  let noted: readonly string[] = [];
  const sweepAll = async (): Promise<void> => {
    const failures: string[] = [];
    for (const folder of trashFolders(dataDir)) failures.push(...(await sweep(folder, stopping.signal)));
    for (const failure of failures) if (!noted.includes(failure)) note(failure);
    noted = failures;
  };
  const keep = async (): Promise<void> => {
    const { slug_bytes, upload_bytes, log_bytes } = store.settings.all();
    await logs.keepWithin(log_bytes);
    await uploads.prune(uploadsToBuild(store), upload_bytes, SPARED);
    await caches.prune(upload_bytes, stopping.signal);
    for (const digest of store.slugs.unused()) store.slugs.remove(digest);
    const inUse = new Set(store.slugs.inUse().filter(isDigest));
    await slugs.prune(inUse, slug_bytes, SPARED, stopping.signal);
    await sweepAll();
  };

  const kept = new Repeated(keep, (error) => {
    if (!stopping.signal.aborted)
      note(`Disk could not be freed: ${error instanceof Error ? error.message : 'unknown'}`);
  });
  const changes = new Changes(
    store,
    (made) => {
      if (made.some(matters)) kept.ask();
    },
    () => {
      // The data can't be read for a moment; the next look is soon.
    },
  );
  const timer = setInterval(() => kept.ask(), INTERVAL);
  kept.ask();

  return {
    name: 'disk',
    async status() {
      const { slug_bytes, upload_bytes, log_bytes } = store.settings.all();
      return {
        name: 'disk',
        facts: {
          slugs_bytes: await slugs.usage(),
          slugs_quota_bytes: slug_bytes,
          uploads_bytes: await uploads.usage(),
          uploads_quota_bytes: upload_bytes,
          build_caches_bytes: await caches.usage(),
          build_caches_quota_bytes: upload_bytes,
          logs_bytes: await logs.usage(),
          logs_quota_bytes: log_bytes,
        },
      };
    },
    async stop() {
      changes.close();
      clearInterval(timer);
      stopping.abort();
      await kept.close();
    },
  };
};

/** Whether more may be on the disk after a change than is to be, or less of it be needed. */
function matters({ action }: Change): boolean {
  return (
    action === 'platform.configure' ||
    action === 'app.destroy' ||
    /^(?:build|release)\.(?:finish|stop)$/.test(action)
  );
}
