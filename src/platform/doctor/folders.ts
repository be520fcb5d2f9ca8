import { existsSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { socketOf } from '../../contract/daemon.js';
import { shellWord } from '../../model/shell.js';
import { trashFolders } from '../files/data-folders.js';
import { stuckIn } from '../files/trash.js';
import { SOCKET_PATH_MAX } from '../server/unix-socket.js';
import { type Answer, type Check, type Machine, ok, problem, warning } from './check.js';

/** File systems of other machines, by their number (statfs(2)): SQLite's locks can't be relied on there. */
const REMOTE: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB2',
  0x01021997: '9p',
  0x5346414f: 'AFS',
  0x00c36400: 'Ceph',
  0x65735546: 'FUSE',
};

/** File systems that are gone after a restart. */
const FLEETING: Readonly<Record<number, string>> = { 0x01021994: 'tmpfs', 0x858458f6: 'ramfs' };

export const folderChecks: readonly Check[] = [
  { name: 'data folder', examine: ({ dataDir }) => examineFolder(dataDir) },
  { name: 'config folder', examine: ({ configDir }) => examineFolder(configDir) },
  {
    name: 'file system',
    examine({ dataDir }) {
      const type = statfsSync(existingPart(dataDir)).type;
      const remote = REMOTE[type];
      if (remote !== undefined) {
        return warning(
          `${dataDir} is on ${remote}, where neither locks nor what was written can be relied on.`,
          'Set AKA_DATA_DIR to a folder on a disk of this machine.',
        );
      }
      const fleeting = FLEETING[type];
      if (fleeting === undefined) return ok('what is written stays written');
      return warning(
        `${dataDir} is on ${fleeting}: it is gone after a restart.`,
        'Set AKA_DATA_DIR to a folder on a disk.',
      );
    },
  },
  {
    name: 'trash',
    async examine(machine) {
      if (!mayOpenData(machine)) return ok('no trash');
      const stuck = (await Promise.all(trashFolders(machine.dataDir).map(stuckIn))).flat();
      if (stuck.length === 0) return ok('everything that builds and dynos left could be removed');
      return warning(
        `The platform can't remove ${stuck.join(', ')}.`,
        `sudo rm -rf -- ${stuck.map(shellWord).join(' ')}`,
      );
    },
  },
  {
    name: 'socket path',
    examine({ dataDir }) {
      const socket = socketOf(dataDir);
      const bytes = Buffer.byteLength(socket);
      if (bytes <= SOCKET_PATH_MAX) return ok(socket);
      return warning(
        `${socket} has ${bytes} bytes, and the path of a unix socket at most ${SOCKET_PATH_MAX}: the platform can't be served.`,
        'Set AKA_DATA_DIR to a folder with a shorter path.',
      );
    },
  },
];

function examineFolder(folder: string): Answer {
  const stats = statIfThere(folder);
  if (stats === undefined) return ok(`${folder} is made when it is needed`);
  if (!stats.isDirectory()) return problem(`${folder} is no folder.`, 'Move it away, or set another one.');
  if (!isMine(stats))
    return problem(foreign(folder, stats), 'Run aka as its owner, or set AKA_DATA_DIR and AKA_CONFIG_DIR.');
  if ((stats.mode & 0o077) === 0) return ok(folder);
  const mode = (stats.mode & 0o777).toString(8);
  return warning(`${folder} is open to other users of this machine (mode ${mode}).`, `chmod 700 ${folder}`);
}

/** Whether the data is this user's to look at: SQLite leaves files beside it that its owner could not use. */
export function mayOpenData({ dataDir }: Machine): boolean {
  const stats = statIfThere(dataDir);
  return stats?.isDirectory() === true && isMine(stats);
}

/** The deepest folder of a path that is there. */
export function existingPart(path: string): string {
  return existsSync(path) ? path : existingPart(dirname(path));
}

function foreign(folder: string, { uid }: Stats): string {
  return `${folder} belongs to another user (uid ${uid}; this is uid ${process.geteuid?.()}).`;
}

function isMine({ uid }: Stats): boolean {
  const me = process.geteuid?.();
  return me === undefined || uid === me;
}

function statIfThere(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
