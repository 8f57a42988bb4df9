#!/usr/bin/env bash
# The first process of the local node: node-init.sh STATE TOOLSET, started by node.sh in network, mount and process
# namespaces of its own. It gives the node its own /run and /var, starts the parts of Kubernetes and keeps them running.
# When it ends, the kernel ends all that it started.
set -euo pipefail

STATE=$1
TOOLSET=$2
# shellcheck disable=SC1091 # written by node.sh
. "$STATE/node.env"

# --- What the node sees -----------------------------------------------------------------------------------------------
# Programs find their files at the usual paths, /run/containerd and /var/lib/kubelet, and these are the node's own.
mkdir -p "$STATE/run" "$STATE/var/lib/kubelet" "$STATE/var/lib/containerd" "$STATE/var/log/pods" "$STATE/var/tmp"
ln -sfn /run "$STATE/var/run"
mount --no-mtab -t tmpfs -o mode=755 run "$STATE/run"
mkdir -p "$STATE/run/icelocator/state" "$STATE/run/icelocator/toolset" "$STATE/run/lock"
mount --no-mtab --bind "$STATE" "$STATE/run/icelocator/state"
mount --no-mtab --bind "$TOOLSET" "$STATE/run/icelocator/toolset"
ln -s toolset/bin toolset/runtime "$STATE/run/icelocator/"
mount --no-mtab --move "$STATE/run" /run
mount --no-mtab --bind /run/icelocator/state/var /var
# The kubelet shares mounts with pods.
mount --no-mtab --make-rshared /

HOME=/var/tmp
STATE=/run/icelocator/state
PKI=$STATE/pki
ETC=/run/icelocator/etc
PATH=/run/icelocator/runtime/bin:/run/icelocator/bin:$PATH
export HOME PATH
ulimit -n "$(ulimit -Hn)"
mkdir -p $ETC/cni

# The kubelet sets these for the whole machine. Here it finds them set, in files of its own, and leaves the machine's alone.
while read -r name value; do
  if [ -e "/proc/sys/$name" ]; then
    file=$ETC/sysctl-${name//\//-}
    echo "$value" >"$file"
    mount --no-mtab --bind "$file" "/proc/sys/$name"
  fi
done <<END
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END

# --- Network ----------------------------------------------------------------------------------------------------------
for _ in $(seq 600); do
  if ip link show eth0 >/dev/null 2>&1; then break; fi
  sleep 0.05
done
ip link set lo up
ip addr add "$NODE_IP/30" dev eth0
ip link set eth0 up
ip route add default via "$HOST_IP"
# A Service that kube-proxy does not know yet is refused at once; its packets would go out of the node and be missed.
for chain in OUTPUT FORWARD; do iptables -A "$chain" -d "$SERVICE_CIDR" -j REJECT; done
sysctl_net() { if [ -e "/proc/sys/net/$1" ]; then echo "$2" >"/proc/sys/net/$1"; fi; }
sysctl_net ipv4/ip_forward 1
sysctl_net ipv4/conf/all/route_localnet 1

# --- Control groups ---------------------------------------------------------------------------------------------------
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$CGROUP"
  read -r -a controllers </sys/fs/cgroup/cgroup.controllers
  for controller in "${controllers[@]}"; do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
    echo "+$controller" >"/sys/fs/cgroup/$CGROUP/cgroup.subtree_control" 2>/dev/null || true
  done
else
  for hierarchy in /sys/fs/cgroup/*/; do
    if [ -L "${hierarchy%/}" ]; then continue; fi
    mkdir -p "$hierarchy$CGROUP"
    # A cpuset starts empty, and nothing can run in an empty one.
    for file in cpuset.cpus cpuset.mems; do
      if [ -e "$hierarchy$CGROUP/$file" ]; then cat "$hierarchy$file" >"$hierarchy$CGROUP/$file"; fi
    done
  done
fi

# --- Configuration ----------------------------------------------------------------------------------------------------
cat >$ETC/containerd.toml <<END
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "$PAUSE_IMAGE"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/run/icelocator/runtime/cni"
    conf_dir = "$ETC/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
END
# Each pod has a link of its own to the node, and everything is routed: Services work without bridge filtering.
cat >$ETC/cni/10-pods.conflist <<END
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{
  "type": "ptp", "ipMasq": false,
  "ipam": {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
END
cat >$ETC/kubelet.yaml <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $PKI/kubelet.crt
tlsPrivateKeyFile: $PKI/kubelet.key
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP
failCgroupV1: false
failSwapOn: false
clusterDNS: ["$DNS_IP"]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
resolvConf: $ETC/resolv.conf
maxPods: 250
# A changed ConfigMap or Secret is in its pods' files within seconds, not a minute.
syncFrequency: 5s
# Images cannot be pulled again here, so none are collected.
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%}
END
# Who wrote what: the tests count writes here, where no writer can leave one out.
cat >$ETC/audit.yaml <<END
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Metadata, verbs: [create, update, patch, delete, deletecollection]}
- {level: None}
END
echo "nameserver 127.0.0.1" >$ETC/resolv.conf
printf 'nameserver %s\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n' "$DNS_IP" >"$STATE/resolv.conf"

# --- Processes --------------------------------------------------------------------------------------------------------
# keep NAME COMMAND...: runs a command, again whenever it ends.
keep() {
  local name=$1 code
  shift
  while :; do
    "$@" >>"$STATE/logs/$name.log" 2>&1 && code=0 || code=$?
    echo "$(date +%T) $name ended with $code; it is started again"
    sleep 1
  done &
}

keep etcd etcd --data-dir /var/lib/etcd --unsafe-no-fsync --log-level warn \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 --initial-cluster default=http://127.0.0.1:2380
keep containerd containerd --config $ETC/containerd.toml
keep kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 --secure-port 6443 --advertise-address "$NODE_IP" \
  --service-cluster-ip-range "$SERVICE_CIDR" --authorization-mode Node,RBAC --allow-privileged --profiling=false \
  --client-ca-file $PKI/ca.crt --tls-cert-file $PKI/apiserver.crt --tls-private-key-file $PKI/apiserver.key \
  --kubelet-client-certificate $PKI/admin.crt --kubelet-client-key $PKI/admin.key --kubelet-certificate-authority $PKI/ca.crt \
  --kubelet-preferred-address-types InternalIP \
  --service-account-issuer https://kubernetes.default.svc \
  --service-account-key-file $PKI/service-accounts.pub --service-account-signing-key-file $PKI/service-accounts.key \
  --requestheader-client-ca-file $PKI/ca.crt --requestheader-allowed-names aggregator \
  --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group --requestheader-extra-headers-prefix X-Remote-Extra- \
  --proxy-client-cert-file $PKI/aggregator.crt --proxy-client-key-file $PKI/aggregator.key \
  --audit-policy-file $ETC/audit.yaml --audit-log-path "$STATE/logs/audit.log" --audit-log-maxsize 1000
for _ in $(seq 120); do
  if kubectl --kubeconfig $PKI/admin.kubeconfig get --raw /readyz >/dev/null 2>&1; then break; fi
  sleep 0.25
done
keep kube-controller-manager kube-controller-manager --kubeconfig $PKI/controller-manager.kubeconfig --leader-elect=false --profiling=false \
  --use-service-account-credentials --service-account-private-key-file $PKI/service-accounts.key \
  --root-ca-file $PKI/ca.crt --cluster-signing-cert-file $PKI/ca.crt --cluster-signing-key-file $PKI/ca.key
keep kube-scheduler kube-scheduler --kubeconfig $PKI/scheduler.kubeconfig --leader-elect=false --profiling=false
keep kube-proxy kube-proxy --kubeconfig $PKI/proxy.kubeconfig --hostname-override icelocator --cluster-cidr "$POD_CIDR" \
  --proxy-mode iptables --conntrack-max-per-core 0 --conntrack-min 0
keep kubelet kubelet --config $ETC/kubelet.yaml --kubeconfig $PKI/kubelet.kubeconfig --hostname-override icelocator --node-ip "$NODE_IP"

wait
