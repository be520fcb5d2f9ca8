import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AppsApi } from '../../contract/apps-api.js';
import { parseChecksum } from '../../model/digest.js';
import type { Session } from './session.js';

/** The folder of what was uploaded to the platform with this data folder. */
export function uploadsFolder(dataDir: string): string {
  return join(dataDir, 'uploads');
}

/** The sources that were uploaded. That one is there changes nothing: what a build makes of it does, and is recorded. */
export function sourcesService({ store }: Session): AppsApi['sources'] {
  return {
    async upload(content, { checksum } = {}, signal) {
      const expected = checksum === undefined ? undefined : parseChecksum(checksum);
      const { Uploads } = await import('../builds/uploads.js');
      const uploads = await Uploads.open(uploadsFolder(store.folders.dataDir));
      const { digest, bytes } = await uploads.add(content, { expected, signal });
      return { checksum: `sha256:${digest}`, bytes };
    },
  };
}

/** Whether there is an upload with this checksum in a data folder. */
export function isUploaded(dataDir: string, checksum: string): boolean {
  return existsSync(join(uploadsFolder(dataDir), parseChecksum(checksum)));
}
