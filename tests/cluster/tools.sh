# shellcheck shell=bash
# The programs that the cluster is made of. The Go ones are built from the modules in tools/ and kept in the cache,
# keyed by what they are built from; the container runtime is unpacked from Debian packages beside them.

KUBERNETES_VERSION=1.36.3
HELM_VERSION=4.3.1
COREDNS_VERSION=1.14.7
METRICS_SERVER_VERSION=0.9.0
PROMETHEUS_VERSION=3.16.0 # the module calls it v0.316.0
PROMETHEUS_OPERATOR_VERSION=0.85.0
ALERTMANAGER_VERSION=0.31.0
OTELCOL_VERSION=0.163.0
PAUSE_VERSION=1

GO_TAGS=netgo,remove_all_sd,enable_kubernetes_sd

# name | module in tools/ | package | version | minutes of a first build on two cores, for the progress line
GO_TOOLS="\
kube|.|./kube|$KUBERNETES_VERSION|5
pause|.|./pause|$PAUSE_VERSION|
coredns|.|./coredns|$COREDNS_VERSION|
helm|.|helm.sh/helm/v4/cmd/helm|$HELM_VERSION|1
prometheus|.|github.com/prometheus/prometheus/cmd/prometheus|$PROMETHEUS_VERSION|2
promtool|.|github.com/prometheus/prometheus/cmd/promtool|$PROMETHEUS_VERSION|
metrics-server|.|sigs.k8s.io/metrics-server/cmd/metrics-server|$METRICS_SERVER_VERSION|
otelcol|.|./otelcol|$OTELCOL_VERSION|1
prometheus-operator|prometheus-operator|github.com/prometheus-operator/prometheus-operator/cmd/operator|$PROMETHEUS_OPERATOR_VERSION|2
prometheus-config-reloader|prometheus-operator|github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader|$PROMETHEUS_OPERATOR_VERSION|
alertmanager|alertmanager|github.com/prometheus/alertmanager/cmd/alertmanager|$ALERTMANAGER_VERSION|1
amtool|alertmanager|github.com/prometheus/alertmanager/cmd/amtool|$ALERTMANAGER_VERSION|"

go_environment() {
  export GOPATH=$CACHE/go GOCACHE=$CACHE/go-build GOFLAGS="-mod=readonly -modcacherw -buildvcs=false" CGO_ENABLED=0
  unset GOBIN GOROOT GOOS GOARCH
  command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
}

# What a tool answers when asked for its version.
version_flags() {
  local name=$1 version=$2 package
  case $name in
    kube)
      local minor=${version#*.}
      for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
        printf -- '-X %s.gitVersion=v%s -X %s.gitMajor=%s -X %s.gitMinor=%s ' \
          "$package" "$version" "$package" "${version%%.*}" "$package" "${minor%%.*}"
        printf -- '-X %s.gitCommit=module -X %s.gitTreeState=clean -X %s.buildDate=1970-01-01T00:00:00Z ' \
          "$package" "$package" "$package"
      done
      ;;
    helm) printf -- '-X helm.sh/helm/v4/internal/version.version=v%s' "$version" ;;
    metrics-server) printf -- '-X sigs.k8s.io/metrics-server/pkg/version.gitVersion=v%s' "$version" ;;
    otelcol) printf -- '-X main.version=%s' "$version" ;;
    prom* | al* | amtool) printf -- '-X github.com/prometheus/common/version.Version=%s' "$version" ;;
  esac
}

# go_build NAME MODULE PACKAGE VERSION: to a temporary name first, so that what has its name is whole.
go_build() {
  local name=$1 module=$2 package=$3 version=$4
  cd "$HERE/tools/$module" || return
  go build -trimpath -tags "$GO_TAGS" -gcflags=all=-dwarf=false -ldflags "-s -w $(version_flags "$name" "$version")" \
    -o "$BIN/.$name.partial" "$package"
  mv "$BIN/.$name.partial" "$BIN/$name"
}

unpack_runtime() {
  rm -rf "$RUNTIME.partial"
  mkdir -p "$RUNTIME.partial/deb"
  cd "$RUNTIME.partial/deb" || return
  # apt gives up its privileges for a download and then cannot write here; this keeps it quiet about that.
  apt-get -o APT::Sandbox::User=root download containerd runc containernetworking-plugins ||
    { apt-get update -q && apt-get -o APT::Sandbox::User=root download containerd runc containernetworking-plugins; }
  local package
  for package in *.deb; do dpkg-deb -x "$package" ..; done
  cd "$RUNTIME.partial" || return
  mkdir -p bin cni
  mv usr/bin/containerd usr/bin/containerd-shim-runc-v2 usr/bin/ctr usr/sbin/runc bin/
  mv usr/lib/cni/ptp usr/lib/cni/host-local usr/lib/cni/loopback cni/
  rm -rf usr etc lib deb
  mv "$RUNTIME.partial" "$RUNTIME"
}

# A change to any of these builds the tools anew, in a folder of their own.
toolset() {
  {
    printf '%s\n' "$GO_TOOLS" "$GO_TAGS"
    declare -f version_flags go_build unpack_runtime
    cd "$HERE/tools" || return
    find . -type f \( -name '*.go' -o -name go.mod -o -name go.sum \) -print0 | sort -z | xargs -0 cat
  } | sha256sum | cut -c1-12
}

TOOLSET=$CACHE/tools/$(toolset)
BIN=$TOOLSET/bin
RUNTIME=$TOOLSET/runtime
CRDS=$TOOLSET/crds

build_go_tools() {
  local name module package version minutes
  mkdir -p "$BIN"
  while IFS='|' read -r name module package version minutes; do
    if [ -x "$BIN/$name" ]; then continue; fi
    command -v go >/dev/null || die "Go is needed to build $name, and is not installed" \
      "Install Go 1.26 or newer (https://go.dev/dl) so that 'go' is on the PATH, and run the command again."
    note "building $name $version${minutes:+ (about $minutes min on two cores the first time)}"
    logged "build-$name" go_build "$name" "$module" "$package" "$version" </dev/null
  done <<<"$GO_TOOLS"
  local applet
  for applet in kubectl kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy etcd; do
    ln -sfn kube "$BIN/$applet"
  done
}

# The Prometheus operator's module carries its CRDs.
copy_crds() {
  if [ -d "$CRDS" ]; then return; fi
  local source
  source=$(cd "$HERE/tools/prometheus-operator" && go mod download -json github.com/prometheus-operator/prometheus-operator | jq -r .Dir)
  rm -rf "$CRDS.partial"
  mkdir -p "$CRDS.partial"
  install -m 644 "$source"/example/prometheus-operator-crd/*.yaml "$CRDS.partial/"
  mv "$CRDS.partial" "$CRDS"
}

# command | Debian package that brings it
HOST_COMMANDS="\
ip|iproute2
iptables|iptables
conntrack|conntrack
socat|socat
openssl|openssl
curl|curl
jq|jq
nsenter|util-linux
flock|util-linux"

ensure_host_commands() {
  local command package missing=()
  while IFS='|' read -r command package; do
    command -v "$command" >/dev/null || missing+=("$package")
  done <<<"$HOST_COMMANDS"
  if [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then missing+=(ca-certificates); fi
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  command -v apt-get >/dev/null || die "these are missing: ${missing[*]}" "Install them with this system's package manager and run the command again."
  [ "$(id -u)" = 0 ] || die "these are missing: ${missing[*]}" "Install them (apt-get install ${missing[*]}), or run the command as root."
  note "installing Debian packages: ${missing[*]}"
  logged apt-update apt-get update -q
  logged apt-install env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends --no-upgrade "${missing[@]}"
}

# containerd, runc and the CNI plugins are unpacked, not installed: no service starts on this machine, and a
# container runtime that is already here is not touched.
ensure_runtime() {
  if [ -d "$RUNTIME" ]; then return; fi
  if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
    note "unpacking containerd, runc and CNI plugins"
    mkdir -p "$TOOLSET"
    logged unpack-runtime unpack_runtime
    return
  fi
  local command cni=/opt/cni/bin
  [ -x $cni/ptp ] || cni=/usr/lib/cni
  for command in containerd containerd-shim-runc-v2 ctr runc $cni/ptp $cni/host-local $cni/loopback; do
    command -v "$command" >/dev/null || die "$command is missing" "Install containerd, runc and the CNI plugins and run the command again."
  done
  mkdir -p "$RUNTIME.partial/bin"
  for command in containerd containerd-shim-runc-v2 ctr runc; do ln -sfn "$(command -v "$command")" "$RUNTIME.partial/bin/$command"; done
  ln -sfn "$cni" "$RUNTIME.partial/cni"
  mv "$RUNTIME.partial" "$RUNTIME"
}

# Two commands that need tools at the same time share one build.
lock_tools() {
  make_cache
  exec 7>"$CACHE/locks/tools"
  if ! flock -n 7; then
    note "another command is building tools; waiting for it"
    flock 7
  fi
}

ensure_go_tools() {
  lock_tools
  go_environment
  build_go_tools
  copy_crds
  exec 7>&-
}

ensure_tools() {
  ensure_go_tools
  lock_tools
  ensure_runtime
  exec 7>&-
}

# By file, not by name: a node sees the tools at other paths than this machine does.
tools_run() {
  grep -qxFf <(find "$CACHE/tools" -type f -printf '%D:%i\n' 2>/dev/null) <(stat -L -c %d:%i /proc/[0-9]*/exe 2>/dev/null)
}

clean_cache() {
  local lock
  if is_empty "$CACHE"; then
    echo "nothing is in $CACHE"
    return
  fi
  [ -e "$CACHE_MARKER" ] || die "$CACHE held other files when it was first used, so it is not removed" \
    "Clusters keep tools, go, go-build and locks in it: remove by hand what nothing else needs."
  for lock in "$CACHE"/locks/*; do
    flock -n "$lock" true || die "a command is at work with the tools in $CACHE" "Wait for it to end, or end it, and try again."
  done
  ! tools_run || die "programs run from the tools in $CACHE" "Take the cluster down first: make down (and CLUSTER_DIR=... make down for others)."
  rm -rf "$CACHE"
  echo "removed $CACHE"
}
