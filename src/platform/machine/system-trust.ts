import { join } from 'node:path';

export type Command = readonly [program: string, ...args: string[]];

/** Where a system keeps the authorities that its administrator adds, and what makes it take them up. */
interface Store {
  readonly folder: string;
  readonly update: Command;
  /** What makes it forget one, where that is another command. */
  readonly forget?: Command;
}

const STORES: readonly Store[] = [
  // Debian, Ubuntu, Alpine
  {
    folder: '/usr/local/share/ca-certificates',
    update: ['update-ca-certificates'],
    // Without it Debian's leaves links to what is gone; Alpine's doesn't, and takes no notice of it.
    forget: ['update-ca-certificates', '--fresh'],
  },
  // Fedora, RHEL, Amazon Linux
  { folder: '/etc/pki/ca-trust/source/anchors', update: ['update-ca-trust', 'extract'] },
  // SUSE
  { folder: '/etc/pki/trust/anchors', update: ['update-ca-certificates'] },
  // Arch
  { folder: '/etc/ca-certificates/trust-source/anchors', update: ['update-ca-trust', 'extract'] },
];

const MAC_KEYCHAIN = '/Library/Keychains/System.keychain';

/** What is to be done to have a system trust an authority, and to undo it. */
export interface TrustPlan {
  readonly install: readonly Command[];
  readonly remove: readonly Command[];
}

/** What a plan is made of. */
export interface TrustGround {
  readonly platform: NodeJS.Platform;
  /** Whether there is a folder of this name. */
  readonly isFolder: (path: string) => boolean;
  /** Whether there is a program of this name. */
  readonly hasProgram: (name: string) => boolean;
  readonly certificate: { readonly file: string; readonly fingerprint: string };
}

/** How this system is had to trust an authority; undefined if that isn't known. */
export function trustPlan({
  platform,
  isFolder,
  hasProgram,
  certificate,
}: TrustGround): TrustPlan | undefined {
  const { file, fingerprint } = certificate;
  if (platform === 'darwin') {
    return {
      install: [['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', MAC_KEYCHAIN, file]],
      remove: [
        ['security', 'remove-trusted-cert', '-d', file],
        ['security', 'delete-certificate', '-Z', fingerprint.replaceAll(':', ''), MAC_KEYCHAIN],
      ],
    };
  }
  const store = STORES.find(({ folder, update: [program] }) => isFolder(folder) && hasProgram(program));
  if (platform !== 'linux' || store === undefined) return undefined;
  const copy = join(store.folder, `aka-${shortName(fingerprint)}.crt`);
  return {
    install: [['install', '-m', '644', file, copy], store.update],
    remove: [['rm', '-f', copy], store.forget ?? store.update],
  };
}

/** By which people tell an authority from others: the beginning of its fingerprint. */
export function shortName(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').slice(0, 16).toLowerCase();
}
