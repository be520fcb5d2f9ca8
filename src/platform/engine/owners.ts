import type { Network } from '../../model/addresses.js';

/** Who programs really are, on a machine whose root the platform is. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Of builds, and of all dynos where there are no namespaces of users: an id that nobody else has. */
export const COMMON_OWNER: Owner = { uid: 64_123, gid: 64_123 };

/** Above what people, services and containers of systemd are given, and below what some programs take for negative. */
const FIRST = 2_100_000_000;
/** No pool has more blocks. */
const MOST = 2 ** 16;

/** The ends of the range that spaces have. */
export const FIRST_OWNER: Owner = owner(0);
export const LAST_OWNER: Owner = owner(MOST - 1);

/**
 * The owner of the dynos of a space: the kernel counts inotify instances, pages of pipes, keys and descriptors in flight
 * by user, so that a space takes none but its own. Two platforms of one machine may give spaces the same one.
 */
export function ownerOf({ first }: Network): Owner {
  return owner(first);
}

export function isSpaceOwner({ uid }: Owner): boolean {
  return uid >= FIRST_OWNER.uid && uid <= LAST_OWNER.uid;
}

function owner(number: number): Owner {
  return { uid: FIRST + number, gid: FIRST + number };
}
