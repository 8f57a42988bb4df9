#!/usr/bin/env bash
# check-host.sh snapshot FILE           writes down what a cluster could change on this machine
# check-host.sh compare FILE [up]       tells what is different now, and fails when anything is
#
# With "up", the one thing that a running cluster may add is left out of the comparison: its own link, ilc-*, with that
# link's address and route, its processes and its control groups. Firewall, other routes, ports, mounts and kernel settings
# must be as before even then. What others on this machine do meanwhile (their services, their mounts) shows as well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shellcheck source=tests/cluster/lib.sh
. tests/cluster/lib.sh

# Each line starts with the name of what it is about.
describe() {
  { iptables-save 2>/dev/null || true; } | sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//' -e 's/^/iptables: /'
  { ip6tables-save 2>/dev/null || true; } | sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//' -e 's/^/ip6tables: /'
  { nft list ruleset 2>/dev/null || true; } | sed 's/^/nft: /'
  # Without the numbers of interfaces and the lifetimes of addresses.
  ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/link: \1/'
  ip -o addr | sed -E 's/^[0-9]+: ([^ ]+) +(inet6?) ([^ ]+) .*/address: \1 \3/' | grep -v ' fe80:'
  ip route | sed -E 's/ +$//; s/^/route: /'
  ip rule | sed 's/^/rule: /'
  { ip netns list 2>/dev/null || true; } | sed 's/^/network namespace: /'
  # Ports that the kernel hands out to any program that asks are left out: a cluster's ports have fixed numbers.
  local first last
  read -r first last </proc/sys/net/ipv4/ip_local_port_range
  { ss -H -l -n -t -u 2>/dev/null || true; } | awk -v first="$first" -v last="$last" '{
    port = $5
    sub(/.*:/, "", port)
    if (port < first || port > last) print "listening: " $1, $5
  }'
  # Without options: some, such as a size, change by themselves.
  awk '{print "mount: " $2, $3}' /proc/self/mounts
  find /sys/fs/cgroup -maxdepth 2 -type d -name 'icelocator-*' | sed 's/^/control group: /'
  local setting
  for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
    kernel/keys/root_maxbytes net/ipv4/ip_forward net/ipv4/conf/all/route_localnet net/netfilter/nf_conntrack_max; do
    if [ -e "/proc/sys/$setting" ]; then echo "setting: $setting $(cat "/proc/sys/$setting")"; fi
  done
  local process
  for process in /proc/[0-9]*; do
    if tr '\0' '\n' 2>/dev/null <"$process/cmdline" | grep -qxF "$CLUSTER_DIR"; then echo "process of $CLUSTER_DIR: $(tr '\0' ' ' <"$process/cmdline")"; fi
  done
  local path
  for path in "$CLUSTER_DIR" /var/lib/kubelet /var/lib/containerd /var/lib/etcd /var/lib/cni /run/containerd /opt/containerd /etc/cni/net.d; do
    if [ -e "$path" ]; then echo "path: $path"; fi
  done
}

snapshot() { describe | sort -u; }

without_link() {
  grep -v -e '^link: ilc-' -e '^address: ilc-' -e '^route: 198\.18\.255\..* dev ilc-' -e '^process of ' -e '^control group: ' -e "^path: $CLUSTER_DIR\$"
}

case ${1:-} in
  snapshot) snapshot >"${2:?the file to write}" ;;
  compare)
    before=${2:?the file to compare with}
    filter="cat"
    if [ "${3:-}" = up ]; then filter=without_link; fi
    # A port that somebody has closed meanwhile is not our doing.
    difference=$({ diff -U0 <($filter <"$before") <(snapshot | $filter) || true; } | sed -n '3,$ { /^-listening/d; /^[-+]/p }')
    if [ -z "$difference" ]; then
      echo "This machine is as it was."
    else
      echo "This machine is not as it was (- before, + now):" >&2
      echo "$difference" >&2
      exit 1
    fi
    ;;
  *)
    sed -n '2,3s/^# //p' "$0" >&2
    exit 2
    ;;
esac
