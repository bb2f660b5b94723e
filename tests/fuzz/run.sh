#!/bin/sh
# run.sh JOBS TARGET...: lets each target look for inputs that break it, for $FUZZ_TIME seconds, so
# many at once. In build/fuzz/, corpus/TARGET keeps the inputs that led somewhere new, for the next
# time too, log/TARGET what libFuzzer said, and found/ the inputs that broke something.

set -u

cd "${0%/*}/../.." || exit
top=build/fuzz
# All of them run side by side.
export ASAN_OPTIONS="quarantine_size_mb=32${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

# The last number that libFuzzer has given of something.
last() {
	sed -n "s/.*$1: *\([0-9]*\).*/\1/p" "$top/log/$2" | tail -n 1
}

run_one() {
	mkdir -p "$top/corpus/$1" "$top/log" "$top/found"
	dict=tests/fuzz/$1.dict
	if [ "$1" = options ]; then
		dict=$top/options.dict
		"$top/gather" --help all | grep -oE -e '--[a-z0-9.-]+' | sed 's/.*/"&"/' >"$dict"
	fi
	[ -e "$dict" ] || dict=
	"$top/fuzz/$1" -max_total_time="$FUZZ_TIME" -timeout=20 -rss_limit_mb=2048 -max_len=4096 \
		-print_final_stats=1 ${dict:+"-dict=$dict"} -artifact_prefix="$top/found/$1-" \
		"$top/corpus/$1" "tests/fuzz/corpus/$1" >"$top/log/$1" 2>&1
	status=$?
	if [ "$status" -eq 0 ]; then
		printf '%-12s ok: %s runs, %s a second, %s edges, %s inputs, %s MB\n' "$1" \
			"$(last number_of_executed_units "$1")" "$(last average_exec_per_sec "$1")" \
			"$(last cov "$1")" "$(find "$top/corpus/$1" -type f | wc -l)" \
			"$(last peak_rss_mb "$1")"
		return
	fi
	input=$(sed -n "s|.*Test unit written to ||p" "$top/log/$1" | tail -n 1)
	grep -E 'not so:|ERROR:|runtime error:|SUMMARY:' "$top/log/$1" | head -n 5
	printf '%-12s FAILED: %s\n' "$1" "${input:-no input was kept: see $top/log/$1}"
	[ -z "$input" ] || echo "             again: $top/fuzz/$1 $input"
	return 1
}

if [ "$1" = --one ]; then
	run_one "$2"
	exit
fi
jobs=$1
shift
printf '%s\n' "$@" | xargs -n 1 -P "$jobs" "$0" --one || exit 1
