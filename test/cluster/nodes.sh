# Sourced by up.sh and down.sh: real nodes, each in a network namespace of its own, on a switch with the control plane.
#   $NET.250 the API   $NET.254 this machine   $NET.N node N   10.244.N.0/24 its pods

NODE_TOOLS=(containerd:containerd runc:runc iptables:iptables nft:nftables ip:iproute2 conntrack:conntrack
  /usr/lib/cni/ptp:containernetworking-plugins /bin/busybox:busybox-static nsenter:util-linux ethtool:ethtool socat:socat)

make_networks() {
  local switch=$NAME-net node other netns
  ip netns add "$switch"
  ip -n "$switch" link set lo up
  ip -n "$switch" link add br0 type bridge
  ip -n "$switch" addr add "$NET.250/24" dev br0
  ip -n "$switch" link set br0 up
  ip link add "$NAME-host" type veth peer name host netns "$switch"
  ip addr add "$NET.254/24" dev "$NAME-host"
  ip link set "$NAME-host" up
  ip -n "$switch" link set host master br0 up
  for node in $(seq "$NODES"); do
    netns=$NAME-$node
    ip netns add "$netns"
    ip -n "$netns" link set lo up
    ip -n "$switch" link add "n$node" type veth peer name eth0 netns "$netns"
    ip -n "$switch" link set "n$node" master br0 up
    ip -n "$netns" addr add "$NET.$node/24" dev eth0
    ip -n "$netns" link set eth0 up
    ip -n "$netns" route add default via "$NET.254"
    nsenter "--net=/run/netns/$netns" sysctl -qw net.ipv4.ip_forward=1
    nsenter "--net=/run/netns/$netns" iptables -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
    for other in $(seq "$NODES"); do
      [ "$node" = "$other" ] || ip -n "$netns" route add "10.244.$other.0/24" via "$NET.$other"
    done
  done
}

# ptp: every packet between pods is routed, as with Calico, Cilium and the clouds' plugins.
write_cni() { # write_cni NODE
  rm -rf "/var/lib/cni/networks/$NAME-$1"
  cat >"$state/node-$1/cni/10-pod.conflist" <<CONFIG
{"cniVersion": "0.3.1", "name": "$NAME-$1", "plugins": [
  {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local",
    "ranges": [[{"subnet": "10.244.$1.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
CONFIG
}

write_containerd() { # write_containerd NODE
  local folder=$state/node-$1
  cat >"$folder/containerd.toml" <<CONFIG
version = 2
root = "$folder/containerd/root"
state = "$folder/containerd/state"
oom_score = 0
[grpc]
  address = "$folder/containerd/socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/aka/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$folder/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
CONFIG
}

make_cgroup() { # make_cgroup PATH: below every controller of cgroup v1
  local controller
  for controller in /sys/fs/cgroup/*/; do
    [ -e "$controller/cgroup.procs" ] && [ "$(basename "$controller")" != unified ] || continue
    mkdir -p "$controller/$1"
    [ -e "$controller/cpuset.mems" ] || continue
    cat "$controller/cpuset.cpus" >"$controller/$1/cpuset.cpus"
    cat "$controller/cpuset.mems" >"$controller/$1/cpuset.mems"
  done
}

start_node() { # start_node NODE
  local netns=$NAME-$1 folder=$state/node-$1 reserved=()
  local socket=$folder/containerd/socket image
  wait_for 30 "containerd $1" ctr -a "$socket" version
  for image in "$AKA_TEST_CLUSTER_CACHE"/images/*.tar; do
    ctr -a "$socket" -n k8s.io images import --snapshotter overlayfs "$image" >/dev/null
  done
  make_cgroup "$NAME-$1"
  [ -z "${NODE_CPU:-}" ] || reserved=("--kube-reserved=cpu=$(($(nproc) - NODE_CPU))")
  start "kubelet-$1" "$netns" "$bin/kubelet" --kubeconfig="kubelet-$1.conf" --hostname-override="node-$1" \
    --node-ip="$NET.$1" --address="$NET.$1" --container-runtime=remote \
    --container-runtime-endpoint="unix://$socket" --cgroup-driver=cgroupfs --cgroup-root="/$NAME-$1" \
    --root-dir="$folder/kubelet" --cert-dir="$folder/pki" --fail-swap-on=false --anonymous-auth=true \
    --authorization-mode=AlwaysAllow --healthz-bind-address=127.0.0.1 --cluster-domain=cluster.local \
    --oom-score-adj=0 --eviction-hard= --image-gc-high-threshold=100 --volume-plugin-dir="$folder/plugins" \
    --node-labels="topology.kubernetes.io/zone=z$1" "${reserved[@]}" ${KUBELET_FLAGS:-}
  start "proxy-$1" "$netns" "$bin/kube-proxy" --kubeconfig=proxy.conf --hostname-override="node-$1" \
    --cluster-cidr=10.244.0.0/16 --proxy-mode=iptables --healthz-bind-address=127.0.0.1 \
    --metrics-bind-address=127.0.0.1 --oom-score-adj=0 --conntrack-max-per-core=0 \
    --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
  # No network plugin of Debian enforces policies. NETPOL=0 tests that the product notices.
  [ "${NETPOL:-1}" = 0 ] || start "netpol-$1" "$netns" node "$here/netpol-agent.mjs" "$state/admin.conf" "node-$1"
}

start_nodes() {
  local node
  "$here/images.sh" "$AKA_TEST_CLUSTER_CACHE/images"
  for node in $(seq "$NODES"); do
    mkdir -p "$state/node-$node/cni" "$state/node-$node/containerd"
    write_cni "$node"
    write_containerd "$node"
    start "containerd-$node" "$NAME-$node" containerd -c "$state/node-$node/containerd.toml"
  done
  for node in $(seq "$NODES"); do start_node "$node"; done
}

# The shims of containerd outlive it, and name its socket in their arguments.
shims() { ps -eo pid,args | awk -v ours="-address $state/" '/containerd-shim/ && index($0, ours) { print $1 }'; }

end_containers() {
  local socket task tries
  for socket in "$state"/node-*/containerd/socket; do
    for task in $(timeout 10 ctr -a "$socket" -n k8s.io task ls -q 2>/dev/null); do
      timeout 10 ctr -a "$socket" -n k8s.io task kill -s 9 "$task" >/dev/null 2>&1
    done
  done
  for tries in $(seq 10); do
    [ -n "$(shims)" ] || break
    kill $(shims) 2>/dev/null
    sleep .2
  done
  [ -z "$(shims)" ] || kill -9 $(shims) 2>/dev/null
}

# The namespaces of pods have no name of ours: their other end lies in one of our nodes.
remove_pod_namespaces() {
  local pod peer node
  for pod in /run/netns/cni-*; do
    [ -e "$pod" ] || continue
    peer=$(nsenter "--net=$pod" ip -o link show eth0 2>/dev/null | sed -n 's/.*eth0@if\([0-9]*\).*/\1/p')
    [ -n "$peer" ] || continue
    for node in "$state"/node-*/; do
      node=$NAME-$(basename "$node" | cut -d- -f2)
      ip -n "$node" -o link 2>/dev/null | grep -q "^$peer: " || continue
      umount -l "$pod" 2>/dev/null
      rm -f "$pod"
      break
    done
  done
}

end_nodes() {
  local mount folder node group
  stop 'kubelet-*'
  signal_all KILL 'proxy-*'
  end_containers
  stop 'containerd-*'
  for mount in $(awk -v ours="$state/" 'index($2, ours) == 1 { print $2 }' /proc/mounts | sort -r); do umount -l "$mount"; done
  remove_pod_namespaces
  for folder in "$state"/node-*/; do
    node=$NAME-$(basename "$folder" | cut -d- -f2)
    for group in /sys/fs/cgroup/*/"$node" /sys/fs/cgroup/"$node"; do
      [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
    done
    ip netns del "$node" 2>/dev/null
    rm -rf "/var/lib/cni/networks/$node"
  done
  ip netns del "$NAME-net" 2>/dev/null
  ip link del "$NAME-host" 2>/dev/null
}
