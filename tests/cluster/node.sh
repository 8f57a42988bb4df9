# shellcheck shell=bash
# The local node, seen from this machine: its process, its link, its keys, and how to leave nothing of it.
#
# The node is one process (node-init.sh) in network, mount and process namespaces of its own. All that it starts, mounts
# and configures is in those namespaces, so ending that process ends all of it, whatever state it is in.

LINK=ilc-$CLUSTER_ID            # this machine's end of the link to the node; 15 characters at most
CGROUP=icelocator-$CLUSTER_ID   # what the pods' control groups are under
SERVICE_CIDR=198.19.0.0/16
POD_CIDR=198.18.0.0/17
API_IP=198.19.0.1
DNS_IP=198.19.0.10
KUBECONFIG_FILE=$CLUSTER_DIR/kubeconfig
PKI=$CLUSTER_DIR/pki

# The process id of the node, if it is alive and ours: ids are used again, so the command line is compared too.
node_pid() {
  local pid
  pid=$(cat "$CLUSTER_DIR/node.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] || return 1
  tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$CLUSTER_DIR" || return 1
  echo "$pid"
}

# in_node COMMAND...: with the node's mounts, network and processes.
in_node() {
  local pid
  pid=$(node_pid) || die "the cluster of $CLUSTER_DIR is not running" "Start it: $(make_line up)"
  nsenter --target "$pid" --mount --net --pid="/proc/$pid/ns/pid_for_children" -- \
    env PATH="/run/icelocator/runtime/bin:/run/icelocator/bin:$PATH" "$@"
}

# Two addresses of 198.18.255.0/24 (set aside for tests of networks) that no other link of this machine has.
choose_link() {
  if [ -s "$CLUSTER_DIR/link" ]; then return; fi
  local start i third taken
  taken=$(ip -o -4 addr show)
  start=$((16#$CLUSTER_ID % 64))
  for i in $(seq 0 63); do
    third=$(((start + i) % 64 * 4))
    if ! grep -qF "198.18.255.$((third + 1))/30" <<<"$taken"; then
      echo "198.18.255.$((third + 1)) 198.18.255.$((third + 2))" >"$CLUSTER_DIR/link"
      return
    fi
  done
  die "all 64 links of 198.18.255.0/24 are taken" "Take a cluster down that is no longer needed."
}

# sign NAME SUBJECT [ALTERNATIVE NAMES [USAGE]]
sign() {
  local name=$1 subject=$2 names=${3:-DNS:localhost} usage=${4:-clientAuth}
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -out "$name.csr" -subj "$subject"
  openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out "$name.crt" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$names" "$usage")
}

# write_kubeconfig FILE NAME SERVER
write_kubeconfig() {
  cat >"$1" <<END
apiVersion: v1
kind: Config
clusters:
- name: icelocator
  cluster: {server: "$3", certificate-authority-data: $(base64 -w0 ca.crt)}
users:
- name: $2
  user: {client-certificate-data: $(base64 -w0 "$2.crt"), client-key-data: $(base64 -w0 "$2.key")}
contexts:
- name: icelocator
  context: {cluster: icelocator, user: $2}
current-context: icelocator
END
}

make_keys() {
  local partial=$PKI.partial name
  rm -rf "$partial"
  mkdir -m 700 "$partial"
  cd "$partial" || return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN=icelocator-local -days 3650
  sign apiserver /CN=kube-apiserver \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$API_IP,IP:$NODE_IP" serverAuth,clientAuth
  sign admin "/O=system:masters/CN=admin"
  sign controller-manager /CN=system:kube-controller-manager
  sign scheduler /CN=system:kube-scheduler
  sign proxy /CN=system:kube-proxy
  sign aggregator /CN=aggregator
  sign kubelet "/O=system:nodes/CN=system:node:icelocator" "DNS:icelocator,IP:$NODE_IP" serverAuth,clientAuth
  openssl ecparam -name prime256v1 -genkey -noout -out service-accounts.key
  openssl ec -in service-accounts.key -pubout -out service-accounts.pub
  for name in admin controller-manager scheduler proxy kubelet; do
    write_kubeconfig "$name.kubeconfig" "$name" https://127.0.0.1:6443
  done
  write_kubeconfig outside.kubeconfig admin "https://$NODE_IP:6443"
  mv "$partial" "$PKI"
}

# The node's own process is the parent of all others in it. It records its id before it leaves for its namespaces,
# so there is no moment at which it could be lost.
start_node_process() {
  cat >"$CLUSTER_DIR/node.env" <<END
HOST_IP=$HOST_IP
NODE_IP=$NODE_IP
API_IP=$API_IP
DNS_IP=$DNS_IP
SERVICE_CIDR=$SERVICE_CIDR
POD_CIDR=$POD_CIDR
CGROUP=$CGROUP
PAUSE_IMAGE=localhost/pause:$PAUSE_VERSION
END
  # shellcheck disable=SC2016 # for the inner shell
  setsid bash -c 'echo $$ >"$1/node.pid"; exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$2" "$1" "$3"' \
    start "$CLUSTER_DIR" "$HERE/node-init.sh" "$TOOLSET" </dev/null >>"$LOGS/node.log" 2>&1 7>&- 8>&- &
  disown
}

has_own_network() {
  local pid
  pid=$(node_pid) && [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

make_link() {
  local pid
  retry 10 has_own_network || die "the node did not start" "See $LOGS/node.log"
  pid=$(node_pid)
  ip link del "$LINK" 2>/dev/null || true
  ip link add "$LINK" type veth peer name eth0 netns "/proc/$pid/ns/net"
  ip addr add "$HOST_IP/30" dev "$LINK"
  ip link set "$LINK" up
}

kubectl() { command "$BIN/kubectl" --kubeconfig "$KUBECONFIG_FILE" "$@"; }

api_answers() { kubectl get --raw /readyz; }
runtime_answers() { in_node ctr version; }
node_is_ready() { kubectl wait --for=condition=Ready node/icelocator --timeout=1s; }

# Starts the node, or finds it running. A node that has ended (a restart of this machine) is made anew:
# there is nothing in it that "make up" would not bring back.
node_up() {
  [ "$(id -u)" = 0 ] || die "CLUSTER=local runs a Kubernetes node on this machine, which only root may do" \
    "Run it as root (sudo make up), or use CLUSTER=kind or CLUSTER=current."
  if ! node_pid >/dev/null || ! ip link show "$LINK" >/dev/null 2>&1; then
    node_down
    make_folder
    choose_link
    read -r HOST_IP NODE_IP <"$CLUSTER_DIR/link"
    logged keys make_keys
    start_node_process
    make_link
  elif ! tr '\0' '\n' <"/proc/$(node_pid)/cmdline" | grep -qxF "$TOOLSET"; then
    note "the node runs on with the tools that it was started with; make down and make up renew it"
  fi
  read -r HOST_IP NODE_IP <"$CLUSTER_DIR/link"
  install -m 600 "$PKI/outside.kubeconfig" "$KUBECONFIG_FILE"
  retry 60 api_answers || die "the API server at https://$NODE_IP:6443 does not answer" "See $LOGS/kube-apiserver.log and $LOGS/etcd.log"
  retry 30 runtime_answers || die "containerd does not answer" "See $LOGS/containerd.log"
}

node_ready() {
  retry 60 node_is_ready || die "the node does not become Ready" "See $LOGS/kubelet.log and $LOGS/containerd.log"
}

remove_cgroups() {
  local group
  # From the leaves up. What is still ending holds its group for a moment.
  while read -r group; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    [ ! -d "$group" ] || return 1
  done < <(find /sys/fs/cgroup -maxdepth 2 -type d -name "$CGROUP")
}

process_ended() { [ ! -d "/proc/$1" ]; }
link_gone() { ! ip link show "$LINK"; }

# Leaves nothing, from any state.
node_down() {
  local pid
  if pid=$(node_pid); then
    kill -KILL "$pid"
    retry 20 process_ended "$pid" || die "process $pid does not end"
  fi
  ip link del "$LINK" 2>/dev/null || true
  retry 20 link_gone || die "the link $LINK does not go away"
  retry 20 remove_cgroups || die "the control groups named $CGROUP do not go away" "A process is left in one: see cat /sys/fs/cgroup/*/$CGROUP/**/cgroup.procs"
  retry 10 remove_folder || die "$CLUSTER_DIR could not be removed"
}
