#!/bin/sh
# check_hardening.sh: gather has what makes mistakes in memory harder to use: it is loaded at a random
# address (PIE), its tables of addresses are read-only once it runs (RELRO, BIND_NOW), no memory that
# is written is run, frames have guards, and the C library checks sizes where they are known.

set -eu

: "${GATHER:?the program to check}"
export LC_ALL=C
bad=0

# has WHAT PATTERN: a line of standard input has it.
has() {
	if ! grep -Eq "$2"; then
		echo "check-hardening: $GATHER: no $1" >&2
		bad=1
	fi
}

readelf -h "$GATHER" >"${tmp:=$(mktemp)}"
trap 'rm -f "$tmp"' EXIT
has 'PIE' 'Type: +DYN' <"$tmp"
readelf -lW "$GATHER" >"$tmp"
has 'RELRO' 'GNU_RELRO' <"$tmp"
has 'stack that is not run' 'GNU_STACK .* RW +0x' <"$tmp"
readelf -dW "$GATHER" >"$tmp"
has 'BIND_NOW' 'BIND_NOW|FLAGS_1.*NOW' <"$tmp"
readelf -sW "$GATHER" >"$tmp"
has 'guards of frames' '__stack_chk_fail' <"$tmp"
has 'checks of sizes' '__(memcpy|snprintf|vsnprintf|fprintf)_chk' <"$tmp"
[ "$bad" -eq 0 ] && echo "check-hardening: PIE, RELRO, BIND_NOW, no stack that is run, guards, sizes"
exit "$bad"
