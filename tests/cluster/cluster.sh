#!/usr/bin/env bash
# The cluster that IceLocator runs on for a demonstration, for development, and for its whole-system tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=tests/cluster/lib.sh
. tests/cluster/lib.sh
# shellcheck source=tests/cluster/tools.sh
. "$HERE/tools.sh"
# shellcheck source=tests/cluster/node.sh
. "$HERE/node.sh"
# shellcheck source=tests/cluster/images.sh
. "$HERE/images.sh"
# shellcheck source=tests/cluster/stack.sh
. "$HERE/stack.sh"
# shellcheck source=tests/cluster/elsewhere.sh
. "$HERE/elsewhere.sh"

usage() {
  cat <<END
usage: tests/cluster/cluster.sh COMMAND

  up                  a cluster with monitoring, the operator, the sample, and a first search
  base                the cluster and the monitoring stack only
  images              build the operator's and the server's images, load them, restart what runs them
  status              where everything is, and what is firing
  down                take it down again; nothing is left but the cache
  exec -- COMMAND     run a command in the cluster's network, with KUBECONFIG, kubectl, helm, promtool and amtool
  kubeconfig          print the path of the kubeconfig
  tools               build what is missing, and print the folder with kubectl, helm, promtool and amtool
  clean-cache         remove the tools that are kept between clusters

environment: CLUSTER=local|kind|current (default local), ICELOCATOR_CACHE, PROFILE=quick|release,
  for kind KIND_NAME, for current CONTEXT, REGISTRY, YES=1, and
  CLUSTER_DIR (default target/cluster, target/cluster-kind-<KIND_NAME> or target/cluster-current-<CONTEXT>)
END
}

# In the network of the node, with its names. This machine's files, processes and mounts are as outside.
in_network() {
  local pid
  pid=$(node_pid) || die "the cluster of $CLUSTER_DIR is not running" "Start it: $(make_line up)"
  read -r _ NODE_IP <"$CLUSTER_DIR/link"
  export KUBECONFIG=$KUBECONFIG_FILE ICELOCATOR_NODE_IP=$NODE_IP PATH=$BIN:$PATH
  # shellcheck disable=SC2016 # for the inner shell
  nsenter --net="/proc/$pid/ns/net" -- unshare --mount -- \
    sh -c 'mount --no-mtab --bind "$1" "$(realpath /etc/resolv.conf)" 2>/dev/null; shift; exec "$@"' in-network "$CLUSTER_DIR/resolv.conf" "$@"
}

interrupted() {
  trap - INT TERM
  echo
  echo "Interrupted. The same command goes on from here; $(make_line down) removes what is there."
  exit 130
}

base_local() {
  step "tools of this machine"
  ensure_host_commands
  step "tools of the cluster (kept in $CACHE)"
  ensure_tools
  step "Kubernetes $KUBERNETES_VERSION"
  node_up
  step "images of the monitoring stack"
  logged pause-image provide_image "pause:$PAUSE_VERSION" "$BIN/pause"
  logged stack-images provide_stack_images
  step "DNS, metrics, Prometheus, Alertmanager, collector"
  node_ready
  stack_base
  stack_crds
  stack_monitoring
}

product() {
  step "IceLocator's images (profile ${PROFILE:-quick})"
  images
  step "the monitoring stack is ready"
  if [ "$CLUSTER" = local ]; then base_ready; fi
  stack_ready
  step "the chart"
  product_installed
  step "the sample, manifests/samples/demo.yaml"
  sample_applied
  step "a search through MCP"
  search_answered
  step "scraped by Prometheus, heard by Alertmanager"
  monitored
  report
}

images() {
  logged cargo-build build_programs
  logged product-images provide_product_images
}

up() {
  trap interrupted INT TERM
  lock_cluster
  case $CLUSTER in
    local) STEPS=11 && base_local ;;
    kind) STEPS=10 && base_kind ;;
    current) STEPS=10 && base_current ;;
  esac
  product
}

base() {
  trap interrupted INT TERM
  lock_cluster
  STEPS=6
  [ "$CLUSTER" = local ] || die "'base' is for CLUSTER=local"
  base_local
  step "all of it is ready"
  base_ready
  stack_ready
  report
}

down() {
  lock_cluster
  case $CLUSTER in
    local)
      node_down
      echo "Nothing is left of the cluster of $CLUSTER_DIR. Its tools are kept in $CACHE (make clean-cache removes them)."
      ;;
    kind | current) down_elsewhere ;;
  esac
}

case $CLUSTER in
  local) REGISTRY=localhost ;;
  kind) REGISTRY=localhost ;;
  current) REGISTRY=${REGISTRY:-} ;;
  *) die "CLUSTER=$CLUSTER is not known" "It is local, kind or current." ;;
esac

command=${1:-}
if [ $# -gt 0 ]; then shift; fi
case $command in
  up | base | down) "$command" ;;
  images)
    lock_cluster
    images
    if [ -s "$CHANGED" ] && exists icelocator-system deployment/icelocator-operator >/dev/null 2>&1; then
      logged restart restart_changed
      rm -f "$CHANGED"
    fi
    ;;
  status)
    check_folder
    if [ "$CLUSTER" = local ]; then node_pid >/dev/null || die "the cluster of $CLUSTER_DIR is not running" "Start it: $(make_line up)"; else use_context; fi
    report
    ;;
  exec)
    check_folder
    if [ "${1:-}" = -- ]; then shift; fi
    [ $# -gt 0 ] || die "exec needs a command" "tests/cluster/cluster.sh exec -- kubectl get pods -A"
    [ "$CLUSTER" = local ] || die "'exec' is for CLUSTER=local"
    in_network "$@"
    ;;
  kubeconfig)
    check_folder
    echo "$KUBECONFIG_FILE"
    ;;
  tools)
    ensure_go_tools >&2
    echo "$BIN"
    ;;
  clean-cache) clean_cache ;;
  -h | --help | help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
