#!/usr/bin/env bash
# search.sh URL [FIRST LAST BIRTHDAY COUNTRY]: one search through MCP, with nothing but curl. The default person is one
# of the simulator's; all of its people are invented.
set -euo pipefail

url=$1
first=${2:-José}
last=${3:-Muestra García}
birthday=${4:-1985-01-02}
country=${5:-Honduras}
protocol=2025-11-25
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT

# post JSON [HEADER...]: the answer's message, whether it comes as JSON or as a stream of events.
post() {
  local body=$1 header arguments=()
  shift
  for header in "$@"; do arguments+=(--header "$header"); done
  curl --silent --show-error --fail-with-body --max-time 30 --dump-header "$headers" "$url" --data "$body" \
    --header 'Content-Type: application/json' --header 'Accept: application/json, text/event-stream' "${arguments[@]}" |
    sed -n 's/^data: *//; /^{/p'
}

post "$(jq -cn --arg protocol $protocol '{jsonrpc: "2.0", id: 1, method: "initialize",
  params: {protocolVersion: $protocol, capabilities: {}, clientInfo: {name: "cluster-search", version: "1"}}}')" >/dev/null
session=$(sed -n 's/^mcp-session-id: *\([^[:space:]]*\).*/\1/Ip' "$headers")
more=("MCP-Protocol-Version: $protocol")
if [ -n "$session" ]; then more+=("Mcp-Session-Id: $session"); fi
post '{"jsonrpc": "2.0", "method": "notifications/initialized"}' "${more[@]}" >/dev/null
answer=$(post "$(jq -cn --arg first "$first" --arg last "$last" --arg birthday "$birthday" --arg country "$country" '{
  jsonrpc: "2.0", id: 2, method: "tools/call", params: {name: "search_detainee_by_name", arguments:
    {first_name: $first, last_name: $last, date_of_birth: $birthday, country_of_birth: $country}}}')" "${more[@]}")
jq -e 'if .error or .result.isError then halt_error else .result.structuredContent // .result end' <<<"$answer"
