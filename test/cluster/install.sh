#!/bin/bash
# install.sh PACKAGE...: installs Debian packages without starting the services that they bring.
set -euo pipefail
[ $# -gt 0 ] || exit 0
say() { echo "cluster install: $*" >&2; }
command -v apt-get >/dev/null || { say "missing, and there is no apt-get: $*"; exit 1; }
[ "$(id -u)" = 0 ] || { say "missing: apt-get install $*"; exit 1; }
say "apt-get install $*"
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
  trap 'rm -f $policy' EXIT
fi
apt=(apt-get -qq -o DPkg::Lock::Timeout=600)
"${apt[@]}" update >&2
DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null
