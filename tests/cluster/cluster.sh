#!/usr/bin/env bash
# cluster.sh: the cluster that IceLocator runs on for a demonstration, for development, and for its whole-system tests.
set -euo pipefail

# shellcheck source=tests/cluster/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/cluster/tools.sh
. "$HERE/tools.sh"
. "$HERE/node.sh"
ensure_host_commands; ensure_go_tools; ensure_runtime; node_up; node_ready; kubectl get node -o wide
