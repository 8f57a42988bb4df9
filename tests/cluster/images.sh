# shellcheck shell=bash
# Container images, without a registry and without a container engine: each is one layer with a static program in it.

CHANGED=$CLUSTER_DIR/images/changed

# oci_archive FILE NAME:TAG PROGRAM ENTRY [PATH=SOURCE...]: an OCI archive whose entrypoint is the program, at the path
# ENTRY, with more files where asked for. It runs as a user without rights. The same input gives the same bytes.
oci_archive() {
  local file=$1 image=$2 program=$3 entry=$4 work root extra path layer config manifest
  shift 4
  work=$(mktemp -d "$CLUSTER_DIR/image.XXXXXX")
  root=$work/root
  mkdir -p "$root/etc" "$root/tmp" "$root${entry%/*}" "$work/oci/blobs/sha256"
  chmod 1777 "$root/tmp"
  install -m 755 "$program" "$root$entry"
  printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
  for extra in "$@"; do
    path=$root${extra%%=*}
    mkdir -p "${path%/*}"
    install -m 644 "${extra#*=}" "$path"
  done

  layer=$(tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - . | add_blob)
  config=$(jq -n -c --arg entry "$entry" --arg layer "$layer" --arg arch "$(image_architecture)" '{
    architecture: $arch, os: "linux",
    config: {User: "65532:65532", Entrypoint: [$entry], WorkingDir: "/", Env: ["PATH=/", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"]},
    rootfs: {type: "layers", diff_ids: ["sha256:" + $layer]}}' | add_blob)
  manifest=$(jq -n -c --arg config "$config" --arg layer "$layer" \
    --argjson config_size "$(blob_size "$config")" --argjson layer_size "$(blob_size "$layer")" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: ("sha256:" + $config), size: $config_size},
    layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: ("sha256:" + $layer), size: $layer_size}]}' | add_blob)
  jq -n -c --arg image "$image" --arg manifest "$manifest" --argjson size "$(blob_size "$manifest")" '{
    schemaVersion: 2, manifests: [{
      mediaType: "application/vnd.oci.image.manifest.v1+json", digest: ("sha256:" + $manifest), size: $size,
      annotations: {"io.containerd.image.name": $image, "org.opencontainers.image.ref.name": $image}}]}' >"$work/oci/index.json"
  echo '{"imageLayoutVersion": "1.0.0"}' >"$work/oci/oci-layout"
  tar -C "$work/oci" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$file" .
  rm -rf "$work"
}

# Stores its input as a blob of the image at hand ($work) and prints the digest.
add_blob() {
  local blobs=$work/oci/blobs/sha256 digest
  cat >"$blobs/new"
  digest=$(sha256sum "$blobs/new" | cut -d' ' -f1)
  mv "$blobs/new" "$blobs/$digest"
  echo "$digest"
}

blob_size() { stat -c %s "$work/oci/blobs/sha256/$1"; }

image_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# provide_image NAME:TAG PROGRAM [ENTRY [PATH=SOURCE...]]: has the cluster know the image. Does nothing when it already
# knows this very one; otherwise adds its name to the file CHANGED.
provide_image() {
  local image=$REGISTRY/$1 program=$2 entry=${3:-/bin/${2##*/}} archive key known
  shift $(($# < 3 ? $# : 3))
  known=$CLUSTER_DIR/images/${image//[\/:]/_}
  key=$( (sha256sum <"$program" && echo "$entry" "$@" && declare -f oci_archive) | sha256sum | cut -d' ' -f1)
  if [ "$(cat "$known" 2>/dev/null)" = "$key" ]; then return; fi
  mkdir -p "$CLUSTER_DIR/images"
  archive=$CLUSTER_DIR/images/archive.tar
  oci_archive "$archive" "$image" "$program" "$entry" "$@"
  deliver_image "$archive" "$image"
  rm -f "$archive"
  echo "$key" >"$known"
  echo "$image" >>"$CHANGED"
}

deliver_image() {
  case $CLUSTER in
    local) in_node ctr -n k8s.io images import --digests - <"$1" ;;
    kind) kind load image-archive "$1" --name "$KIND_NAME" ;;
    current) skopeo copy --quiet "oci-archive:$1" "docker://$2" ;;
  esac
}

provide_stack_images() {
  provide_image "coredns:$COREDNS_VERSION" "$BIN/coredns"
  provide_image "metrics-server:$METRICS_SERVER_VERSION" "$BIN/metrics-server"
  provide_monitoring_images
}

provide_monitoring_images() {
  provide_image "prometheus-operator:$PROMETHEUS_OPERATOR_VERSION" "$BIN/prometheus-operator"
  provide_image "prometheus-config-reloader:$PROMETHEUS_OPERATOR_VERSION" "$BIN/prometheus-config-reloader"
  provide_image "prometheus:$PROMETHEUS_VERSION" "$BIN/prometheus"
  provide_image "alertmanager:$ALERTMANAGER_VERSION" "$BIN/alertmanager"
  provide_image "otelcol:$OTELCOL_VERSION" "$BIN/otelcol"
}

# The operator and the server as static programs. PROFILE=release builds what is shipped, which takes three times as long.
TARGET=$(uname -m)-unknown-linux-gnu
# shellcheck disable=SC2153 # ROOT is in lib.sh
PROGRAMS=$ROOT/target/images/$TARGET/${PROFILE:-quick}

build_programs() {
  command -v cargo >/dev/null || PATH=$PATH:$HOME/.cargo/bin
  cd "$ROOT" || return
  RUSTFLAGS="-C target-feature=+crt-static" CARGO_TARGET_DIR=$ROOT/target/images \
    cargo build --locked --profile "${PROFILE:-quick}" --target "$TARGET" -p icelocator-operator -p icelocator-server --bins
}

# As a cluster holds the image, uncompressed. What is shipped is to have 30 MB; a little more is let pass, since not every
# machine brings as many root certificates. The quick build is less compact, so that it is only kept from growing.
if [ "${PROFILE:-quick}" = release ]; then IMAGE_LIMIT=30500000; else IMAGE_LIMIT=45000000; fi

provide_product_images() {
  local program version size roots=/etc/ssl/certs/ca-certificates.crt
  version=$(workspace_version)
  for program in icelocator-operator icelocator-server; do
    size=$(cat "$PROGRAMS/$program" $roots | wc -c)
    [ "$size" -le $IMAGE_LIMIT ] || die "the image $program would have $size bytes, and $IMAGE_LIMIT is the most that is promised"
    provide_image "$program:$version" "$PROGRAMS/$program" "/$program" "$roots=$roots"
  done
}
