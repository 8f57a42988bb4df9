# shellcheck shell=bash
# Clusters that are not ours: kind, and the one of the user's current kubeconfig. What was installed is written down, so
# that "down" removes that and nothing else.

INSTALLED=$CLUSTER_DIR/installed

installed() { grep -qxF "$1" "$INSTALLED" 2>/dev/null; }
record() { installed "$1" || echo "$1" >>"$INSTALLED"; }
# Whether Prometheus, Alertmanager and the collector in namespace monitoring are those of stack/.
own_monitoring() { [ "$CLUSTER" = local ] || installed monitoring; }
has_crd() { kubectl get "crd/$1" >/dev/null 2>&1; }

server_in() { command "$BIN/kubectl" --kubeconfig "$1" config view -o jsonpath='{.clusters[0].cluster.server}'; }

# The context is copied: what is done here is done to that cluster, whatever the user switches to meanwhile. Another
# kubeconfig may have a context of the same name, for another cluster.
use_context() {
  [ "$CLUSTER" = current ] || return 0
  local copy=$KUBECONFIG_FILE.new
  make_folder
  (umask 077 && command "$BIN/kubectl" config view --raw --minify --flatten --context "$CONTEXT" >"$copy") ||
    die "there is no context $CONTEXT in your kubeconfig"
  if [ -e "$KUBECONFIG_FILE" ] && [ "$(server_in "$copy")" != "$(server_in "$KUBECONFIG_FILE")" ]; then
    die "the context $CONTEXT is now at $(server_in "$copy"), and $CLUSTER_DIR is for $(server_in "$KUBECONFIG_FILE")" \
      "Take down what is installed there ($(make_line down)), or name another folder: CLUSTER_DIR=..."
  fi
  mv "$copy" "$KUBECONFIG_FILE"
}

need() { command -v "$1" >/dev/null || die "CLUSTER=$CLUSTER needs $1, which is not installed" "$2"; }

base_kind() {
  step "tools"
  need docker "Install Docker, or use CLUSTER=local."
  need kind "Install it (https://kind.sigs.k8s.io), or use CLUSTER=local."
  docker info >/dev/null 2>&1 || die "Docker does not answer" "Start it, or use CLUSTER=local."
  ensure_host_commands
  ensure_go_tools
  make_folder
  step "kind cluster $KIND_NAME"
  if ! kind get clusters 2>/dev/null | grep -qxF "$KIND_NAME"; then
    record kind-cluster
    logged kind-create kind create cluster --name "$KIND_NAME" --kubeconfig "$KUBECONFIG_FILE" --wait 120s
  fi
  logged kind-kubeconfig kind export kubeconfig --name "$KIND_NAME" --kubeconfig "$KUBECONFIG_FILE"
  step "images of the monitoring stack"
  logged stack-images provide_stack_images
  step "metrics, Prometheus, Alertmanager, collector"
  record metrics-server
  logged apply-metrics-server apply_stack metrics-server.yaml
  install_monitoring
}

# What is already in the cluster is left as it is.
install_monitoring() {
  if installed monitoring || ! has_crd prometheuses.monitoring.coreos.com; then
    record monitoring
    stack_crds
    stack_monitoring
  else
    note "the Prometheus operator is already there; it is used as it is, and no collector is installed"
  fi
}

base_current() {
  step "tools"
  need skopeo "Install it; it pushes the images."
  ensure_host_commands
  ensure_go_tools
  step "the plan"
  use_context
  [ -n "$REGISTRY" ] || die "CLUSTER=current needs REGISTRY, where the cluster can pull images from" "For example: REGISTRY=registry.example.org/icelocator"
  local release monitoring="install the Prometheus operator, a Prometheus, an Alertmanager and a collector in namespace monitoring"
  if ! installed monitoring && has_crd prometheuses.monitoring.coreos.com; then
    monitoring="leave the Prometheus operator that is there, and install no other, and no collector: the chart's
            otlp.endpoint stays unset, and what the sample sends to otel-collector.monitoring arrives only if you have that"
  fi
  release=$(helm list --kubeconfig "$KUBECONFIG_FILE" -n icelocator-system -q)
  if [ "$release" = icelocator ] && ! installed chart; then
    die "IceLocator is already installed in this cluster" "It is left as it is. To upgrade it: helm upgrade icelocator charts/icelocator-operator"
  fi
  cat <<END
        In the cluster of context $CONTEXT, $(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}'):
          - push images to $REGISTRY
          - $monitoring
          - install the chart as release icelocator in namespace icelocator-system
          - apply the sample IceLocator demo in namespace default
END
  confirm "Go on?"
  step "images of the monitoring stack"
  if installed monitoring || ! has_crd prometheuses.monitoring.coreos.com; then logged stack-images provide_monitoring_images; fi
  step "monitoring"
  install_monitoring
}

confirm() {
  local answer
  if [ "${YES:-}" = 1 ]; then return; fi
  [ -t 0 ] || die "this needs an answer, and there is no terminal to ask on" "Set YES=1 to agree beforehand."
  read -r -p "        $1 [y/N] " answer
  case $answer in y | Y | yes) ;; *) die "nothing was changed" ;; esac
}

# forwarded_search: the sample's Service by way of the API server.
forwarded_search() {
  local log=$LOGS/port-forward.log forward port
  # The program itself: of a function, $! would be the shell around it, and the program would outlive it.
  "$BIN/kubectl" --kubeconfig "$KUBECONFIG_FILE" port-forward -n default service/demo :8080 >"$log" 2>&1 &
  forward=$!
  if retry 15 grep -q '^Forwarding from 127' "$log"; then
    port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\).*/\1/p' "$log")
    "$HERE/search.sh" "http://127.0.0.1:$port/mcp" || port=""
  else
    port=""
  fi
  kill "$forward" 2>/dev/null || true
  [ -n "$port" ] || die "the search was not answered" "See $log"
}

# Removes what was installed, the last first.
down_elsewhere() {
  ensure_go_tools
  if installed kind-cluster; then
    kind delete cluster --name "$KIND_NAME"
  elif [ -s "$INSTALLED" ]; then
    if installed sample; then kubectl delete -n default --ignore-not-found -f "$ROOT/manifests/samples/demo.yaml"; fi
    if installed chart; then helm uninstall icelocator --kubeconfig "$KUBECONFIG_FILE" -n icelocator-system --ignore-not-found --wait; fi
    if installed crd; then kubectl delete --ignore-not-found crd/icelocators.icelocator.dev; fi
    if installed namespace; then kubectl delete --ignore-not-found namespace/icelocator-system; fi
    if installed monitoring; then
      local manifest
      for manifest in collector monitoring prometheus-operator; do render $manifest.yaml | kubectl delete --ignore-not-found -f -; done
      kubectl delete --ignore-not-found -f "$CRDS"
    fi
    if installed metrics-server; then render metrics-server.yaml | kubectl delete --ignore-not-found -f -; fi
  fi
  remove_folder
  echo "What was installed is removed. Images that were pushed to a registry stay there."
}
