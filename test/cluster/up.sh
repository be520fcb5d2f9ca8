#!/bin/bash
# Starts a real Kubernetes 1.20.2, or finds the one that it started. Prints KUBECONFIG=...; everything else is on stderr.
# See README.md for the variables.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
MODE=${MODE:-api} NAME=${NAME:-aka} NODES=${NODES:-2} NET=${NET:-198.18.0}
export AKA_TEST_CLUSTER_CACHE=${AKA_TEST_CLUSTER_CACHE:-$HOME/.cache/aka-test-cluster}
bin=$AKA_TEST_CLUSTER_CACHE/bin
state=${AKA_TEST_CLUSTER_STATE:-/tmp/aka-test-cluster-$UID}/$NAME
. "$here/processes.sh"
[ "$MODE" = api ] || . "$here/nodes.sh"

say() { echo "cluster up: $SECONDS s: $*" >&2; }

request() { # request PATH: as the administrator
  curl -sf --max-time 5 --cacert pki/ca.crt -H "Authorization: Bearer $(head -1 tokens.csv | cut -d, -f1)" "$(cat server)$1"
}

install_tools() {
  local tool missing=() tools=(etcd:etcd-server curl:curl openssl:openssl)
  [ "$MODE" = api ] || tools+=("${NODE_TOOLS[@]}")
  for tool in "${tools[@]}"; do command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}"); done
  "$here/install.sh" "${missing[@]}"
}

# Of six ports in a row, the first: the API, etcd (two), controllers, scheduler, kubelets.
free_ports() {
  local first port
  for first in $(seq 17440 10 18990); do
    for port in $(seq "$first" $((first + 5))); do
      (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue 2
    done
    echo "$first"
    return
  done
  say 'no six free ports from 17440 to 18999'
  return 1
}

make_keys() {
  [ ! -e pki/done ] || return 0
  local names="IP:127.0.0.1,IP:10.96.0.1,IP:$address,IP:$advertised,DNS:localhost,DNS:kubernetes.default.svc"
  {
    openssl ecparam -name prime256v1 -genkey -noout -out pki/ca.key
    openssl req -x509 -new -key pki/ca.key -out pki/ca.crt -days 3650 -subj /CN=aka-test-ca
    openssl ecparam -name prime256v1 -genkey -noout -out pki/api.key
    openssl req -new -key pki/api.key -out pki/api.csr -subj /CN=kube-apiserver
    openssl x509 -req -in pki/api.csr -CA pki/ca.crt -CAkey pki/ca.key -CAcreateserial -days 3650 -out pki/api.crt \
      -extfile <(echo "subjectAltName=$names")
    # A person with a certificate, in the group of administrators.
    openssl ecparam -name prime256v1 -genkey -noout -out pki/person.key
    openssl req -new -key pki/person.key -out pki/person.csr -subj /O=system:masters/CN=person
    openssl x509 -req -in pki/person.csr -CA pki/ca.crt -CAkey pki/ca.key -days 3650 -out pki/person.crt
    openssl genrsa -out pki/service-accounts.key 2048
    openssl rsa -in pki/service-accounts.key -pubout -out pki/service-accounts.pub
  } 2>>openssl.log
  : >pki/done
}

# credential FILE USER GROUP: a token, and a kubeconfig with it.
credential() {
  local token
  token=$(head -c16 /dev/urandom | od -An -tx1 | tr -d ' \n')
  echo "$token,$2,$2,\"$3\"" >>tokens.csv
  cat >"$1.conf" <<CONFIG
apiVersion: v1
kind: Config
clusters:
- name: $NAME
  cluster:
    server: $(cat server)
    certificate-authority: $state/pki/ca.crt
users:
- name: $2
  user:
    token: $token
contexts:
- name: $NAME
  context:
    cluster: $NAME
    user: $2
current-context: $NAME
CONFIG
}

make_credentials() {
  local node
  : >tokens.csv
  credential admin admin system:masters
  credential controllers system:kube-controller-manager none
  credential scheduler system:kube-scheduler none
  credential proxy system:kube-proxy none
  for node in $(seq "$NODES"); do credential "kubelet-$node" "system:node:node-$node" system:nodes; done
}

start_control_plane() { # start_control_plane NETNS|-
  local netns=$1 etcd=http://127.0.0.1:$((port + 1)) peers=http://127.0.0.1:$((port + 2)) reconcile=lease
  [ "$MODE" != api ] || reconcile=none
  start etcd "$netns" etcd --data-dir etcd --unsafe-no-fsync --log-level warn \
    --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
    --listen-peer-urls "$peers" --initial-advertise-peer-urls "$peers" --initial-cluster "default=$peers"
  start apiserver "$netns" "$bin/kube-apiserver" --etcd-servers="$etcd" \
    --bind-address="$address" --secure-port="$port" --insecure-port=0 --advertise-address="$advertised" \
    --tls-cert-file=pki/api.crt --tls-private-key-file=pki/api.key --client-ca-file=pki/ca.crt \
    --token-auth-file=tokens.csv --authorization-mode=Node,RBAC --allow-privileged=true \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-signing-key-file=pki/service-accounts.key --service-account-key-file=pki/service-accounts.pub \
    --service-cluster-ip-range=10.96.0.0/16 --kubelet-preferred-address-types=InternalIP \
    --endpoint-reconciler-type="$reconcile" ${API_FLAGS:-}
  wait_for 120 'the API server' request /readyz
  start controllers "$netns" "$bin/kube-controller-manager" --kubeconfig=controllers.conf --leader-elect=false \
    --port=0 --bind-address=127.0.0.1 --secure-port=$((port + 3)) --use-service-account-credentials=true \
    --service-account-private-key-file=pki/service-accounts.key --root-ca-file=pki/ca.crt \
    --node-monitor-grace-period="${NODE_GRACE:-40s}" ${CONTROLLER_FLAGS:-}
  start scheduler "$netns" "$bin/kube-scheduler" --kubeconfig=scheduler.conf --leader-elect=false --port=0 \
    --bind-address=127.0.0.1 --secure-port=$((port + 4))
}

# end_with PID: ends the cluster after the process that asked for it, however that ended.
end_with() {
  NAME=$NAME start owner - "$here/end-with.sh" "$1"
}

nodes_ready() {
  local ready
  ready=$(request /api/v1/nodes | tr -d '\n ' | grep -o '"type":"Ready","status":"True"' | wc -l)
  [ "$ready" -ge "$NODES" ]
}

is_up() {
  [ -e up ] && [ "$(cat up)" = "$MODE" ] && is_alive apiserver && [ "$(request /readyz)" = ok ]
}

show_logs() {
  local code=$? log
  [ $code -ne 0 ] || return 0
  for log in "$state"/*.log; do
    echo "== $log" >&2
    tail -n 3 "$log" >&2
  done
}

[ "$MODE" = api ] || [ "$UID" = 0 ] || { say 'MODE=nodes needs root'; exit 2; }
mkdir -p "$state"
cd "$state"
exec 8>lock
flock 8
if is_up; then
  echo "KUBECONFIG=$state/admin.conf"
  exit 0
fi
[ ! -d pids ] || NAME=$NAME LOCKED=1 "$here/down.sh"
install_tools
# Only the programs that this mode needs are waited for.
PARTS=${PARTS:-$([ "$MODE" = api ] && echo api || echo all)} "$here/build.sh"
trap show_logs EXIT
mkdir -p pids pki
if [ "$MODE" = api ]; then
  address=127.0.0.1 advertised=192.0.2.2 port=${PORT:-$(free_ports)} netns=-
else
  address=$NET.250 advertised=$address port=6443 netns=$NAME-net
  make_networks
fi
echo "https://$address:$port" >server
make_keys
(umask 077 && make_credentials)
[ -z "${OWNER:-}" ] || end_with "$OWNER"
start_control_plane $netns
if [ "$MODE" = api ]; then
  start kubelets - node "$here/fake-kubelet/main.mjs" "$state/admin.conf" "$NODES" "${FAKE_CPU:-64}" "${FAKE_MEM:-256Gi}" $((port + 5))
else
  start_nodes
fi
wait_for 120 'nodes' nodes_ready
wait_for 60 'the default service account' request /api/v1/namespaces/default/serviceaccounts/default
echo "$MODE" >up
say up
echo "KUBECONFIG=$state/admin.conf"
