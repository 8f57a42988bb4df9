#!/usr/bin/env bash
# Checks, with the cluster up, that "up" may be interrupted and repeated: it is run again, sent SIGINT midway as Ctrl-C
# does, and must end with 130; then it is run once more, and must succeed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=tests/cluster/lib.sh
. tests/cluster/lib.sh

output=$(mktemp)
# In a group of its own, so that the signal reaches all that "up" starts and nothing else. bash has background commands
# ignore SIGINT, and a script cannot trap what it was started to ignore; env undoes that.
env --default-signal=INT setsid tests/cluster/cluster.sh up >"$output" 2>&1 &
group=$!

finish() {
  if [ -n "$group" ]; then kill -KILL -- "-$group" 2>/dev/null || true; fi
  rm -f "$output"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
  cat "$output"
  die "$1"
}

# While Helm is at work there is the most to leave half done.
at_the_chart() { grep -q '  the chart$' "$output"; }
ended() { ! kill -0 "$group"; }

retry 120 at_the_chart || fail "'up' did not come to the chart"
kill -INT -- "-$group" || fail "'up' ended before it could be interrupted"
retry 60 ended || fail "'up' did not end when it was interrupted"
code=0
wait "$group" || code=$?
group=
[ $code = 130 ] || fail "'up' ended with $code when it was interrupted, not with 130"
cat "$output"

tests/cluster/cluster.sh up
