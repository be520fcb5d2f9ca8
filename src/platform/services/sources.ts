import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AppsApi } from '../../contract/apps-api.js';
import { type Digest, parseChecksum } from '../../model/digest.js';
import type { Uploads } from '../builds/uploads.js';
import type { Store } from '../store/store.js';
import type { Session } from './session.js';

/** How long what was just used is kept however full it is, in milliseconds: what it is for may not be known yet. */
export const SPARED = 10 * 60 * 1000;

/** The folder of what was uploaded to the platform with this data folder. */
export function uploadsFolder(dataDir: string): string {
  return join(dataDir, 'uploads');
}

/** The uploads of a platform, within the quota that holds at the moment. */
export async function openUploads(store: Store): Promise<Uploads> {
  const { Uploads, UPLOAD_LIMITS } = await import('../builds/uploads.js');
  return Uploads.open(uploadsFolder(store.folders.dataDir), {
    ...UPLOAD_LIMITS,
    get totalBytes() {
      return store.settings.all().upload_bytes;
    },
  });
}

/** The uploads that builds to come are made of. */
export function uploadsToBuild(store: Store): ReadonlySet<Digest> {
  const known = store.builds
    .underWay()
    .flatMap(({ source: { checksum } }) => (checksum === null ? [] : [parseChecksum(checksum)]));
  return new Set(known);
}

/** The sources that were uploaded. That one is there changes nothing: what a build makes of it does, and is recorded. */
export function sourcesService({ store }: Session): AppsApi['sources'] {
  return {
    async upload(content, { checksum } = {}, signal) {
      const expected = checksum === undefined ? undefined : parseChecksum(checksum);
      const uploads = await openUploads(store);
      const { UPLOAD_LIMITS } = await import('../builds/uploads.js');
      // Makes room for the largest one before it comes, of what no build needs: afterwards is too late.
      const room = Math.max(0, store.settings.all().upload_bytes - UPLOAD_LIMITS.bytes);
      await uploads.prune(uploadsToBuild(store), room, SPARED);
      const { digest, bytes } = await uploads.add(content, { expected, signal });
      return { checksum: `sha256:${digest}`, bytes };
    },
  };
}

/** Whether there is an upload with this checksum in a data folder. */
export function isUploaded(dataDir: string, checksum: string): boolean {
  return existsSync(join(uploadsFolder(dataDir), parseChecksum(checksum)));
}
