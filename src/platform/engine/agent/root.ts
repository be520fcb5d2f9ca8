import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SYSTEM_BUNDLES } from '../../machine/system-bundles.js';
import { ETC, TRUSTED } from '../engine.js';
import { DYNO_SETUP, SETUP_FILE } from './dyno-setup.js';
import { JAIL, NEW_ROOT, TEMPLATE } from './layout.js';
import { TOOL_ENV } from './tool-env.js';

const SYSTEM_DIRS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
/** What programs look for in /etc and that tells nothing of this machine's people. */
const ETC_FOLDERS = ['alternatives', 'ssl', 'pki', 'crypto-policies'];
/** Copied, as every mount costs every dyno. */
const ETC_FILES =
  'ld.so.cache ld.so.conf localtime timezone mime.types protocols services os-release debian_version'.split(
    ' ',
  );

/** Who programs in dynos seem to be. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Covers `dir` with a tmpfs that nobody outside this mount namespace sees, and lays out in it, once, the root that
 * every dyno takes a copy of: the system read-only, a small /etc and /dev, and empty folders for what is a dyno's own.
 * `runtimes` are further files and folders of the machine that dynos find where they are, `etc` texts they find in
 * /etc/platform. In the machine's network they look names up as the machine does.
 */
export function makeTemplate(
  dir: string,
  user: User,
  { runtimes, etc }: { readonly runtimes: readonly string[]; readonly etc: Readonly<Record<string, string>> },
  machineNetwork: boolean,
): void {
  const template = join(dir, TEMPLATE);
  const inJail = (path: string): string => join(template, JAIL, path);
  const mounts: string[] = [];
  /** Those of the machine. */
  const folders: string[] = [];
  const bind = (path: string): void => {
    if (!existsSync(path)) return;
    const target = inJail(path);
    if (statSync(path).isDirectory()) {
      mkdirSync(target, { recursive: true });
      folders.push(path);
    } else placeholder(target);
    // Devices stay writable; what they are is the kernel's matter.
    mounts.push(fstabLine(path, target, 'none', path.startsWith('/dev/') ? 'bind' : 'rbind,ro,nosuid,nodev'));
  };

  // Room for the environments and host names of 1,000 dynos among 1,000 apps; memory is taken as it is used.
  command('mount', '-t', 'tmpfs', '-o', 'mode=0755,size=1g,nosuid', 'tmpfs', dir);
  for (const name of [TEMPLATE, NEW_ROOT, 'slug', 'scratch', 'dynos']) mkdirSync(join(dir, name));
  command('mount', '-t', 'tmpfs', '-o', 'mode=0755,size=4m,nosuid', 'tmpfs', template);
  mkdirSync(inJail('/'));

  bind('/usr');
  bind('/nix/store');
  for (const name of SYSTEM_DIRS) {
    const path = `/${name}`;
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), inJail(path));
    else bind(path);
  }
  mkdirSync(inJail('/etc'));
  for (const name of ETC_FOLDERS) bind(join('/etc', name));
  for (const name of ETC_FILES) {
    if (existsSync(join('/etc', name))) copyFileSync(join('/etc', name), inJail(join('/etc', name)));
  }
  for (const [name, text] of Object.entries(etcFiles(user, machineNetwork)))
    writeFileSync(inJail(`/etc/${name}`), text);
  mkdirSync(inJail(ETC));
  for (const [name, text] of Object.entries(etc)) writeFileSync(inJail(join(ETC, name)), text);
  if (etc[TRUSTED] !== undefined) {
    // For programs that look nowhere else, whatever their environment says.
    for (const file of new Set(
      SYSTEM_BUNDLES.filter((each) => existsSync(each)).map((each) => realpathSync(each)),
    )) {
      if (!folders.some((folder) => file.startsWith(`${folder}/`))) placeholder(inJail(file));
      mounts.push(fstabLine(inJail(join(ETC, TRUSTED)), inJail(file), 'none', 'bind,ro,nosuid,nodev'));
    }
  }
  symlinkSync('/run/platform/hosts', inJail('/etc/hosts'));
  symlinkSync('/proc/mounts', inJail('/etc/mtab'));

  mkdirSync(inJail('/dev'));
  for (const name of DEVICES) bind(`/dev/${name}`);
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
    ['ptmx', 'pts/ptmx'],
  ] as const) {
    symlinkSync(target, inJail(`/dev/${name}`));
  }
  for (const path of ['/dev/pts', '/dev/shm', '/proc', '/tmp', '/var', '/app', '/run/platform']) {
    mkdirSync(inJail(path), { recursive: true });
  }
  symlinkSync('/tmp', inJail('/var/tmp'));
  symlinkSync('/run', inJail('/var/run'));

  for (const path of runtimes) bind(path);
  writeFileSync(join(dir, SETUP_FILE), DYNO_SETUP);
  // Between pivot_root and chroot the set-up's own commands must be found.
  for (const name of readdirSync(inJail('/'))) symlinkSync(join(JAIL, name), join(template, name));
  writeFileSync(join(dir, 'fstab'), mounts.join(''));
  command('mount', '--all', '--fstab', join(dir, 'fstab'));
  command('mount', '-o', 'remount,bind,ro,nosuid', template);
}

/** Makes a file that another is mounted on. */
function placeholder(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
}

export function fstabLine(source: string, target: string, type: string, options: string): string {
  return `${[source, target, type, options].map(escaped).join(' ')} 0 0\n`;
}

function command(name: string, ...args: readonly string[]): void {
  execFileSync(name, args, { env: TOOL_ENV, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** As fstab(5) wants it. */
function escaped(field: string): string {
  return field.replace(/[\s\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function etcFiles({ uid, gid }: User, machineNetwork: boolean): Record<string, string> {
  return {
    passwd: `root:x:0:0:root:/:/usr/sbin/nologin\napp:x:${uid}:${gid}:app:/app:/bin/sh\n`,
    group: `root:x:0:\napp:x:${gid}:\n`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    // No server: names are in the hosts file, and what isn't there fails at once.
    'resolv.conf':
      machineNetwork && existsSync('/etc/resolv.conf')
        ? readFileSync('/etc/resolv.conf', 'utf8')
        : 'options timeout:1 attempts:1\n',
    hostname: 'dyno\n',
  };
}
