#!/bin/sh
# Runs urls.example.txt three ways against the practice origin, on this machine, and compares the
# times. Needs no network. GATHER names another binary.

set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
gather=${GATHER:-$root/build/release/gather}
case $gather in
	/*) ;;
	*/*) gather=$PWD/$gather ;;
esac
if ! command -v "$gather" >/dev/null; then
	echo "demo: $gather is not there; run make first" >&2
	exit 1
fi
cd "$root"
list=urls.example.txt

# The list's names must lead to the origin, not to a proxy.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

tmp=$(mktemp -d)
origin=
cleanup() {
	exec 3>&-
	if [ -n "$origin" ]; then
		kill "$origin" 2>/dev/null || :
		wait "$origin" 2>/dev/null || :
	fi
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The origin ends when its standard input does: even if this script is killed, nothing stays behind.
mkfifo "$tmp/life" "$tmp/addresses"
"${PYTHON:-python3}" tests/origin --die-with-parent --san-from "$list" \
	<"$tmp/life" >"$tmp/addresses" &
origin=$!
exec 3>"$tmp/life"
if ! read -r addresses <"$tmp/addresses"; then
	echo "demo: the practice origin did not start" >&2
	exit 1
fi
port_of() {
	printf '%s\n' "$addresses" | sed "s/.*\"$1\": {[^}]*\"port\": \([0-9]*\).*/\1/"
}
port=$(port_of http)
tls_port=$(port_of https)
cacert=$(printf '%s\n' "$addresses" | sed 's/.*"cacert": "\([^"]*\)".*/\1/')

cat <<END
gather: one list, three ways
============================
$(grep -c '^http' "$list") URLs in $list, all answered by a practice server on this
machine: nothing leaves it. The names lead there because each run also has

    --cacert CA --connect-to :443:127.0.0.1:$tls_port --connect-to :80:127.0.0.1:$port
END

failed=0
# run NAME HOW OPTION...: runs the list, and adds "NAME HOW MILLISECONDS" to the times.
run() {
	name=$1 how=$2
	shift 2
	printf '\n\n%s: gather -i %s %s\n\n' "$how" "$list" "$*"
	start=$(date +%s%N)
	"$gather" -i "$list" "$@" --cacert "$cacert" \
		--connect-to ":443:127.0.0.1:$tls_port" --connect-to ":80:127.0.0.1:$port" || failed=$?
	end=$(date +%s%N)
	printf '%s|%s|%s\n' "$name" "$*" $(((end - start) / 1000000)) >>"$tmp/times"
}
run 'one after another' 'One after another' --sequential
run 'all at once' 'All at once' -c 100
run 'ten at a time' 'Ten at a time, each ten gathered before the next' --chunk 10

printf '\n\n'
awk -F'|' '
	NR == 1 { first = $3; printf "%-20s  %-14s  %8s  %9s\n", "", "", "wall", "speed-up" }
	{ printf "%-20s  %-14s  %6.2f s  %8.1fx\n", $1, $2, $3 / 1000, first / ($3 > 0 ? $3 : 1) }
' "$tmp/times"
cat <<END

All of this happened on this machine. The list is of real pages; to fetch them
from where they are:

    ${gather#"$root/"} -i $list
END

if [ "$failed" -ne 0 ]; then
	echo "demo: gather ended with $failed" >&2
	exit 1
fi
