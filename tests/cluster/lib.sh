# shellcheck shell=bash
# Shared by the scripts of this folder: where things are, and how progress and failure are told.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)

# Which cluster: local (a real node of our own), kind (the one named by KIND_NAME), or current (the context named by CONTEXT).
CLUSTER=${CLUSTER:-local}
KIND_NAME=${KIND_NAME:-icelocator}
CONTEXT=${CONTEXT:-}
case $CLUSTER in
  kind) WHICH="CLUSTER=kind KIND_NAME=$KIND_NAME" DEFAULT_DIR=cluster-kind-$KIND_NAME ;;
  current) WHICH="CLUSTER=current CONTEXT=$CONTEXT" DEFAULT_DIR=cluster-current-$CONTEXT ;;
  *) WHICH="CLUSTER=$CLUSTER" DEFAULT_DIR=cluster ;;
esac
# Contexts may have names that a file cannot have.
DEFAULT_DIR=$(realpath -m "$ROOT/target/${DEFAULT_DIR//[^A-Za-z0-9._-]/_}")

# All that is written for a cluster is in this folder. Two folders are two clusters, side by side.
CLUSTER_DIR=$(cd "$ROOT" && realpath -m "${CLUSTER_DIR:-$DEFAULT_DIR}")
CLUSTER_ID=$(printf %s "$CLUSTER_DIR" | sha256sum | cut -c1-8)
# What is built once and kept: tools, and the Go modules they are built from.
CACHE=${ICELOCATOR_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/icelocator}

# Says that the whole cache is ours to remove: ICELOCATOR_CACHE may name any folder.
CACHE_MARKER=$CACHE/.icelocator-cache

LOGS=$CLUSTER_DIR/logs
# Says that the folder is ours to remove, and in it which cluster it is for.
MARKER=$CLUSTER_DIR/.icelocator-cluster

STEP=0
STEPS=0

elapsed() { printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60)); }

# One numbered line for each step of a long command.
step() {
  STEP=$((STEP + 1))
  printf '[%d/%d] %s  %s\n' "$STEP" "$STEPS" "$(elapsed)" "$*"
}

# A line of detail below the step.
note() { printf '        %s  %s\n' "$(elapsed)" "$*"; }

# die MESSAGE [WHAT TO DO]: ends the command.
die() {
  printf 'error: %s\n' "$1" >&2
  if [ $# -gt 1 ]; then printf '       %s\n' "${@:2}" >&2; fi
  exit 1
}

# make_line TARGET: what to type for the cluster at hand.
make_line() {
  local line="make $1"
  if [ "$CLUSTER" != local ]; then line+=" $WHICH"; fi
  if [ "$CLUSTER_DIR" != "$DEFAULT_DIR" ]; then line+=" CLUSTER_DIR=$CLUSTER_DIR"; fi
  echo "$line"
}

# Ends the command when the folder is another cluster's, or holds what is not ours. An empty marker records nothing: its
# writing was cut short.
check_folder() {
  local recorded
  if [ "$CLUSTER" = current ] && [ -z "$CONTEXT" ]; then
    die "CLUSTER=current needs the name of a context" "kubectl config get-contexts lists them." "For example: make up CLUSTER=current CONTEXT=... REGISTRY=..."
  fi
  if [ -s "$MARKER" ]; then
    recorded=$(cat "$MARKER")
    [ "$recorded" = "$WHICH" ] || die "the folder $CLUSTER_DIR is for $recorded, and this command is for $WHICH" \
      "Name that cluster, or another folder: CLUSTER_DIR=..."
  elif [ ! -e "$MARKER" ] && ! is_empty "$CLUSTER_DIR"; then
    die "the folder $CLUSTER_DIR is not a cluster's, and not empty" "Name another (CLUSTER_DIR=...), or remove it when nothing in it is needed."
  fi
}

# The cluster's folder is made here and nowhere else, so that it has its marker from the start.
make_folder() {
  check_folder
  mkdir -p "$CLUSTER_DIR"
  if [ ! -s "$MARKER" ]; then echo "$WHICH" >"$MARKER"; fi
  mkdir -p "$LOGS"
}

# The marker last: a removal that was broken off can then be gone on with.
remove_folder() {
  if [ ! -e "$CLUSTER_DIR" ]; then return; fi
  find "$CLUSTER_DIR" -mindepth 1 -maxdepth 1 ! -name "${MARKER##*/}" -exec rm -rf {} + && rm -rf "$CLUSTER_DIR"
}

# logged NAME COMMAND...: runs a command with its output in a file, which is shown when the command fails.
logged() {
  local name=$1 log=$LOGS/$1.log code
  shift
  make_folder
  # Not "if ! ...": in a condition, bash would run on after a failure in a function.
  set +e
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  code=$?
  set -e
  if [ $code -ne 0 ]; then
    printf 'error: %s failed. The end of %s:\n' "$name" "$log" >&2
    tail -n 25 "$log" | sed 's/^/  | /' >&2
    exit 1
  fi
}

# retry SECONDS COMMAND...: until it succeeds, or the time is over.
retry() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $deadline ]; then return 1; fi
    sleep 0.3
  done
}

is_empty() { [ -z "$(ls -A "$1" 2>/dev/null)" ]; }

# Only what is new, or empty, becomes ours.
make_cache() {
  if is_empty "$CACHE"; then
    mkdir -p "$CACHE"
    touch "$CACHE_MARKER"
  fi
  mkdir -p "$CACHE/locks"
}

# Only one command changes a cluster at a time. The lock is an open file, so it cannot be left behind; but what a broken-off
# command started may hold it for a moment more.
lock_cluster() {
  make_cache
  exec 8>"$CACHE/locks/$CLUSTER_ID"
  flock -w 10 8 || die "another command is at work on the cluster of $CLUSTER_DIR" "Wait for it to end, or end it, and try again."
  check_folder
}

# The version that the workspace states; images carry it as their tag.
workspace_version() {
  sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml"
}
