import { NEW_ROOT } from './layout.js';

/**
 * Makes a dyno and becomes its program's parent in the end. It is started in the agent's folder with namespaces of its
 * own; that of processes holds its children only, not itself.
 *
 * $1 is the dyno's folder, the rest the command that starts the program. On descriptor 3 it says how far it is and
 * hears when to go on. Descriptor 4 ends when the agent wants the dyno gone or is gone itself. The dyno's first process
 * waits for that, with which everything in it ends; a shell's `wait` also reaps orphans.
 *
 * The program is started through `nsenter`, as that passes on exactly how it ended, also by which signal. What can be
 * done by the shell itself is: each command costs about a millisecond.
 */
export const DYNO_SETUP = `
set -e
dir=$1; shift
{
  { exec 3>&- >/dev/null 2>&1; read -r end <&4; } &
  echo "watch $!" >&3
  exec 3>&- >/dev/null 2>&1
  wait
} &
{
echo "init $!"
network=
if [ -e "$dir/network" ]; then
  net=/proc/sys/net
  echo 0 > $net/ipv4/ip_unprivileged_port_start
  echo 0 > $net/ipv4/conf/all/rp_filter
  echo 0 > $net/ipv4/conf/default/rp_filter
  for setting in arp_ignore route_localnet accept_local; do echo 1 > $net/ipv4/conf/default/$setting; done
  [ ! -d $net/ipv6 ] || echo 1 > $net/ipv6/conf/default/disable_ipv6
  # Ping without any right, for every group; in a namespace of users there is only one.
  for groups in "0 2147483647" "0 0"; do { echo $groups > $net/ipv4/ping_group_range; } 2>/dev/null && break; done
  { ip -batch "$dir/network" && echo network; } & network=$!
fi
mount --all --fstab "$dir/fstab"
read -r user group < "$dir/owner"
install -d -o "$user" -g "$group" scratch/upper scratch/work
mount --all --fstab "$dir/fstab.own"
if [ -e "$dir/hostname" ] && command -v hostname >/dev/null; then hostname -F "$dir/hostname"; fi
[ -z "$network" ] || wait "$network"
cd ${NEW_ROOT}
pivot_root . .
umount -l .
echo ready
read -r go <&3
} >&3 2>&3
exec nsenter --target=1 --pid -- "$@" 3>&- 4>&-
`;

/** The file of it, in the agent's folder. */
export const SETUP_FILE = 'setup';
