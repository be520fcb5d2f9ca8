import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { filesOfDyno } from '../admission.js';
import type { Identity } from './launch.js';
import { hasTidyShell } from './program-start.js';
import { TOOL_ENV } from './tool-env.js';

/** Who programs seem to be, in every dyno. */
const APP = { uid: 1000, gid: 1000 };

/** Who they are if the agent is root of the machine: an id that nobody else has. */
export const DYNO_OWNER = { uid: 64_123, gid: 64_123 };

/** Looks at who the agent is, and tries whether namespaces of users can be had. */
export function findIdentity(): Identity {
  const isRoot = /^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'utf8'));
  const as = isRoot ? [`--reuid=${DYNO_OWNER.uid}`, `--regid=${DYNO_OWNER.gid}`, '--clear-groups'] : [];
  const userNamespace = succeeds('setpriv', ...as, 'unshare', '-U', `--map-user=${APP.uid}`, 'true');
  const user = userNamespace ? APP : isRoot ? DYNO_OWNER : { uid: 0, gid: 0 };
  const tidyShell = hasTidyShell();
  return { user, userNamespace, tidyShell, files: filesOfDyno(), ...(isRoot ? { become: DYNO_OWNER } : {}) };
}

/** Whether a dyno's /app can be an overlay; older kernels refuse that to whoever isn't root. */
export function overlayWorks(dir: string): boolean {
  const script = `
    cd "$1" && mount -t tmpfs tmpfs scratch && mkdir scratch/lower scratch/upper scratch/work scratch/app &&
    mount -t overlay -o lowerdir=scratch/lower,upperdir=scratch/upper,workdir=scratch/work,userxattr app scratch/app`;
  return succeeds('unshare', '--mount', 'sh', '-c', script, 'sh', dir);
}

function succeeds(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { env: TOOL_ENV, stdio: 'ignore' }).status === 0;
}
