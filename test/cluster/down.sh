#!/bin/bash
# Ends what up.sh started for NAME, and removes its networks, mounts, control groups and state.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
NAME=${NAME:-aka}
state=${AKA_TEST_CLUSTER_STATE:-/tmp/aka-test-cluster-$UID}/$NAME
[ -d "$state" ] || exit 0
. "$here/processes.sh"
if [ -z "${LOCKED:-}" ]; then
  exec 8>"$state/lock"
  flock 8
fi

# Their state goes with the cluster, so they need no time to end.
for name in owner kubelets 'netpol-*' controllers scheduler; do signal_all KILL "$name"; done
if ls -d "$state"/node-*/ >/dev/null 2>&1; then
  . "$here/nodes.sh"
  end_nodes
fi
signal_all KILL apiserver
signal_all KILL etcd
stop '*'
# Under the lock of another up.sh, the folder stays for it.
if [ -n "${LOCKED:-}" ]; then find "$state" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
else rm -rf "$state"; fi
exit 0
