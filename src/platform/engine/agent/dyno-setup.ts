import { NEW_ROOT } from './root.js';

/** A program of its own, as what this set-up was told is nothing that a dyno should read in its list of processes. */
const FIRST_PROCESS =
  'cat <&4 >/dev/null 2>&1 3>&- & echo "watch $!" >&3; exec </dev/null >/dev/null 2>&1 3>&-; wait';

/**
 * Makes a dyno and becomes its program's parent in the end. It was started with namespaces of its own; that of
 * processes holds its children only, not itself.
 *
 * $1 is the agent's folder, $2 the dyno's, the rest the command that starts the program. On descriptor 3 it says how
 * far it is and hears when to go on. Descriptor 4 ends when the agent wants the dyno gone or is gone itself. The dyno's
 * first process waits for that, with which everything in it ends; a shell's `wait` also reaps orphans.
 *
 * The program is started through `nsenter`, as that passes on exactly how it ended, also by which signal.
 */
export const DYNO_SETUP = `
set -e
cd "$1"; dir=$2; shift 2
exec sh -c '${FIRST_PROCESS}' &
{
echo "init $!"
while read -r group; do echo 0 > "$group/cgroup.procs"; done < "$dir/cgroups"
read -r name < "$dir/hostname"
if command -v hostname >/dev/null; then hostname "$name"; fi
net=/proc/sys/net
echo 0 > $net/ipv4/ip_unprivileged_port_start
echo 0 > $net/ipv4/conf/all/rp_filter
echo 0 > $net/ipv4/conf/default/rp_filter
for setting in arp_ignore route_localnet accept_local; do echo 1 > $net/ipv4/conf/default/$setting; done
[ ! -d $net/ipv6 ] || echo 1 > $net/ipv6/conf/default/disable_ipv6
{ ip -batch "$dir/network" && echo network; } & network=$!
mount --all --fstab "$dir/fstab"
mkdir scratch/upper scratch/work
read -r owner < "$dir/owner"
[ "$owner" = 0:0 ] || chown "$owner" scratch/upper
mount --all --fstab "$dir/fstab.own"
wait "$network"
cd ${NEW_ROOT}
pivot_root . .
umount -l .
echo ready
read -r go <&3
} >&3 2>&3
exec nsenter --target=1 --pid -- "$@" 3>&- 4>&-
`;

/**
 * The last of a program's start, without any privilege left. Its environment comes from a file, as a command line could
 * be seen by others; what the set-up needed and what a shell sets for itself is taken away.
 */
export const PROGRAM_START =
  'env=$1; shift; unset PATH LC_ALL; . "$env"; exec /usr/bin/env -u PWD -u OLDPWD -u SHLVL -u _ -- "$@"';
