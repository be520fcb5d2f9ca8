import { readFileSync } from 'node:fs';

type Manager = 'apt-get' | 'dnf' | 'apk' | 'pacman' | 'zypper';

const INSTALL: Readonly<Record<Manager, string>> = {
  'apt-get': 'apt-get install -y',
  dnf: 'dnf install -y',
  apk: 'apk add',
  pacman: 'pacman -S --needed',
  zypper: 'zypper install -y',
};

/** By the ID or an ID_LIKE of os-release(5). */
const MANAGER_OF: Readonly<Record<string, Manager>> = {
  debian: 'apt-get',
  ubuntu: 'apt-get',
  fedora: 'dnf',
  rhel: 'dnf',
  centos: 'dnf',
  amzn: 'dnf',
  alpine: 'apk',
  arch: 'pacman',
  suse: 'zypper',
  opensuse: 'zypper',
};

/** What a package is called where it isn't called the same as everywhere. */
const CALLED: Readonly<Record<string, Partial<Record<Manager, string>>>> = {
  'util-linux': { apk: 'util-linux-misc setpriv' },
  iproute2: { dnf: 'iproute' },
};

/** The command that installs a package, for the distribution that `osRelease` (the text of that file) describes. */
export function installCommand(name: string, osRelease: string, root: boolean): string {
  const manager = managerOf(osRelease);
  if (manager === undefined) return `Install ${name} with this system's package manager.`;
  return `${root ? '' : 'sudo '}${INSTALL[manager]} ${CALLED[name]?.[manager] ?? name}`;
}

/** The text of os-release(5); empty if this machine has none. */
export function readOsRelease(): string {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // The next place.
    }
  }
  return '';
}

function managerOf(osRelease: string): Manager | undefined {
  const value = (key: string): string =>
    new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(osRelease)?.[1]?.toLowerCase() ?? '';
  const ids = `${value('ID')} ${value('ID_LIKE')}`.split(/\s+/);
  return ids
    .map((id) => MANAGER_OF[id] ?? MANAGER_OF[id.split('-')[0] ?? ''])
    .find((each) => each !== undefined);
}
