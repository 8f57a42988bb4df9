# shellcheck shell=bash
# What runs in the cluster: DNS and metrics of the node, the monitoring stack, the chart, the sample, and a first search.

# render FILE: a manifest of stack/ with versions and the registry filled in.
render() {
  local kubelet_tls=--kubelet-certificate-authority=/etc/cluster/ca.crt
  if [ "$CLUSTER" != local ]; then kubelet_tls=--kubelet-insecure-tls; fi
  sed -e "s|@REGISTRY@|$REGISTRY|g" -e "s|@DNS_IP@|$DNS_IP|g" -e "s|@KUBELET_TLS@|$kubelet_tls|g" \
    -e "s|@COREDNS@|$COREDNS_VERSION|g" -e "s|@METRICS_SERVER@|$METRICS_SERVER_VERSION|g" \
    -e "s|@PROMETHEUS_OPERATOR@|$PROMETHEUS_OPERATOR_VERSION|g" -e "s|@PROMETHEUS@|$PROMETHEUS_VERSION|g" \
    -e "s|@ALERTMANAGER@|$ALERTMANAGER_VERSION|g" -e "s|@OTELCOL@|$OTELCOL_VERSION|g" "$HERE/stack/$1"
}

apply() { kubectl apply --server-side --force-conflicts "$@"; }
apply_stack() { render "$1" | apply -f -; }

# Tells what the cluster looks like, for someone who has to find out why something is not ready.
explain() {
  {
    echo
    echo "pods:"
    kubectl get pods -A -o wide || true
    echo
    echo "warnings, the newest last:"
    kubectl get events -A --field-selector type=Warning --sort-by=.lastTimestamp | tail -n 15 || true
    local namespace pod
    kubectl get pods -A --no-headers | awk '{split($3, ready, "/"); if (ready[1] != ready[2]) print $1, $2}' | head -n 5 |
      while read -r namespace pod; do
        echo
        echo "log of $namespace/$pod:"
        kubectl logs -n "$namespace" "$pod" --all-containers --tail=6 || true
      done
  } 2>&1 | sed 's/^/  | /' >&2
}

# ready WHAT COMMAND...: runs a command that waits, and explains when the wait was in vain.
ready() {
  local what=$1 log=$LOGS/wait.log
  shift
  if ! "$@" >"$log" 2>&1; then
    printf 'error: %s is not ready: %s\n' "$what" "$(tail -n 1 "$log")" >&2
    explain
    exit 1
  fi
}

rolled_out() { ready "$2" kubectl rollout status -n "$1" "$2" --timeout=180s; }

stack_base() {
  if [ -s "$CHANGED" ]; then logged renew-pods renew_stack_pods; fi
  logged apply-base apply_stack dns.yaml
  logged apply-metrics-server apply_stack metrics-server.yaml
}

# Pods from before, of an image that has now changed under its tag, are made anew.
renew_stack_pods() {
  local stale
  stale=$(kubectl get pods -A -o json | jq -r --rawfile changed "$CHANGED" '.items[]
    | select(any(.spec.containers[], .spec.initContainers[]?; .image as $image | $changed | split("\n") | index($image)))
    | select(.metadata.labels["app.kubernetes.io/part-of"] != "icelocator")
    | "\(.metadata.namespace) \(.metadata.name)"')
  local namespace pod
  while read -r namespace pod; do
    if [ -n "$pod" ]; then kubectl delete pod -n "$namespace" "$pod" --wait=false; fi
  done <<<"$stale"
  { grep -F /icelocator- "$CHANGED" || true; } >"$CHANGED.rest"
  mv "$CHANGED.rest" "$CHANGED"
}

stack_crds() {
  logged apply-crds apply -f "$CRDS"
  ready "the Prometheus operator's API" kubectl wait --for=condition=Established --timeout=60s \
    crd/prometheuses.monitoring.coreos.com crd/alertmanagers.monitoring.coreos.com crd/servicemonitors.monitoring.coreos.com \
    crd/prometheusrules.monitoring.coreos.com crd/alertmanagerconfigs.monitoring.coreos.com
}

stack_monitoring() {
  logged apply-prometheus-operator apply_stack prometheus-operator.yaml
  logged apply-monitoring apply_stack monitoring.yaml
  logged apply-collector apply_stack collector.yaml
}

exists() { kubectl get -n "$1" "$2"; }

stack_ready() {
  local name
  own_monitoring || return 0
  for name in prometheus-operator otel-collector; do rolled_out monitoring "deployment/$name"; done
  for name in alertmanager-main prometheus-main; do
    retry 60 exists monitoring "statefulset/$name" || { explain; die "the Prometheus operator does not make statefulset/$name"; }
    rolled_out monitoring "statefulset/$name"
  done
}

base_ready() {
  rolled_out kube-system deployment/coredns
  rolled_out kube-system deployment/metrics-server
}

# An image that changed under the same tag is not noticed by Helm, so its pods are told to start anew. What changed is in
# a file, so that an interrupt does not lose it.
restart_changed() {
  if grep -qF /icelocator-operator "$CHANGED"; then kubectl rollout restart -n icelocator-system deployment/icelocator-operator; fi
  if grep -qF /icelocator-server "$CHANGED"; then
    kubectl rollout restart -n default deployment -l app.kubernetes.io/part-of=icelocator,app.kubernetes.io/managed-by=icelocator-operator
  fi
}

install_chart() {
  local version otlp=()
  version=$(workspace_version)
  if own_monitoring; then otlp=(--set otlp.endpoint=http://otel-collector.monitoring.svc:4317); fi
  helm upgrade --install icelocator "$ROOT/charts/icelocator-operator" --kubeconfig "$KUBECONFIG_FILE" \
    --namespace icelocator-system --create-namespace \
    --set image.repository="$REGISTRY/icelocator-operator" --set image.tag="$version" \
    --set server.image.repository="$REGISTRY/icelocator-server" --set server.image.tag="$version" \
    "${otlp[@]}"
}

helm() { command "$BIN/helm" "$@"; }

product_installed() {
  local known=""
  if exists icelocator-system deployment/icelocator-operator >/dev/null 2>&1; then known=yes; fi
  if [ "$CLUSTER" != local ]; then
    has_crd icelocators.icelocator.dev || record crd
    kubectl get namespace icelocator-system >/dev/null 2>&1 || record namespace
    record chart
  fi
  logged helm-install install_chart
  if [ -n "$known" ] && [ -s "$CHANGED" ]; then logged restart restart_changed; fi
  rm -f "$CHANGED"
  rolled_out icelocator-system deployment/icelocator-operator
}

sample_applied() {
  if [ "$CLUSTER" != local ]; then record sample; fi
  logged apply-sample apply -n default -f "$ROOT/manifests/samples/demo.yaml"
  ready "IceLocator demo" kubectl wait -n default --for=condition=Ready icelocator/demo --timeout=180s
}

# ask_prometheus QUERY: the API server passes the request on, so this works from anywhere.
ask_prometheus() {
  kubectl get --raw "/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy/api/v1/query?query=$(jq -rn --arg query "$1" '$query | @uri')"
}

firing_alerts() {
  kubectl get --raw /api/v1/namespaces/monitoring/services/alertmanager-operated:9093/proxy/api/v2/alerts
}

scraped() {
  ask_prometheus 'up{namespace="default", job=~"demo.*"} == 1' | jq -e '.data.result | length > 0'
}

heard() { firing_alerts | jq -e 'any(.[]; .labels.alertname == "IceLocatorWatchdog")'; }

# A search through the Service, as an MCP client makes it, for one of the simulator's invented people.
search_answered() {
  local ip answer=$LOGS/search.log
  if [ "$CLUSTER" = local ]; then
    ip=$(kubectl get -n default service/demo -o jsonpath='{.spec.clusterIP}')
    in_network "$HERE/search.sh" "http://$ip:8080/mcp" >"$answer" 2>&1 || die "the search was not answered: $(tail -n 1 "$answer")" "See $answer"
  else
    forwarded_search >"$answer"
  fi
  jq -e '.outcome == "found"' "$answer" >/dev/null || die "the search did not find who is there" "See $answer"
  note "José Muestra García from Honduras: $(jq -r '"\(.summary) \(.people[0] | "\(.name), \(.status), \(.facility.name), \(.facility.phone)")"' "$answer")"
}

monitored() {
  if ! own_monitoring; then
    note "not asked: this cluster's own Prometheus and Alertmanager are not ours to find"
    return
  fi
  retry 90 scraped || die "Prometheus has no series of the demo's pods" "See kubectl get servicemonitor -A, and Prometheus' targets page."
  retry 90 heard || die "the demo's IceLocatorWatchdog alert is not at Alertmanager" "See kubectl get prometheusrule -A, and Prometheus' alerts page."
}

report() {
  echo
  if [ "$CLUSTER" = local ]; then
    local node
    read -r _ node <"$CLUSTER_DIR/link"
    cat <<END
The cluster runs.
  kubectl       export KUBECONFIG=$KUBECONFIG_FILE
                (this cluster's kubectl and helm: $BIN)
  inside        tests/cluster/cluster.sh exec -- COMMAND   (Services and pods can be reached, and have names)
  Prometheus    http://$node:30090   (its API: /api/v1/query?query=up; it has no pages here)
  Alertmanager  http://$node:30093
  traces        kubectl logs -n monitoring deployment/otel-collector
  logs          $LOGS
END
  else
    echo "The cluster runs. kubectl and helm: $BIN"
  fi
  echo
  kubectl get icelocators -A 2>/dev/null || echo "No IceLocators yet."
  echo
  echo "firing at Alertmanager:"
  { firing_alerts 2>/dev/null || echo '[]'; } | jq -r 'if length == 0 then "  (nothing)" else (.[] | "  \(.labels.alertname)  \(.labels.severity // "")  \(.labels.namespace // "")/\(.labels.icelocator // "")  \(.annotations.summary // "")") end' | sort -u
}
