import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { filesOfDyno } from '../admission.js';
import { COMMON_OWNER, LAST_OWNER, type Owner } from '../owners.js';
import type { Identity } from './launch.js';
import { hasTidyShell } from './program-start.js';
import { TOOL_ENV } from './tool-env.js';

/** Who programs seem to be, in every dyno. */
const APP = { uid: 1000, gid: 1000 };

/** Looks at who the agent is, and tries whether namespaces of users can be had. */
export function findIdentity(): Identity {
  const isRoot = /^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'utf8'));
  const canBe = (owner: Owner | undefined): boolean => {
    const as = owner === undefined ? [] : [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
    return succeeds('setpriv', ...as, 'unshare', '-U', `--map-user=${APP.uid}`, 'true');
  };
  const become = isRoot ? COMMON_OWNER : undefined;
  const userNamespace = canBe(become);
  return {
    user: userNamespace ? APP : (become ?? { uid: 0, gid: 0 }),
    userNamespace,
    perSpace: isRoot && userNamespace && canBe(LAST_OWNER),
    tidyShell: hasTidyShell(),
    files: filesOfDyno(),
    ...(become && { become }),
  };
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
