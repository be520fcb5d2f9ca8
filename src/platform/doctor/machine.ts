import { statfsSync } from 'node:fs';
import { capacityText } from '../../model/capacity.js';
import { DEFAULT_SIZE, parseSize } from '../../model/sizes.js';
import { measuredCapacity } from '../machine/capacity.js';
import { type Answer, type Check, ok, problem, warning } from './check.js';
import { existingPart } from './folders.js';

/** The oldest Node that everything in the package is for; undici, which asks platforms elsewhere, is for no older one. */
const NODE_MIN = '20.18.1';

/** Below this much free space writes may fail soon, in bytes. */
const SPACE_LOW = 1024 ** 3;
const SPACE_OUT = 32 * 1024 ** 2;

/** Less is no room for a single dyno of the smallest size, in bytes. */
const CAPACITY_LOW = parseSize(DEFAULT_SIZE).memory;

/** A clock that shows an earlier time was never set. */
const CLOCK_MIN = Date.UTC(2025, 0, 1);

export const machineChecks: readonly Check[] = [
  {
    name: 'node',
    examine: () => examineNode(process.versions.node),
  },
  {
    name: 'user',
    examine({ env, dataDir }) {
      if (env.SUDO_USER === undefined || process.geteuid?.() !== 0)
        return ok('aka runs as the user it is run by');
      if (env.AKA_DATA_DIR !== undefined) return ok('run with sudo, on the folders that are set');
      return warning(
        `Run with sudo, aka uses root's platform in ${dataDir}, not that of ${env.SUDO_USER}.`,
        'Leave out sudo, or set AKA_DATA_DIR and AKA_CONFIG_DIR.',
      );
    },
  },
  {
    name: 'disk space',
    examine({ dataDir }) {
      const { bavail, bsize } = statfsSync(existingPart(dataDir));
      const free = bavail * bsize;
      const says = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${dataDir}`;
      if (free < SPACE_OUT) return problem(says, 'Make room on that file system.');
      return free < SPACE_LOW ? warning(says, 'Make room on that file system.') : ok(says);
    },
  },
  {
    name: 'capacity',
    examine() {
      const capacity = measuredCapacity();
      const says = `${capacityText(capacity)} for dynos, unless the settings say otherwise`;
      return capacity.memory < CAPACITY_LOW
        ? warning(`Only ${says}.`, 'Set it: aka platform:configure --capacity-memory SIZE')
        : ok(says);
    },
  },
  {
    name: 'clock',
    examine: () =>
      Date.now() >= CLOCK_MIN
        ? ok('the clock is set')
        : problem(`The clock shows ${new Date().toISOString()}.`, 'Set it: sudo timedatectl set-ntp true'),
  },
];

/** Another major version is too old for `aka`; an older one of the same may do for most of it. */
export function examineNode(version: string): Answer {
  const mend = `Install Node ${NODE_MIN} or newer.`;
  if (isBefore(version, NODE_MIN.split('.')[0] ?? '')) return problem(`Node ${version} is too old.`, mend);
  if (isBefore(version, NODE_MIN)) {
    return warning(`Node ${version} is too old to ask platforms on other machines.`, mend);
  }
  return ok(`Node ${version}`);
}

function isBefore(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) < 0;
}
